"""The fields a network learned from photographs: what they look like, and how Gabor-like they are."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

# Which columns of fields.csv belong to which space.
PREFIXES = {
    "whitened": "",
    "image": "image_",
    "adjoint": "adjoint_",
    "reverse_correlated": "reverse_correlated_",
}


def _with_image_fields(context: Context) -> bool:
    return context.has_image_fields


def _drawn(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.plots import dictionary_mosaic

    if context.recording is not None:
        recorded = context.fields["image"]
        return Measured(
            figures={"image_fields": lambda: dictionary_mosaic(recorded, sort_by="frequency", title="Fields")}
        )

    def mosaic(space: str, title: str) -> Any:
        return lambda: dictionary_mosaic(context.fields[space], usage=context.usage, title=title)

    return Measured(
        figures={
            "dictionary": mosaic("whitened", "Fields on whitened patches"),
            "image_fields": mosaic("image", "Fields in the image"),
        }
    )


def gabor_metrics(fits: pd.DataFrame) -> dict[str, Any]:
    """Return how Gabor-like fields are, by the names of `summary.json`, from the table of `fit_gabors`."""
    likely = fits[fits["gabor_like"]]
    return gabor_likeness(fits) | {
        "nx_median": float(likely["nx"].median()),
        "ny_median": float(likely["ny"].median()),
    }


def gabor_likeness(fits: pd.DataFrame) -> dict[str, float]:
    """Return what holds in any space: the share of Gabor-like fields, and how well they are fitted."""
    return {
        "gabor_fraction": float(fits["gabor_like"].mean()),
        "gabor_r2_median": float(fits["r2"].median()),
    }


def fits_by_neuron(context: Context) -> pd.DataFrame:
    """Return the Gabor fits of all spaces, one row per neuron; columns of the image space begin with ``image_``."""
    tables = [table.add_prefix(PREFIXES[space]) for space, table in context.fits.items()]
    return pd.concat([table.reset_index(drop=True) for table in tables], axis=1)


def _fitted(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.plots import orientation_frequency

    if context.recording is not None:
        recorded = context.fits["image"]
        return Measured(
            metrics=gabor_likeness(recorded),
            columns=fits_by_neuron(context),
            figures={"orientation_frequency": lambda: orientation_frequency(recorded)},
        )
    whitened = context.fits["whitened"]
    return Measured(
        metrics=gabor_metrics(whitened),
        columns=fits_by_neuron(context),
        figures={"orientation_frequency": lambda: orientation_frequency(whitened, usage=context.usage)},
    )


def _gabor_like(run: RunFolder) -> Iterator[str]:
    """Say how many fields are Gabor-like."""
    if (share := run.number("gabor_fraction")) is None:
        return
    recorded = bool(run.section("recording"))
    text = f"Of the {'recorded' if recorded else 'learned'} fields, {share:.1%} are Gabor-like"
    if (r2 := run.number("gabor_r2_median")) is not None:
        text += f" (median R² of the fit {r2:.2f}{'' if recorded else ', on whitened patches'})"
    yield f"{text}."


DICTIONARY = Measure(
    name="dictionary",
    applies=_with_image_fields,
    compute=_drawn,
    figures={
        "dictionary": Caption(
            "Receptive fields as learned",
            "Rows of the dictionary, which live on whitened patches, in falling order of usage on held-out stimuli. "
            "Mid-grey is zero; each field has its own scale. A red frame marks a neuron that never responded. Of an "
            "autoencoder, all of whose neurons respond, usage is what the bound loses without the filter, and a red "
            "frame marks one that is not active. Weights on ON and OFF relays are shown as ON minus OFF, those on "
            "relays of several kinds added up.",
            "Grid of small grey images, one per neuron: the learned receptive fields on whitened patches.",
        ),
        "image_fields": Caption(
            "Receptive fields in the image",
            "The same neurons in the same order, in the image: computed from the weights, through the filter or the "
            "relays' filters, or mapped with noise where the text says so. This is the space the comparison with "
            "cortex is about. Fields of a recording are as its file has them, by rising spatial frequency.",
            "Grid of small grey images, one per neuron: the receptive fields in image space.",
        ),
    },
)

GABOR_FITS = Measure(
    name="gabor_fits",
    applies=_with_image_fields,
    compute=_fitted,
    metrics={
        "gabor_fraction": Metric(
            "fraction",
            "Share of the neurons whose field is Gabor-like: dictionary rows (whitened space), R² above .7, "
            "participation ratio of 6 or more, no parameter at its bound; of two eyes' fields, the stronger one; of a "
            "recording, the fields of its file. It "
            "does not show orientation or bars: a blob and a difference of Gaussians count too, with small n_x and "
            "n_y.",
        ),
        "gabor_r2_median": Metric(
            "fraction",
            "Median over neurons of R², the variance of a dictionary row that its fitted Gabor explains. A blob, a "
            "single pixel and a full grating are explained well too; gabor_fraction leaves the last two out.",
        ),
        "nx_median": Metric(
            "cycles",
            "Median n_x = σ_x·f of the Gabor-like dictionary rows (whitened space): envelope width across the bars in "
            "carrier cycles; nx_median_image is the one to set beside macaque.",
        ),
        "ny_median": Metric(
            "cycles",
            "Median n_y = σ_y·f of the Gabor-like dictionary rows (whitened space): envelope length along the bars in "
            "carrier cycles; ny_median_image is the one to set beside macaque.",
        ),
    },
    columns={
        "r2": "R² of the Gabor fit, on whitened patches",
        "frequency": "frequency, on whitened patches (cycles/pixel)",
        "sigma_x": "σ_x, across the bars, on whitened patches (pixels)",
        "sigma_y": "σ_y, along the bars, on whitened patches (pixels)",
        "nx": "n_x, on whitened patches (cycles)",
        "ny": "n_y, on whitened patches (cycles)",
        "image_nx": "n_x in image space (cycles)",
        "image_ny": "n_y in image space (cycles)",
    },
    figures={
        "orientation_frequency": Caption(
            "Orientation and spatial frequency",
            "Left, the Gabor-like fields, a network's on whitened patches, in the frequency plane: angle is the "
            "direction of the "
            "wave vector (clockwise, as rows of the image run downwards), radius the frequency; each field is drawn "
            "at its wave vector and at the opposite one, which are the same wave. Right, the two distributions.",
            "Polar scatter of orientation and frequency of the fitted fields, with a histogram of each.",
        ),
    },
    sentences=_gabor_like,
)

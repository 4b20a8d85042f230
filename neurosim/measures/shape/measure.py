"""How far the shape of a network's fields is from that of macaque simple cells, and for other bounds of the fit."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.measures.shape.sentences import sentences
from neurosim.measures.shape.words import FIGURES, METRICS, OTHERS, TABLES
from neurosim.recipes.run_sections import AnalysisSection
from neurosim.registry.measure import Measure, Measured

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from neurosim.analysis.v1.field_shape import NxNyComparison

_MAPPED, _COMPUTED = "Mapped with noise", "Computed from the weights"


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.v1.field_shape import compare_nx_ny

    fits, section = context.fits, context.recipe.analysis
    own = {
        space: compare_nx_ny(table, rng=rng, n_bootstrap=section.n_bootstrap) for space, table in fits.items()
    }
    sweep = _bound_sweep(context, own, rng=rng)
    return Measured(
        metrics=v1_metrics(fits, own, fields=context.fields),
        tables={"bound_sweep": sweep},
        figures=dict(_figures(fits, own, sweep=sweep, section=section)),
    )


def _bound_sweep(
    context: Context, own: "Mapping[str, NxNyComparison]", *, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the distance for every bound of the recipe's sweep and for the one it fixed, which is not made twice."""
    from neurosim.analysis.v1.field_shape import sweep_amplitude_bounds

    section = context.recipe.analysis
    rows = pd.DataFrame(
        [
            {"space": space, "amplitude_bound": section.amplitude_bound, **each.as_row()}
            for space, each in own.items()
        ]
    )
    others = [bound for bound in section.bound_sweep if bound != section.amplitude_bound]
    if others:
        swept = sweep_amplitude_bounds(
            context.fields, rng=rng, bounds=others, n_bootstrap=section.n_bootstrap, n_starts=section.n_starts
        )
        rows = pd.concat([rows, swept], ignore_index=True)
    return rows.sort_values(["space", "amplitude_bound"], ignore_index=True)


def v1_metrics(
    fits: Mapping[str, pd.DataFrame],
    own: Mapping[str, "NxNyComparison"],
    *,
    fields: Mapping[str, NDArray[np.float64]],
) -> dict[str, Any]:
    """Return the distance to cortex by the names of `summary.json`: the claim in image space, and beside it."""
    metrics = _in_the_image("image", fits=fits, own=own, fields=fields) | _beside_the_claim(own)
    for space in OTHERS:
        if space in own:
            found = _in_the_image(space, fits=fits, own=own, fields=fields)
            metrics |= {f"{name}_{space}": value for name, value in found.items()}
    return metrics


def _in_the_image(
    space: str,
    *,
    fits: Mapping[str, pd.DataFrame],
    own: Mapping[str, "NxNyComparison"],
    fields: Mapping[str, NDArray[np.float64]],
) -> dict[str, Any]:
    """Return what is told of fields in the image, by the names of the claim."""
    from neurosim.analysis.v1.left_out import fields_left_out

    compared = own[space]
    return {
        "v1_nxny_js_bits": compared.js_bits,
        "v1_nxny_js_bits_corrected": compared.js_bits_corrected,
        "v1_nxny_js_interval": list(compared.interval),
        "v1_nxny_floor_bits": compared.floor_bits,
        "v1_nxny_fields": compared.n_units,
        **{f"v1_nxny_left_out_{reason}": number for reason, number in fields_left_out(fits[space]).items()},
        "nx_median_image": compared.nx_median,
        "ny_median_image": compared.ny_median,
        "broadly_tuned_share": compared.broadly_tuned_share,
        "gabor_fraction_image": compared.n_units / compared.n_fields,
        **_bandwidths(fields[space]),
    }


def _bandwidths(fields: NDArray[np.float64]) -> dict[str, float]:
    """Return the medians of what spectra tell without a fit."""
    from neurosim.analysis.fields.fields import spectral_bandwidths

    found = spectral_bandwidths(fields)
    octaves = float(found["frequency_bandwidth_octaves"].median())
    degrees = float(found["orientation_half_bandwidth_degrees"].median())
    return {
        "bandwidth_octaves_image": octaves if np.isfinite(octaves) else np.nan,
        "half_bandwidth_deg_image": degrees if np.isfinite(degrees) else np.nan,
    }


def _beside_the_claim(own: Mapping[str, "NxNyComparison"]) -> dict[str, Any]:
    """Return the distance on whitened patches, which a recording does not have."""
    if "whitened" not in own:
        return {}
    whitened = own["whitened"]
    return {
        "v1_nxny_js_bits_whitened": whitened.js_bits,
        "v1_nxny_js_bits_corrected_whitened": whitened.js_bits_corrected,
        "v1_nxny_js_interval_whitened": list(whitened.interval),
    }


def _figures(
    fits: Mapping[str, pd.DataFrame],
    own: "Mapping[str, NxNyComparison]",
    *,
    sweep: pd.DataFrame,
    section: AnalysisSection,
) -> "Iterator[tuple[str, Callable[[], Figure]]]":
    from neurosim.analysis.plots import amplitude_bound_sweep, nx_ny_against_macaque

    # A space without a Gabor-like field has no distance, and nothing to draw.
    spaces = [space for space in ("image", *OTHERS, "whitened") if space in own and own[space].n_units > 0]
    titles = _titles(own)
    if spaces:
        shapes = {
            titles[space]: fits[space].loc[fits[space]["gabor_like"], ["nx", "ny"]].to_numpy(dtype=np.float64)
            for space in spaces
        }
        bits = {
            titles[space]: (own[space].js_bits, own[space].js_bits_corrected, *own[space].interval)
            for space in spaces
        }
        yield "nx_ny", lambda: nx_ny_against_macaque(shapes, divergences=bits)
    known = sweep.dropna(subset=["js_bits"]).replace({"space": titles})
    if len(known):
        yield "amplitude_bound", lambda: amplitude_bound_sweep(known, chosen_bound=section.amplitude_bound)


def _titles(spaces: Iterable[str]) -> dict[str, str]:
    """Return what figures call spaces: the fields in the image by how they were found, where that differs."""
    titles = {space: space for space in spaces}
    if "adjoint" in titles:
        titles |= {"image": _MAPPED, "adjoint": _COMPUTED}
    elif "reverse_correlated" in titles:
        titles |= {"image": _COMPUTED, "reverse_correlated": _MAPPED}
    return titles


V1 = Measure(
    name="v1",
    applies=lambda context: context.has_image_fields,
    compute=_measured,
    step=lambda context: "distance to macaque V1, bootstrap and bound sweep",
    metrics=METRICS,
    tables=TABLES,
    figures=FIGURES,
    sentences=sentences,
)

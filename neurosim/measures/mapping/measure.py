"""How well noise mapped the fields of a network, and what they look like beside those computed from its weights."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder


def _applies(context: Context) -> bool:
    return (
        context.has_image_fields and context.recording is None and context.recipe.analysis.fields != "adjoint"
    )


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    found = context.mapped
    assert found is not None
    r2 = found.halves_r2
    beside = context.fields.get("reverse_correlated")
    unsettled = {} if found.unsettled is None else {"reverse_correlation_unsettled_fraction": found.unsettled}
    return Measured(
        metrics={
            "reverse_correlation_frames": found.n_frames,
            "reverse_correlation_rms": found.rms,
            "reverse_correlation_silent_units": int(found.silent.sum()),
            "reverse_correlation_significant_share": float(found.significant.mean()),
            "reverse_correlation_halves_r2": float(np.nanmedian(r2)) if np.isfinite(r2).any() else np.nan,
            "v1_nxny_js_bits_half_the_frames": _half(context, found.halves[0], rng),
            **unsettled,
        },
        columns=pd.DataFrame({"reverse_correlation_p": found.p_value, "reverse_correlation_halves_r2": r2}),
        figures={} if beside is None else {"mapped_fields": _mosaic(context, beside)},
    )


def _half(context: Context, fields: NDArray[np.float64], rng: np.random.Generator) -> float:
    """Return the distance to macaque of fields from half the frames."""
    from neurosim.analysis.fields.gabor import fit_gabors
    from neurosim.analysis.v1.field_shape import compare_nx_ny

    section = context.recipe.analysis
    fits = fit_gabors(fields, amplitude_bound=section.amplitude_bound, n_starts=section.n_starts)
    return compare_nx_ny(fits, rng=rng, n_bootstrap=2).js_bits


def _mosaic(context: Context, fields: NDArray[np.float64]) -> Any:
    from neurosim.analysis.plots import dictionary_mosaic

    return lambda: dictionary_mosaic(fields, usage=context.usage, title="Fields mapped with noise")


def _sentences(run: RunFolder) -> Iterator[str]:
    """Say what was shown, how many units have a field, and how little noise moves the comparison."""
    frames, rms = run.number("reverse_correlation_frames"), run.number("reverse_correlation_rms")
    if frames is None or rms is None:
        return
    yield (
        f"Fields were mapped by reverse correlation of each unit's activity with {frames:,.0f} frames of white noise, "
        f"as strong as the photographs (standard deviation {rms:.3f} of grey values)."
    )
    yield from _found(run)
    claim = (
        "v1_nxny_js_bits"
        if "v1_nxny_js_bits_adjoint" in run.summary
        else "v1_nxny_js_bits_reverse_correlated"
    )
    all_, half = run.number(claim), run.number("v1_nxny_js_bits_half_the_frames")
    if all_ is not None and half is not None:
        yield f"From half the frames, the distance to macaque would be {half:.3f} bits in place of {all_:.3f}."


def _found(run: RunFolder) -> Iterator[str]:
    share, r2 = (
        run.number("reverse_correlation_significant_share"),
        run.number("reverse_correlation_halves_r2"),
    )
    if share is None:
        return
    text = f"Of the units, {share:.1%} have a field beyond chance (p < .05, all pixels together)"
    if silent := run.number("reverse_correlation_silent_units"):
        text += f"; {silent:.0f} answered every frame alike and {'has' if silent == 1 else 'have'} none"
    yield text + (
        f"; fields from the two halves of the frames agree with R² {r2:.2f}." if r2 is not None else "."
    )


REVERSE_CORRELATION = Measure(
    name="reverse_correlation",
    applies=_applies,
    compute=_measured,
    step=lambda context: "how well noise mapped the fields",
    metrics={
        "reverse_correlation_frames": Metric(
            "count",
            "Frames of Gaussian white noise that fields were mapped with, through front end and network. A field is "
            "the mean frame weighted by activity, signed where activity is; patterns that no filter of the front end "
            "passes cannot drive the network and are taken off as noise.",
        ),
        "reverse_correlation_rms": Metric(
            "grey values",
            "Standard deviation of the noise: that of the photographs about their means. Fields of a network depend "
            "on it.",
        ),
        "reverse_correlation_silent_units": Metric(
            "count", "Units that answered every frame alike, most of them with nothing: they have no field."
        ),
        "reverse_correlation_significant_share": Metric(
            "fraction",
            "Share of all units with a field beyond chance: the largest pixel's p, corrected for the number of "
            "pixels, is below .05.",
        ),
        "reverse_correlation_halves_r2": Metric(
            "fraction",
            "Median over units of the squared correlation between the fields from every other frame and from the "
            "others.",
        ),
        "reverse_correlation_unsettled_fraction": Metric(
            "fraction", "Share of the frames at which activity had not settled when their time was up."
        ),
        "v1_nxny_js_bits_half_the_frames": Metric(
            "bits",
            "Distance to macaque of the fields mapped with half the frames: how far it is from that with all shows "
            "what the noise left in the fields does.",
        ),
    },
    figures={
        "mapped_fields": Caption(
            "Receptive fields mapped with noise",
            "The same neurons in the same order: average of frames of white noise weighted by the settled network's "
            "activity, what an electrode would find. Interactions among neurons change fields, so they are not those "
            "computed from the weights.",
            "Grid of small grey images, one per neuron: the receptive fields by reverse correlation.",
        ),
    },
    sentences=_sentences,
)

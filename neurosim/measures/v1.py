"""How far the shape of a network's fields is from that of macaque simple cells, and for other bounds of the fit."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from neurosim.measures.context import Context
from neurosim.recipes.run_sections import AnalysisSection
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from neurosim.analysis.v1.field_shape import NxNyComparison

_LEFT_OUT = {
    "no_fit": "constant",
    "r2": "with R² of .7 or less",
    "participation": "a few pixels only",
    "bound": "with a parameter of the fit at its bound",
}


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.v1.field_shape import compare_nx_ny

    fits, section = context.fits, context.recipe.analysis
    own = {
        space: compare_nx_ny(table, rng=rng, n_bootstrap=section.n_bootstrap) for space, table in fits.items()
    }
    sweep = _bound_sweep(context, own, rng=rng)
    return Measured(
        metrics=v1_metrics(fits, own),
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


def v1_metrics(fits: Mapping[str, pd.DataFrame], own: Mapping[str, "NxNyComparison"]) -> dict[str, Any]:
    """Return the distance to cortex by the names of `summary.json`: the claim in image space, and beside it."""
    from neurosim.analysis.v1.left_out import fields_left_out

    image = own["image"]
    left_out = fields_left_out(fits["image"])
    return {
        "v1_nxny_js_bits": image.js_bits,
        "v1_nxny_js_bits_corrected": image.js_bits_corrected,
        "v1_nxny_js_interval": list(image.interval),
        "v1_nxny_floor_bits": image.floor_bits,
        **_beside_the_claim(own),
        "v1_nxny_fields": image.n_units,
        **{f"v1_nxny_left_out_{reason}": number for reason, number in left_out.items()},
        "nx_median_image": image.nx_median,
        "ny_median_image": image.ny_median,
        "broadly_tuned_share": image.broadly_tuned_share,
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
    spaces = [space for space in ("image", "whitened") if space in own and own[space].n_units > 0]
    if spaces:
        shapes = {
            space: fits[space].loc[fits[space]["gabor_like"], ["nx", "ny"]].to_numpy(dtype=np.float64)
            for space in spaces
        }
        bits = {
            space: (own[space].js_bits, own[space].js_bits_corrected, *own[space].interval)
            for space in spaces
        }
        yield "nx_ny", lambda: nx_ny_against_macaque(shapes, divergences=bits)
    known = sweep.dropna(subset=["js_bits"])
    if len(known):
        yield "amplitude_bound", lambda: amplitude_bound_sweep(known, chosen_bound=section.amplitude_bound)


def _sentences(run: RunFolder) -> Iterator[str]:
    """Say the distance to macaque's cells in image space, the verdict, and which fields count."""
    if (bits := run.number("v1_nxny_js_bits")) is None:
        return
    yield (
        f"In image space, the shape of the fields (n_x, n_y) is {bits:.3f} bits of Jensen–Shannon divergence away "
        f"from 79 macaque simple cells, where 0 is identical and 1 disjoint{_corrected(run)}."
    )
    if interval := run.summary.get("v1_nxny_js_interval"):
        yield verdict(interval)
    yield from _shapes(run)
    yield from _counted(run)
    if (other := run.number("v1_nxny_js_bits_whitened")) is not None:
        yield f"On whitened patches, beside the claim, the distance is {other:.3f} bits."


def verdict(interval: list[float]) -> str:
    """Say what an interval of the distance (bits) means.

    Examples
    --------
    >>> verdict([0.0, 0.04])
    'The interval holds 0: by this measure the fields cannot be told from the cells.'
    """
    low, _ = interval
    if low > 0:
        return (
            f"So the fields are not shaped like macaque's: the interval begins at {low:.3f} bits, not at 0."
        )
    return "The interval holds 0: by this measure the fields cannot be told from the cells."


def _corrected(run: RunFolder) -> str:
    """Say the corrected distance, its interval and the floor, as far as there are."""
    text, interval = "", run.summary.get("v1_nxny_js_interval")
    if (corrected := run.number("v1_nxny_js_bits_corrected")) is not None:
        text += f"; without the bias of few cells and fields it is {corrected:.3f} bits"
    if interval:
        text += f" (95 % interval {interval[0]:.3f} to {interval[1]:.3f})"
    if (floor := run.number("v1_nxny_floor_bits")) is not None:
        text += f"; fields of the cells' own distribution would be measured {floor:.3f} bits away on average"
    return text


def _shapes(run: RunFolder) -> Iterator[str]:
    share, number = run.number("broadly_tuned_share"), run.number("v1_nxny_fields")
    if share is not None and number is not None:
        yield (
            f"Of the {number:.0f} fields compared, {share * number:.0f} are broadly tuned (n_x and n_y below .302 "
            "cycles); of the macaque cells 19 of 79."
        )
    across, along = run.number("nx_median_image"), run.number("ny_median_image")
    if across is not None and along is not None:
        yield f"Their medians in image space are n_x {across:.3f} and n_y {along:.3f} (macaque .365 and .445)."


def _counted(run: RunFolder) -> Iterator[str]:
    numbers = {reason: run.number(f"v1_nxny_left_out_{reason}") for reason in _LEFT_OUT}
    parts = [f"{number:.0f} {_LEFT_OUT[reason]}" for reason, number in numbers.items() if number]
    if not parts:
        return
    total = sum(number for number in numbers.values() if number)
    amplitude = run.number("v1_nxny_left_out_amplitude_bound")
    if amplitude:
        parts[-1] += f" (that of the amplitude for {amplitude:.0f}, some of which may be broadly tuned)"
    fields = "is 1 field" if total == 1 else f"are {total:.0f} fields"
    yield f"Not compared {fields}: {', '.join(parts)}."


V1 = Measure(
    name="v1",
    applies=lambda context: context.has_image_fields,
    compute=_measured,
    step=lambda context: "distance to macaque V1, bootstrap and bound sweep",
    metrics={
        "nx_median_image": Metric(
            "cycles",
            "Median n_x of the fields that are Gabor-like in image space, the space of the claim (macaque .365).",
        ),
        "ny_median_image": Metric(
            "cycles",
            "Median n_y of the fields that are Gabor-like in image space, the space of the claim (macaque .445).",
        ),
        "broadly_tuned_share": Metric(
            "fraction",
            "Share of the Gabor-like fields in image space with n_x and n_y both below .302 cycles (macaque: 19 of "
            "79).",
        ),
        "v1_nxny_js_bits": Metric(
            "bits",
            "Joint Jensen–Shannon divergence between (n_x, n_y) of the Gabor-like fields in image space and 79 macaque "
            "simple cells (Ringach 2002); 0 is identical, 1 is disjoint. As measured: few cells and fields put it too "
            "high.",
        ),
        "v1_nxny_js_bits_corrected": Metric(
            "bits",
            "The same without its bias, as far as resampling the 79 cells and the fields shows it; 0 or more. This is "
            "the claim.",
        ),
        "v1_nxny_js_interval": Metric(
            "bits",
            "Reflected 95 % bootstrap interval of the true divergence in image space, around "
            "v1_nxny_js_bits_corrected; resamples both the model's fields and the 79 cells. Up to 0 only: closer than "
            "another 79 cells would be.",
        ),
        "v1_nxny_floor_bits": Metric(
            "bits",
            "What v1_nxny_js_bits would be on average for as many fields, and 79 cells, of macaque's own distribution.",
        ),
        "v1_nxny_fields": Metric(
            "count", "Fields that are compared with macaque: those that are Gabor-like in image space."
        ),
        "v1_nxny_left_out_no_fit": Metric(
            "count", "Fields not compared because they are constant: there is no fit."
        ),
        "v1_nxny_left_out_r2": Metric(
            "count",
            "Fields not compared because a Gabor explains 70 % of their variance or less (image space).",
        ),
        "v1_nxny_left_out_participation": Metric(
            "count",
            "Fields with R² above .7 not compared because they are a few pixels: participation ratio below 6.",
        ),
        "v1_nxny_left_out_bound": Metric(
            "count",
            "Other fields not compared because a parameter of the fit is at its bound, so that n_x and n_y are not "
            "identified.",
        ),
        "v1_nxny_left_out_amplitude_bound": Metric(
            "count",
            "Of v1_nxny_left_out_bound, those at the amplitude's bound: odd fields with n_x below about .23, some of "
            "which may be broadly tuned.",
        ),
        "v1_nxny_js_bits_whitened": Metric(
            "bits",
            "The same divergence for the dictionary rows (whitened space), beside the claim and not part of it.",
        ),
        "v1_nxny_js_bits_corrected_whitened": Metric("bits", "The same without its bias (whitened space)."),
        "v1_nxny_js_interval_whitened": Metric(
            "bits", "Reflected 95 % bootstrap interval around v1_nxny_js_bits_corrected_whitened."
        ),
    },
    tables={
        "bound_sweep": "Distance to macaque V1 by space and bound on the amplitude: divergence in bits as measured, "
        "without its bias and with its 95 % interval (low, high), what as many fields of the cells' own distribution "
        "would give (floor_bits), and the Gabor-like fields: their number, medians in cycles (macaque .365 and .445) "
        "and the share that is broadly tuned (macaque .24). The claim is image space at the bound of the recipe "
        "(bound_sweep.csv).",
    },
    figures={
        "nx_ny": Caption(
            "Shape of the fields against macaque V1",
            "Envelope size in carrier cycles, across (n_x) and along (n_y) the bars, of the Gabor-like fields "
            "(points), over the counts of 79 macaque simple cells (shaded bins; Ringach 2002, J Neurophysiol 88:455). "
            "JS: joint Jensen–Shannon divergence as measured, and without its bias with a 95 % interval. Triangles lie "
            "beyond the table and count in its outer bins. The comparison with cortex is the one in the image.",
            "Scatter of n_x against n_y on logarithmic axes over shaded macaque counts, one panel per space.",
        ),
        "amplitude_bound": Caption(
            "How much the amplitude bound matters",
            "A two-lobed field is fitted equally well by ever larger, slower Gabors, so the fit's amplitude is "
            "bounded. The bound was fixed beforehand (dashed); the divergence from macaque without its bias, and its "
            "95 % interval, are shown for others too.",
            "Line plot of the Jensen–Shannon divergence against the bound on the Gabor amplitude, one line per "
            "space.",
        ),
    },
    sentences=_sentences,
)

"""What a reader is told of the laboratory's numbers, table and figure."""

from collections.abc import Iterator

from neurosim.analysis.v1.properties import V1_PROPERTIES
from neurosim.measures.laboratory.words_of_tables import sentences_of_tables
from neurosim.networks.models import MODELS
from neurosim.registry.measure import Caption, Metric
from neurosim.results.run_folder import RunFolder

__all__ = ["CAPTION", "METRICS", "SCOREBOARD", "sentences"]

_BENCHMARK = "Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495"

METRICS = {
    "v1_similarity_mean": Metric(
        "ratio",
        "Mean over fourteen properties of the similarity to the distribution in macaque V1, each divided by the "
        "similarity of the cells with themselves: 1 is as alike as two draws of cells. With pools as complex cells "
        f"where the recipe has them ({_BENCHMARK}).",
    ),
    "v1_similarity_interval": Metric("ratio", "Its 95 % interval over units, without the bias of few units."),
    "v1_similarity_mean_simple": Metric("ratio", "The same mean of the simple units alone, without pools."),
    "v1_similarity_control": Metric(
        "ratio",
        "The same mean of units with the same fields, threshold and pools that do not act on each other: what fields "
        "and threshold give by themselves.",
    ),
    **{
        f"v1_similarity_{each.name}": Metric(
            "ratio",
            f"Similarity to macaque V1 in {each.title}, divided by its ceiling; part of v1_similarity_mean.",
        )
        for each in V1_PROPERTIES
    },
    "suppressed_share": Metric(
        "fraction",
        "Share of the responsive simple units that a grating larger than their field suppresses by more than a tenth. "
        "On a patch alone, without [laboratory.tile] and without neighbours at other positions, the patch's edge has a "
        "part in it: compare with the control.",
    ),
    "suppressed_share_control": Metric("fraction", "The same of simple units that do not act on each other."),
    "complex_invariant_share": Metric(
        "fraction",
        "Share of the pools that answer to all phases of a grating alike (F1/F0 below 1) and are tuned to orientation "
        "(circular variance below .5). Of macaque's complex cells .31, of random pools below .1.",
    ),
    "complex_invariant_share_range": Metric(
        "fraction",
        "Share of the pools that in addition no phase brings below a tenth of their largest response, at the grating "
        "that is best on average: a unit and its opposite in one pool cancel each other's F1, while the response still "
        "rises and falls twice in a cycle. Not known of macaque's cells.",
    ),
    "laboratory_pixels_per_degree": Metric(
        "pixels/°",
        "Scale of the gratings; chosen, unless the recipe states it, so that the median peak frequency of the fields "
        "is 2.8 cycles/degree.",
    ),
    "laboratory_unsettled_fraction": Metric(
        "fraction", "Share of the gratings at which activity had not settled when their time was up."
    ),
    "laboratory_rate_scale": Metric(
        "spikes/s per activity",
        "What turns activity into rates, one number for all units: it brings the median of the best responses to 33.8 "
        "spikes/s; without a stimulus it is .82.",
    ),
}

SCOREBOARD = (
    "Properties of the units beside those of macaque V1: units, those that respond, those with a value and without "
    "one; similarity of the two distributions (1 the same, 0 as different as can be), the ceiling that other cells "
    "would reach, their quotient (ceiled) as published for other models, without the bias of few units "
    "(ceiled_corrected) and with its 95 % interval (low, high); AlexNet's V1 layer as a landmark. Then, ceiled too, "
    "the controls: the simple units without pools, the same fields without interactions (feed_forward; and with the "
    "network's threshold; and, where there is gain control, that divided by the network's inhibitory pool), fields of "
    "noise, pools drawn at random, the units' responses shuffled among gratings, and "
    "Gabor functions drawn from the published tables, which show what can be reached. Summation field and surround "
    f"diameter exist for suppressed units only, and count 0 with fewer than 20 of them ({_BENCHMARK}) (scoreboard.csv)."
)

CAPTION = Caption(
    "Fourteen properties beside macaque V1",
    "Shaded: cells of macaque V1, as published. Lines: the responsive units of the network, and the same fields "
    "without interactions. Gratings of full contrast in discs on each unit's field, at the scale and in the spikes/s "
    "that are among the numbers below. Orientation is that of the bars, 0° horizontal, counter-clockwise. Circular "
    "variance is 0 for a response to one orientation only and 1 for equal responses to all; F1/F0 is above 1 for "
    f"simple cells, which follow light and dark, and below 1 for complex ones. In the panels' titles: ceiled scores "
    f"({_BENCHMARK}).",
    "Fourteen histograms, each of macaque cells as shaded bars with the network's and the control's as lines.",
)


def sentences(run: RunFolder) -> Iterator[str]:
    """Say how like V1 the units respond, and what their fields do by themselves."""
    if (mean := run.number("v1_similarity_mean")) is None:
        return
    interval = run.summary.get("v1_similarity_interval")
    range_ = f" (95 % interval over units {interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
    text = (
        "In gratings shown as to real cells, the units' fourteen response properties are distributed like those of "
        f"macaque V1 with a mean similarity of {mean:.2f}{range_}, where 1 is what other cells of V1 would reach and "
        "AlexNet's V1 layer reaches .73"
    )
    control = run.number("v1_similarity_control")
    if "network" in run.provenance:
        yield (
            "The network was given without its run: pools, and the gain where its front end has none for all images, "
            "come from the photographs that ship with the recipes, whatever it learned from; the front end is the one "
            "saved with it."
        )
    yield text + (
        f"; the same fields without interactions reach {control:.2f}." if control is not None else "."
    )
    yield from _suppression(run)
    if (share := run.number("complex_invariant_share")) is not None:
        steady = run.number("complex_invariant_share_range")
        never = (
            ""
            if steady is None
            else f"; {100 * steady:.0f} % do so and never fall below a tenth of their peak"
        )
        yield (
            f"Of the pools that stand for complex cells, {100 * share:.0f} % have F1/F0 below 1 and are tuned to "
            f"orientation (macaque's complex cells: 31 %){never}."
        )
    yield from sentences_of_tables(run)


def _suppression(run: RunFolder) -> Iterator[str]:
    share, control = run.number("suppressed_share"), run.number("suppressed_share_control")
    if share is None:
        return
    beside = "" if control is None else f"; without interactions {100 * control:.0f} %"
    strength = run.section("laboratory").get("gain_control", 0)
    if strength:
        yield (
            "All responses but the controls' are divided by an inhibitory pool, which follows the activity of all "
            f"units nearby whatever they prefer; photographs divide by {1 + strength:g} on average, gratings of full "
            "contrast by more. The pool alone suppresses: column feed_forward_divided of the scoreboard has the same "
            "fields without interactions under it."
        )
    yield (
        f"A grating larger than the field suppresses {100 * share:.0f} % of the responsive units by more than a tenth"
        f"{_surroundings(run)}{beside}."
    )


def _surroundings(run: RunFolder) -> str:
    """Say what was around the fields that larger gratings lay on."""
    if run.section("laboratory").get("tile", "off") != "off":
        return ""
    network = run.section("network").get("model")
    if not any(model.name == network and model.has("positions") for model in MODELS):
        return ", on a patch whose edge has a part in it"
    side, scale = run.section("stimuli").get("patch_size"), run.number("laboratory_pixels_per_degree")
    width = f" pictures {side / scale:.1f}° wide," if side and scale else " pictures,"
    return f", at the middle of{width} where gratings end, with neighbours at all positions around them"

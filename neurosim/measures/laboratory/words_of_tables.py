"""What a reader is told of the tables beside the scoreboard, and of those that are not there."""

from collections.abc import Iterator

from neurosim.results.run_folder import RunFolder

__all__ = ["JOINT_STRUCTURE", "SENSITIVITY", "sentences_of_tables"]

_CELLS = (
    "Ringach, Shapley & Hawken 2002, J Neurosci 22:5639, doi:10.1523/JNEUROSCI.22-13-05639.2002; "
    "ringach_2002_orientation.csv"
)

JOINT_STRUCTURE = (
    "What properties have to do with each other, beside 304 single cells of macaque V1: distributions of single "
    "properties reward blur, and random pools can have each of them right. Medians of circular variance, half-width "
    "and the response across the preferred orientation over that at it, within simple units (F1/F0 above 1) and "
    "complex ones (below 1); the rank correlation of F1/F0 and circular variance; the share of units with F1/F0 below "
    "1; and, of the pools, the share with F1/F0 below 1 and circular variance below .5 (without pools, and of the "
    "cells: of those with F1/F0 below 1). Units with a value and without one; the value in the network and in the "
    "cells with 95 % intervals; then the similarity of both as in the scoreboard: what one half of the cells reaches "
    "with the other (ceiling), the quotient (ceiled), without the bias of few units, and its 95 % interval. With fewer "
    "than 20 units a group is described and not compared. Then the value in each control, named as in the scoreboard; "
    f"joint_structure_controls.csv has their intervals and scores ({_CELLS}) (joint_structure.csv)."
)


SENSITIVITY = (
    "What becomes of the scores when one of the numbers changes that were fixed beforehand: gratings at .7 and 1.4 "
    "times the pixels per degree, and at .3 of their contrast. Mean similarity over the fourteen properties and over "
    "the eleven that need no surround, share and number of responsive units, pools among them, that a larger grating "
    "suppresses by more than a tenth (with fewer than 20 the two scores of size count 0); then the same of the control "
    "without interactions, at the network's threshold where it has one. Activity is scaled to rates anew at each "
    "setting (sensitivity.csv)."
)


def sentences_of_tables(run: RunFolder) -> Iterator[str]:
    """Say what joint structure and sensitivity show, or what they need."""
    yield from _joint_structure(run)
    yield from _sensitivity(run)


def _sensitivity(run: RunFolder) -> Iterator[str]:
    if "sensitivity" not in run.tables:
        yield (
            "How far these numbers depend on pixels per degree and contrast was not measured: neurosim lab with "
            "--sensitivity, or sensitivity = true in [laboratory], shows the gratings three times more."
        )
        return
    means = run.tables["sensitivity"]["mean_of_14"].dropna()
    yield (
        f"With pixels per degree × .7 and × 1.4 and contrast × .3 the mean similarity lies between {means.min():.2f} "
        f"and {means.max():.2f}."
    )


def _joint_structure(run: RunFolder) -> Iterator[str]:
    if "joint_structure" not in run.tables:
        yield (
            "What the properties have to do with each other (joint structure) was not compared with single cells: that "
            f"takes the table of 304 cells behind {_CELLS}, which its laboratory put on line and which does not ship. "
            "Put it into the folder ringach2002 of the folder that the environment variable NEUROSIM_DATA names, and "
            "give the run to neurosim lab."
        )
        return
    table = run.tables["joint_structure"].set_index("component")
    value, cells = (float(table[each]["spearman_modulation_variance"]) for each in ("value", "cells"))
    n_low = int((table["high"] < 1).sum())
    n_compared = int(table["ceiled"].notna().sum())
    yield (
        f"Of the {n_compared} relations between properties that could be compared with 304 single cells, "
        f"{n_compared - n_low} are as in the cells, within the 95 % interval; F1/F0 and circular variance have a rank "
        f"correlation of {value:.2f} (cells: {cells:.2f})."
    )

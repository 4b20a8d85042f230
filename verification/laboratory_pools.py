"""Complex cells as pools of a network's units: learned, by hand, at random, and of units that act alone.

    python verification/laboratory_pools.py [--recipe topographic] [--seeds 0 1 2] [--runs DIR]

Networks, their tiling, pixels per degree and units are those of ``laboratory_tiled.py``. Pools of 12 are built around
every unit that is measured: learned from 20,000 pairs of natural patches displaced by up to 4 pixels (shown to the
untiled network), from the same patches without the displacement (correlations at one time), by place, orientation and
frequency, at random, and of TopographicLCA the 9 neighbours on its sheet. In one population every signed unit is two,
of opposite sign; in the other it is seen where it is positive, so that no pool can hold a unit and its opposite, whose
F1 cancel. Shown are gratings of 12 orientations and 8 phases at each unit's place and frequency, contrast 1 and .3, in
discs of 12 pixels. Rows of the dated table ``laboratory_pools.csv`` with the same recipe and seed are replaced.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from laboratory_tiled import Floats, Respond, Subjects, for_each_seed, parser_of, row
from numpy.typing import NDArray

from neurosim.analysis import orientation_properties
from neurosim.laboratory import (
    Pools,
    displaced_pairs,
    learned_pools,
    matched_pools,
    network_units,
    one_sided,
    orientation_tuning,
    over_phases,
    random_pools,
    sheet_pools,
)
from neurosim.stimuli import embedded_photographs

SIZE, DISC = 12, 12  # units in a pool; pixels


def main() -> None:
    """Run, print and store the table."""
    for_each_seed(parser_of(__doc__).parse_args(), measured, Path(__file__))


def measured(of: Subjects) -> Iterator[dict[str, object]]:
    """Every figure."""
    before, after = displaced_pairs(embedded_photographs(), size=of.tiled.side, rng=1)
    on_patch = network_units(of.network, front_end=of.front_end)
    signed = on_patch(before), on_patch(after)
    kinds = {
        kind: found_pools(of, signed, opposite=opposite)
        for kind, opposite in (("both signs", True), ("one sign", False))
    }
    for kind, pools in kinds.items():
        for name, each in pools.items():
            yield row(f"{kind}: pools with a unit and its opposite, share", name, *opposites(of, each))
    for contrast in (1.0, 0.3):
        for arm, respond in {
            "network": of.tiled.respond,
            "no interactions": of.tiled.without_interactions(threshold=None),
        }.items():
            for (kind, name), table in tuning(of, respond, kinds, contrast).items():
                yield from told(table, f"{kind}, contrast {contrast:g}", f"{arm}, {name}")


def found_pools(of: Subjects, signed: tuple[Floats, Floats], *, opposite: bool) -> dict[str, Pools]:
    """Pools around the units that are measured, each a population of 256 or 512 one-sided units."""
    shown = [one_sided(lambda code: code, opposite=opposite)(each) for each in signed]
    places = pd.concat([of.units] * (1 + opposite), ignore_index=True)
    every = {
        "learned": learned_pools(*shown, size=SIZE),
        "same time": learned_pools(shown[0], shown[0], size=SIZE),
        "by hand": matched_pools(places, size=SIZE),
        "random": random_pools(len(places), size=SIZE, rng=2),
    }
    if not opposite and hasattr(of.network, "positions_"):
        every["sheet"] = sheet_pools(of.network)
    return {name: pools.around(of.chosen) for name, pools in every.items()}


def opposites(of: Subjects, pools: Pools) -> tuple[float, int]:
    """Share of pools in which a neuron is with both signs."""
    neurons = np.sort(pools.members % len(of.units), axis=1)
    return float((np.diff(neurons, axis=1) == 0).any(axis=1).mean()), len(neurons)


def tuning(
    of: Subjects, respond: Respond, kinds: dict[str, dict[str, Pools]], contrast: float
) -> dict[tuple[str, str], pd.DataFrame]:
    """Properties of the simple units and of their pools, of one sign and of both, all from one showing."""
    units = of.units.iloc[of.chosen].assign(contrast=contrast, diameter_deg=DISC / of.field.pixels_per_degree)

    def all_arms(images: Floats) -> Floats:
        signed, found = respond(images), []
        for kind, pools in kinds.items():
            halves = one_sided(lambda _: signed, opposite=kind == "both signs")(images)
            found += [halves[:, of.chosen], *(each.answers(halves) for each in pools.values())]
        return np.concatenate(found, axis=1)

    names = [
        (kind, name)
        for kind, pools in kinds.items()
        for name in ("simple units", *(f"{each} pools" for each in pools))
    ]
    rows = pd.concat([units.drop(columns="orientation_rad")] * len(names), ignore_index=True)
    found = orientation_tuning(all_arms, rows, field=of.field)
    split = over_phases(found)
    table = orientation_properties(
        split["mean"],
        orientations_deg=split["orientation_deg"].to_numpy(),
        modulation=split["modulation"].to_numpy(),
    )
    table["phase_range"] = phase_range(found.response.to_numpy())
    n = len(units)
    return {name: table.iloc[k * n : (k + 1) * n] for k, name in enumerate(names)}


def phase_range(responses: Floats) -> NDArray[np.float64]:
    """Largest minus smallest response over phases, by their sum, at the orientation with the largest mean.

    Unlike F1/F0 it sees what repeats twice in a cycle.
    """
    best = responses.mean(axis=2).argmax(axis=1)
    curve = responses[np.arange(len(responses)), best]
    low, high = curve.min(axis=1), curve.max(axis=1)
    return np.divide(high - low, high + low, out=np.full(len(low), np.nan), where=high > 0)


def told(table: pd.DataFrame, where: str, of: str) -> Iterator[dict[str, object]]:
    """Phase invariance and tuning of one arm; n counts those that answer."""
    known = table[table["modulation_ratio"].notna()]
    ratio, variance = known["modulation_ratio"], known["circular_variance"]
    n = len(known)
    yield row(f"{where}: F1/F0 < 1, share", of, (ratio < 1).mean(), n)
    yield row(f"{where}: F1/F0, median", of, ratio.median(), n)
    yield row(f"{where}: circular variance, median", of, variance.median(), n)
    yield row(f"{where}: range over phases, median", of, known["phase_range"].median(), n)
    yield row(
        f"{where}: F1/F0 < 1 and circular variance < .5, share",
        of,
        ((ratio < 1) & (variance < 0.5)).mean(),
        n,
    )


if __name__ == "__main__":
    main()

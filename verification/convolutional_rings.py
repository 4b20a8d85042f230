"""How far around a field neighbours reach: a disc on it, and a ring that begins further and further out.

    python verification/convolutional_rings.py [--seeds 0 1 2] [--units 24] [--disc 4.5]

Fields, units and gratings are those of ``convolutional_sizes.py``, on pictures of 96 × 96 pixels. Each unit is shown
the disc that it answers best, of at most 8 pixels radius, or one of ``--disc`` pixels, and with it a ring from 10.5,
14, 18 or 24 pixels to the picture's edge, of the unit's orientation (iso) or across it. Fields end 8 to 11 pixels from
their middle; those of two neighbours that share pixels reach up to 23. Given are quartiles over units of what the ring
leaves of the answer to the disc, how often iso leaves less than cross among the units that tell them apart by more than
a hundredth, the p of a signed-rank test that they do not differ, and the share of units that answer the ring alone.
The control is the same units, each with its field and threshold alone. The dated table is kept beside this file, in
``convolutional_rings.csv``, where an arm that is run replaces its rows.
"""

import argparse
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from convolutional import DEVIATION, SIDE, THRESHOLD, learned_fields, photographs
from convolutional_sizes import RADII, Arm, Units, distance, grating
from numpy.typing import NDArray
from scipy.stats import wilcoxon

Floats = NDArray[Any]
SIZE, RINGS, LARGEST_DISC = 96, (10.5, 14.0, 18.0, 24.0), 8.0
TELLS_APART = 0.01


class Alone(Arm):
    """The same units at the same place, of which none acts on another."""

    def __init__(self, fields: Floats, *, stride: int, size: int) -> None:
        super().__init__(fields, stride=stride, size=size)
        inside = slice(self.corner, self.corner + SIDE)

        def answers(pictures: Floats) -> Floats:
            drive = pictures[:, inside, inside].reshape(len(pictures), -1) @ fields.T
            return np.sign(drive) * np.maximum(np.abs(drive) - THRESHOLD, 0)

        self.answers = answers


def answers_to_rings(arm: Arm, units: Units, contrast: float, *, disc: float | None) -> tuple[Floats, Floats]:
    """Return each unit's disc, pixels, and its answers (unit, picture) to the disc, and to iso, cross and iso alone."""
    size, height = arm.size, contrast * DEVIATION
    tried = np.array([disc]) if disc is not None else RADII[RADII <= LARGEST_DISC]

    def paint(k: int, centre: Floats, phase: float) -> list[Floats]:
        along, far = grating(units.frequency[k], phase, centre, size=size), distance(centre, size=size)
        return [height * along * (far <= radius) for radius in tried]

    best = tried[arm.shown(units, paint).argmax(axis=1)]

    def ringed(k: int, centre: Floats, phase: float) -> list[Floats]:
        along, far = grating(units.frequency[k], phase, centre, size=size), distance(centre, size=size)
        across = grating(units.frequency[k][::-1] * [1, -1], phase, centre, size=size)
        middle, pictures = along * (far <= best[k]), []
        for start in RINGS:
            ring, crossed = along * (far > start), across * (far > start)
            pictures += [middle + ring, middle + crossed, ring]
        return [height * each for each in (middle, *pictures)]

    return best, arm.shown(units, ringed)


def rows_of(best: Floats, answers: Floats) -> Iterator[dict[str, Any]]:
    """Return what each ring leaves, over the units that answer their disc."""
    seen = answers[:, 0] > 0
    left = answers[seen, 1:] / answers[seen, :1]
    for start, (iso, cross, alone) in zip(
        RINGS, np.moveaxis(left.reshape(len(left), -1, 3), 0, 2), strict=True
    ):
        apart = np.abs(iso - cross) > TELLS_APART
        row: dict[str, Any] = {"ring": start, "units": int(seen.sum()), "disc_radius": np.median(best[seen])}
        for name, values in (("iso", iso), ("cross", cross)):
            for quartile, share in (("lower", 0.25), ("median", 0.5), ("upper", 0.75)):
                row[f"{name}_{quartile}"] = np.quantile(values, share)
        yield row | {
            "units_that_tell_apart": int(apart.sum()),
            "share_iso_below_cross": np.mean((iso < cross)[apart]) if apart.any() else np.nan,
            "p": wilcoxon(iso, cross).pvalue if apart.any() else 1.0,
            "share_answering_ring_alone": np.mean(alone > 0),
        }


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--units", type=int, default=24)
    parser.add_argument("--contrasts", type=float, nargs="+", default=[1.0, 0.4])
    parser.add_argument(
        "--disc", type=float, help="radius of the disc, pixels; that of the largest answer by default"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    pictures, _ = photographs()
    for seed in options.seeds:
        fields = learned_fields(pictures, seed=seed)
        units = Units.of(fields, n=options.units)
        arms = {"threshold only": Alone(fields, stride=4, size=SIZE)}
        arms |= {f"stride {stride}": Arm(fields, stride=stride, size=SIZE) for stride in (8, 4)}
        for name, contrast in product(arms, options.contrasts):
            began = sum(os.times()[:4])
            best, answers = answers_to_rings(arms[name], units, contrast, disc=options.disc)
            said = {"arm": name, "seed": seed, "contrast": contrast, "disc": options.disc or "best"}
            found = pd.DataFrame([said | row for row in rows_of(best, answers)])
            print(found.to_string(index=False, float_format="%.3f"), flush=True)
            keep(found.assign(processor_seconds=sum(os.times()[:4]) - began), options.out)


def keep(rows: pd.DataFrame, path: Path) -> None:
    """Put rows into the table, in place of those of the same arm, seed, contrast and disc."""
    rows = rows.assign(date=datetime.now(UTC).date().isoformat())
    if path.exists():
        key = ["arm", "seed", "contrast", "disc"]
        before = pd.read_csv(path)
        same = before[key].astype(str).agg("/".join, axis=1).isin(rows[key].astype(str).agg("/".join, axis=1))
        rows = pd.concat([before[~same], rows])
    rows.to_csv(path, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()

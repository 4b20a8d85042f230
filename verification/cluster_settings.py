"""How many neurons each value of a knob makes active: what sets the knobs of `clusters.py`, without labels or clusters.

Printed by ``python verification/clusters.py --settings``. One network for each value, of a seed that nothing else uses.
Digits are of the training set: 10,000 to learn from and every fifth of the next 10,000. Patches are learned from
eighteen photographs, and those that are counted are of the other six, whose clusters are compared later: their number
of active neurons is what has to be the same for all.

``clusters_settings.csv`` has a row for every value that is used, and for those between which it was found. Rows of
other values are dropped, and what is missing is added as it comes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from cluster_codes import AS_PUBLISHED, KINDS, Floats, Split, five_digits, learned, shown
from cluster_patches import N_FIELDS, TRIED, VALUES, held_out, training

SEED = 1000
N_TRAIN, EVERY = 10_000, 5
KEYS = ["stimuli", "model", "value"]


def settings_table(path: Path) -> pd.DataFrame:
    """Return a row for every value of every knob: those that stand in the table, and what was missing."""
    wanted = list(_values())
    have = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=KEYS)
    rows = [row for row in have.to_dict("records") if tuple(row[key] for key in KEYS) in wanted]
    stands = {tuple(row[key] for key in KEYS) for row in rows}
    for stimuli, model, value in wanted:
        if (stimuli, model, value) in stands:
            continue
        active = _active_digits(model, value) if stimuli == "digits" else _active_patches(model, value)
        row = {
            "stimuli": stimuli,
            "model": model,
            "knob": KINDS[model].knob,
            "value": value,
            "active": active,
        }
        print(row, flush=True)
        rows.append(row | {"date": datetime.now(UTC).date().isoformat()})
        pd.DataFrame(rows).to_csv(path, index=False, float_format="%.4g")
    return pd.DataFrame(sorted(rows, key=lambda row: wanted.index(tuple(row[key] for key in KEYS))))


def _values() -> Iterator[tuple[str, str, float]]:
    """Yield stimuli, model and value of the knob, of those that are used and those that were tried."""
    for model, kind in KINDS.items():
        used = (*kind.at_levels, *([AS_PUBLISHED[model]] if model in AS_PUBLISHED else []))
        yield from (("digits", model, value) for value in sorted({*kind.tried, *used}))
    for model, used in VALUES.items():
        yield from (("patches", model, value) for value in sorted({*TRIED[model], *used}))


def _active_digits(model: str, value: float) -> float:
    images, _ = five_digits()
    few = Split(images.train[:N_TRAIN], images.train[N_TRAIN : 2 * N_TRAIN : EVERY])
    given = shown(model, few)
    net = learned(model, given.train, value, SEED)
    return _mean_active(net.read(Split(given.test[:1], given.test), value).test)


def _active_patches(model: str, value: float) -> float:
    net, (here, _) = learned(model, training(SEED), value, SEED, n_fields=N_FIELDS), held_out()
    return _mean_active(net.read(Split(here[:1], here), value).test)


def _mean_active(code: Floats) -> float:
    return float((np.asarray(code) != 0).sum(axis=1).mean())

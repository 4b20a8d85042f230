"""Back-propagation and the local rule, each trained until what held-out patches cost is flat.

Printed by ``python verification/wlsc.py --flat --seeds 2``. Both start from the same fields; a seed has a start and
patches of its own, and the held-out patches are the same for all. Named beforehand: training goes in pieces of 30,000
patches; after each, 1,000 held-out patches are coded at the minimum (`active_set.py`) and their mean objective is
taken. A piece that gains less than `SLOW` percent ends its rate, and the next of four, each half of the last, begins;
one that gains less than `FLAT` percent at the last rate ends training. Back-propagation goes through fifteen layers at
the first two rates and through fifty, where its slope is the local rule's, at the last two.
An arm that its processor minutes end first is not flat, and says so. Two controls tell what a difference between rules
may be without any: the local rule with its patches in another order, and another seed. A third, added after these were
seen, takes the local rule's slope in Adam's steps: is a difference one of slopes or of steps?

``wlsc_flat_curve.csv`` has a row for every piece, ``wlsc_flat.csv`` one for every arm.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from active_set import settled_code
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from unrolled_models import shapes

from neurosim.networks.wlsc.backprop import UnrolledWLSC
from neurosim.networks.wlsc.unrolled import Penalty, wlsc_objective

SLOW, FLAT = 0.5, 0.1  # percent of the held-out objective, for each piece
HALVINGS = (1.0, 0.5, 0.25, 0.125)
LAYERS = (15, 15, 50, 50)
Floats = NDArray[Any]
PIECE = 30_000
FAST = 0.004  # Adam's step, of fields in units of a patch's norm: twice that of the comparison
ARMS = ("local rule", "back-propagation", "local rule, other order", "local rule, Adam's steps")


class Problem(NamedTuple):
    """A model's penalty, its start, and the patches."""

    model: str
    seed: int
    norm: str
    penalty: Penalty
    start: Floats
    patches: Floats
    held_out: Floats

    def cost(self, fields: Floats) -> float:
        """Return the mean objective of held-out patches at the minimum."""
        rows, fields = self.held_out.astype(float), fields.astype(float)
        code = settled_code(rows, fields, self.penalty)
        return float(wlsc_objective(rows, code, fields, self.penalty).mean())


def flat_arm(
    problem: Problem, arm: str, *, minutes: float, folder: Path, whitening: Any
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Train one arm and yield the rows of its pieces as "curve", and that of its end as "end"."""
    learning = {"back-propagation": _by_backprop, ARMS[3]: _by_adam}.get(arm, _by_rule)
    piece = partial(learning, problem, arm)
    about = {"model": problem.model, "seed": problem.seed, "arm": arm}
    fields, before, rate, pieces, flat = problem.start, problem.cost(problem.start), 0, 0, False
    began, gain = time.process_time(), np.nan
    date = {"date": datetime.now(UTC).date().isoformat()}
    yield "curve", about | {"piece": 0, "held_out": before, "processor_s": 0.0} | date
    while not flat and time.process_time() - began < 60 * minutes:
        fields, n_updates = piece(fields, rate, pieces)
        now = problem.cost(fields)
        gain, before, pieces = 100 * (1 - now / before), now, pieces + 1
        row = {"piece": pieces, "updates": n_updates, "rate": HALVINGS[rate], "held_out": now}
        row |= {"gain_percent": gain, "processor_s": time.process_time() - began}
        row |= {"layers": LAYERS[rate]} if arm == "back-propagation" else {}
        yield "curve", about | row | date
        flat = rate == len(HALVINGS) - 1 and gain < FLAT
        rate = min(rate + (gain < SLOW), len(HALVINGS) - 1)
        np.save(_kept(folder, problem.model, problem.seed, arm), fields)
    end = about | {"pieces": pieces, "last_rate": HALVINGS[rate], "held_out": before, "gain_percent": gain}
    end |= {"flat": flat, "processor_s": time.process_time() - began} | shapes(
        fields.astype(float), whitening
    )
    yield "end", end | _likeness(fields, problem, folder) | date


def _by_rule(problem: Problem, arm: str, fields: Floats, rate: int, pieces: int) -> tuple[Floats, int]:
    """Learn a piece by the rule of `WLSC`, with codes at the minimum."""
    order = np.random.default_rng(2 * pieces + (arm == ARMS[2])).permutation(len(problem.patches))[:PIECE]
    batches, running = np.array_split(order, PIECE // 200), np.zeros(len(fields))
    locality, slower = problem.penalty.locality, 1.0
    fields = fields.astype(float)
    for batch in batches:
        step, code = _slope(problem, batch, fields)
        now = (code**2 + 2 * locality * code).mean(axis=0)
        running = np.where(running > 0, 0.95 * running + 0.05 * now, now)
        curvature = np.maximum(running, now)
        fields = (
            fields + 0.5 * slower * HALVINGS[rate] * step / np.where(curvature > 0, curvature, 1)[:, None]
        )
        fields = _unit(fields) if problem.norm == "unit" else fields
        slower = min(1.0, 8 / float((code > 0).sum(axis=1).mean()))
    return fields, len(batches)


def _by_adam(problem: Problem, _arm: str, fields: Floats, rate: int, pieces: int) -> tuple[Floats, int]:
    """Learn a piece by the slope of the local rule, in the steps and batches that back-propagation takes."""
    order = np.random.default_rng(pieces).permutation(len(problem.patches))[:PIECE]
    batches, fields = np.array_split(order, PIECE // 100), fields.astype(float)
    # Kingma & Ba 2015, algorithm 1, with its own constants.
    first, second = np.zeros_like(fields), np.zeros_like(fields)
    for done, batch in enumerate(batches, start=1):
        step, _ = _slope(problem, batch, fields)
        first, second = 0.9 * first + 0.1 * step, 0.999 * second + 0.001 * step**2
        ahead = first / (1 - 0.9**done) / (np.sqrt(second / (1 - 0.999**done)) + 1e-8)
        fields = fields + FAST * HALVINGS[rate] * ahead
        fields = _unit(fields) if problem.norm == "unit" else fields
    return fields, len(batches)


def _slope(problem: Problem, batch: Floats, fields: Floats) -> tuple[Floats, Floats]:
    """Return how fast a batch's mean objective falls with the fields, and its code at the minimum."""
    rows = problem.patches[batch].astype(float)
    code = settled_code(rows, fields, problem.penalty)
    pull = code.T @ rows - code.sum(axis=0)[:, None] * fields
    return (code.T @ (rows - code @ fields) + 2 * problem.penalty.locality * pull) / len(rows), code


def _by_backprop(problem: Problem, _arm: str, fields: Floats, rate: int, pieces: int) -> tuple[Floats, int]:
    """Learn a piece by Adam through the layers of the encoder."""
    # Free fields are learned in units of the root mean square pixel, a twelfth of a patch's norm.
    fast = FAST if problem.norm == "unit" else 12 * FAST
    net = UnrolledWLSC(
        len(fields),
        locality=problem.penalty.locality,
        threshold=problem.penalty.threshold,
        norm=problem.norm,
        initial_dictionary=fields,
        n_layers=LAYERS[rate],
        n_epochs=1,
        batch_size=100,
        learning_rate=fast * HALVINGS[rate],
        learning_rate_schedule="constant",
        random_state=pieces,
    ).fit(problem.patches[np.random.default_rng(pieces).permutation(len(problem.patches))[:PIECE]])
    return net.dictionary_, len(net.history_)


def _likeness(fields: Floats, problem: Problem, folder: Path) -> dict[str, float]:
    """Return the cosines of fields with others, each with one of its own.

    The others are those of the local rule with the same seed, its start, and those of the local rule with seed 0.
    """
    found = {}
    rule = [np.load(_kept(folder, problem.model, seed, ARMS[0])) for seed in (problem.seed, 0)]
    for name, others in {"local": rule[0], "start": problem.start, "seed_0": rule[1]}.items():
        cosines = _unit(fields) @ _unit(others).T
        pairs = linear_sum_assignment(-cosines)
        found |= {f"cosine_{name}_median": float(np.median(cosines[pairs]))}
        found |= {f"above_.9_{name}": float((cosines[pairs] > 0.9).mean())}
    return found


def _kept(folder: Path, model: str, seed: int, arm: str) -> Path:
    return folder / f"flat_{model}_{seed}_{arm}.npy".replace(" ", "_")


def _unit(fields: Floats) -> Floats:
    rows = fields.astype(float)
    unit: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def problems(
    models: dict[str, dict[str, Any]], patches: Callable[[int], Floats], *, n_fields: int, n_seeds: int
) -> Iterator[Problem]:
    """Yield what is to be learned, by model and seed."""
    held_out = patches(100)[:1000]
    for (model, settings), seed in product(models.items(), range(n_seeds)):
        rows = patches(seed)
        chosen = rows[np.random.default_rng(seed).choice(len(rows), n_fields, replace=False)]
        penalty = Penalty(settings.get("threshold", 0.0), settings["locality"])
        norm = settings.get("norm", "free")
        length = 1.0 if norm == "unit" else float(np.sqrt(np.square(rows).sum(axis=1).mean()))
        start = (length * _unit(chosen)).astype(np.float32)
        yield Problem(model.removesuffix(" backprop"), seed, norm, penalty, start, rows, held_out)

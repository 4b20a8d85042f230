"""Noise and prior scale of the models of `svae.py`, chosen by the bound on tuning stimuli.

Printed by ``python verification/svae.py --tune``, one seed. From where it starts the search of a model goes to the best
of what was tried, and ends where the rungs below and above, for noise and for prior scale, are all worse. With the
correlated posterior the prior's scale is learned, so that the noise alone is searched: one epoch of 16,384 stimuli as
in `svae_posterior.py`, the others eight of all. Rows with ``noise_learned`` let the model learn its noise too, for so
many epochs, and say where it came to: no part of the search. The best of each search is marked; where it is the last
rung there is no best, the bound rises as far as was tried.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from svae_models import N_SETTLING, network, root_mean_square, settling_network, stimuli

from neurosim.networks.svae.svae import SVAE

# Shares of the stimuli's root mean square.
NOISES = (0.05, 0.07, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.36, 0.45, 0.55, 0.66, 0.8)
SCALES = (0.02, 0.03, 0.04, 0.06, 0.09, 0.13, 0.18, 0.25, 0.36, 0.5, 0.7, 1.0, 1.5, 2.2)
N_EPOCHS = {"factorised": 8, "correlated": 1}
N_SHOWN = 500  # of the tuning stimuli, whose missed fields are counted where every stimulus settles
LONGER = 3  # times as long noise is learned for too


class Arm(NamedTuple):
    """One model."""

    data: str
    prior: str
    posterior: str
    norm: str


# Where searches start: noise, prior scale. Those of the Laplace prior are what an earlier, smaller grid ended at.
STARTS = {
    Arm("natural", "laplace", "factorised", "unit"): (0.45, 0.36),
    Arm("natural", "laplace", "factorised", "free"): (0.36, 0.36),
    Arm("mnist", "laplace", "factorised", "unit"): (0.3, 1.0),
    Arm("mnist", "laplace", "factorised", "free"): (0.3, 0.36),
    **{Arm("natural", "cauchy", "factorised", norm): (0.36, 0.13) for norm in ("unit", "free")},
    **{Arm("mnist", "cauchy", "factorised", norm): (0.3, 0.36) for norm in ("unit", "free")},
    **{
        Arm(data, "laplace", "correlated", norm): ({"natural": 0.45, "mnist": 0.3}[data], 0.36)
        for data, norm in product(("natural", "mnist"), ("unit", "free"))
    },
}


def searched(only: list[str], before: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the table as rows are added to it, to those that it has."""
    table = before
    for arm in STARTS:
        while arm.data in only and (missing := next(_missing(table, arm), None)):
            table = pd.concat([table, pd.DataFrame([tried(arm, **missing)])], ignore_index=True)
            yield _marked(table)
    yield _marked(table)


def _missing(table: pd.DataFrame, arm: Arm) -> Iterator[dict[str, Any]]:
    """Yield what is still to be tried of a model: around the best so far, and with noise that is learned."""
    here = STARTS[arm] if _own(table, arm).empty else _best(table, arm)
    for shares in (here, *around(here, arm)):
        if _row(table, arm, shares).empty:
            yield {"shares": shares}
    for times in (1, LONGER) if arm.prior == "laplace" else ():
        if _row(table, arm, None, n_epochs=times * N_EPOCHS[arm.posterior]).empty:
            yield {"shares": None, "times": times}


def around(here: tuple[float, float], arm: Arm) -> list[tuple[float, float]]:
    """Return the rungs below and above, for noise and, where it is not learned, for prior scale."""
    noise, scale = here
    beside = [(rung, scale) for rung in _beside(noise, NOISES)]
    return beside + [(noise, rung) for rung in _beside(scale, SCALES) if arm.posterior == "factorised"]


def _beside(rung: float, ladder: tuple[float, ...]) -> tuple[float, ...]:
    """Return the rungs below and above one; at an end there is but one."""
    place = ladder.index(rung)
    return ladder[max(place - 1, 0) : place] + ladder[place + 1 : place + 2]


def tried(arm: Arm, *, shares: tuple[float, float] | None, times: int = 1) -> dict[str, Any]:
    """Return what one candidate comes to; without shares noise and prior scale are learned."""
    shown, held_out = stimuli(arm.data, "training", 0), stimuli(arm.data, "validation", 0)
    settles = arm.posterior == "correlated"
    shown = shown[:N_SETTLING] if settles else shown
    rms = root_mean_square(shown)
    net = unfitted(arm, shares, rms=rms, n_epochs=times * N_EPOCHS[arm.posterior]).fit(shown)
    row = arm._asdict() | {"noise_learned": shares is None, "n_epochs": net.n_epochs}
    row |= dict(zip(("noise_tried", "prior_tried"), shares or (np.nan, np.nan), strict=True))
    row |= {"noise_share": net.noise_sd_ / rms, "prior_share": net.prior_scale_ / rms}
    some = held_out[:N_SHOWN] if settles else held_out
    row |= {"elbo_validation": net.score(held_out), "active": int(net.filters(some)["active"].sum())}
    print(row, flush=True)
    return row | {"date": datetime.now(UTC).date().isoformat()}


def unfitted(arm: Arm, shares: tuple[float, float] | None, *, rms: float, n_epochs: int) -> SVAE:
    """Return a candidate; without shares it is to learn its noise too."""
    if arm.posterior == "correlated":
        noise_sd = shares and shares[0] * rms
        return settling_network(arm.data, arm.posterior, arm.norm, 0, n_epochs=n_epochs, noise_sd=noise_sd)
    net = network(arm.data, arm.prior, arm.norm, 0, shares=shares or (1, 1), rms=rms)
    net.set_params(n_epochs=n_epochs)
    return net if shares else net.set_params(noise_sd=None, prior_scale=None, learn_scales=True)


def _row(
    table: pd.DataFrame, arm: Arm, shares: tuple[float, float] | None, *, n_epochs: int | None = None
) -> pd.DataFrame:
    """Return the rows of one candidate."""
    own = _own(table, arm, learned=shares is None)
    if shares is None or own.empty:
        return own if own.empty else own[own["n_epochs"] == n_epochs]
    same = own["noise_tried"] == shares[0]
    return own[same & ((own["prior_tried"] == shares[1]) | (arm.posterior == "correlated"))]


def _own(table: pd.DataFrame, arm: Arm, *, learned: bool = False) -> pd.DataFrame:
    """Return the rows of one model."""
    if table.empty:
        return table
    same = pd.Series(True, index=table.index)
    for name, value in arm._asdict().items():
        same &= table[name] == value
    return table[same & (table["noise_learned"] == learned)]


def _best(table: pd.DataFrame, arm: Arm) -> tuple[float, float]:
    own = _own(table, arm)
    best = own.loc[own["elbo_validation"].idxmax()]
    return float(best["noise_tried"]), float(best["prior_tried"])


def _marked(table: pd.DataFrame) -> pd.DataFrame:
    """Mark the best of every search, and put models beside each other."""
    best = {_own(table, arm)["elbo_validation"].idxmax() for arm in STARTS if not _own(table, arm).empty}
    marked = table.assign(best=table.index.isin(best))
    keys = ["noise_learned", *Arm._fields, "n_epochs", "noise_tried", "prior_tried"]
    return marked.sort_values(
        keys, ascending=[True, False, False, False, False, True, True, True]
    ).reset_index(drop=True)

"""Complex cells as pools of simple units: what a pool is, what it answers, and the pools nothing was learned for."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from neurosim.laboratory.responders import Responder
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["Pools", "one_sided", "pooled", "random_pools", "sheet_pools"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pools:
    """Which simple units each complex cell adds up.

    Parameters
    ----------
    members : ndarray (n_pools, size), int
        Units of each pool, the one it was built around first.
    n_units : int
        Of the population.
    origin : str
        How the members were found, in words.
    n_without : int
        Units that could have been the first of a pool, had they answered or had a place.
    strengths : ndarray (n_pools, size), optional
        How much the square of each member counts, 0 or more; all 1 by default.

    Raises
    ------
    ValueError
        If members are no units, a pool has one twice, or strengths are not 0 or more for each member.
    """

    members: Indices
    n_units: int
    origin: str
    n_without: int = 0
    strengths: Floats | None = None

    def __post_init__(self) -> None:
        members = np.asarray(self.members)
        if members.ndim != 2 or members.dtype.kind not in "iu" or not members.shape[1]:
            raise ValueError(f"expected members (n_pools, size) as whole numbers, got {members.shape}")
        if members.size and not 0 <= members.min() <= members.max() < self.n_units:
            raise ValueError(
                f"expected members among {self.n_units} units, got {members.min()} to {members.max()}"
            )
        if (np.diff(np.sort(members, axis=1), axis=1) == 0).any():
            raise ValueError("expected every unit once in a pool, got one twice")
        if self.strengths is not None and (
            np.shape(self.strengths) != members.shape or not (np.asarray(self.strengths) >= 0).all()
        ):
            raise ValueError(
                f"expected strengths of 0 or more for members {members.shape}, got shape {np.shape(self.strengths)}"
            )

    @property
    def firsts(self) -> Indices:
        """The unit each pool was built around, (n_pools,): its place and preference are where to show stimuli."""
        return np.asarray(self.members[:, 0])

    @property
    def size(self) -> int:
        """Units in a pool."""
        return int(self.members.shape[1])

    @property
    def share(self) -> float:
        """Pools per unit of the population."""
        return len(self.members) / self.n_units

    def around(self, units: ArrayLike) -> "Pools":
        """Return the pools that were built around certain units, in their order.

        Parameters
        ----------
        units : array_like of int

        Raises
        ------
        ValueError
            If there is none around one of them.
        """
        row_of = {int(first): k for k, first in enumerate(self.firsts)}
        wanted = [int(unit) for unit in np.asarray(units)]
        missing = [unit for unit in wanted if unit not in row_of]
        if missing:
            raise ValueError(
                f"expected units that pools were built around, got {len(missing)} others, first {missing[0]}: units "
                "that never answered or have no place are in no pool"
            )
        return self._only([row_of[unit] for unit in wanted])

    def some(self, share: float, *, rng: Randomness) -> "Pools":
        """Return as many of the pools, drawn at random, as this share of the units.

        Parameters
        ----------
        share : float
            In (0, 1]; .6 of macaque's cells are complex.
        rng : numpy.random.Generator or int

        Raises
        ------
        ValueError
            If there are fewer pools.
        """
        n = round(share * self.n_units)
        if not 1 <= n <= len(self.members):
            raise ValueError(
                f"expected a share in (0, {self.share:.3g}], as there are {len(self.members)} pools of {self.n_units} "
                f"units, got {share}"
            )
        drawn = np.sort(generator(rng).choice(len(self.members), size=n, replace=False))
        return self._only(drawn)

    def answers(self, responses: ArrayLike) -> Floats:
        r"""Return what each pool answers, :math:`\sqrt{\sum_i w_i r_i^2}` over its members of strength w.

        Parameters
        ----------
        responses : array_like (..., n_units)
            Of one-sided units, 0 or more.

        Returns
        -------
        ndarray (..., n_pools)
            In the unit of the responses.

        Raises
        ------
        ValueError
            If there are other units, or negative responses.

        References
        ----------
        Adelson & Bergen 1985, J Opt Soc Am A 2:284, doi:10.1364/JOSAA.2.000284 (energy of a pair in quadrature);
        Hyvärinen & Hoyer 2001, Vision Research 41:2413, doi:10.1016/S0042-6989(01)00114-6 (of a pool).

        Examples
        --------
        >>> Pools(np.array([[0, 1]]), 3, "by hand").answers([[3.0, 4.0, 9.0]])
        array([[5.]])
        """
        given = np.asarray(responses, dtype=np.float64)
        if given.ndim == 0 or given.shape[-1] != self.n_units:
            raise ValueError(f"expected responses of {self.n_units} units, got shape {given.shape}")
        if (given < 0).any():
            raise ValueError(
                f"expected responses of 0 or more, got {(given < 0).sum()} negative ones: the square of a signed unit "
                "is blind to phase by itself; one_sided makes two units of each"
            )
        rows = given.reshape(-1, self.n_units)
        summed = (self._weights @ (rows**2).T).T
        return np.asarray(np.sqrt(summed).reshape(*given.shape[:-1], len(self.members)))

    @cached_property
    def _weights(self) -> csr_array:
        """Strengths of all units in each pool, (n_pools, n_units)."""
        strengths = np.ones(self.members.shape) if self.strengths is None else np.asarray(self.strengths)
        row = np.repeat(np.arange(len(self.members)), self.size)
        entries = (strengths.ravel(), (row, self.members.ravel()))
        return csr_array(entries, shape=(len(self.members), self.n_units))

    def _only(self, rows: ArrayLike) -> "Pools":
        kept = np.asarray(rows, dtype=np.intp)
        strengths = None if self.strengths is None else self.strengths[kept]
        return replace(self, members=self.members[kept], strengths=strengths)


def one_sided(respond: Responder, *, opposite: bool = False) -> Responder:
    """Return units as real ones are, silent where a signed unit is negative.

    Parameters
    ----------
    respond : callable
        Units, signed or not.
    opposite : bool
        A signed unit stands for two: return those of the opposite sign too, after the others.

    Examples
    --------
    >>> one_sided(lambda images: np.array([[2.0, -1.0]]), opposite=True)(np.zeros((1, 2, 2))).tolist()
    [[2.0, 0.0, 0.0, 1.0]]
    """

    def halves(images: Floats) -> Floats:
        signed = np.asarray(respond(images), dtype=np.float64)
        both = np.concatenate([signed, -signed], axis=1) if opposite else signed
        return np.asarray(np.maximum(both, 0.0))

    return halves


def pooled(respond: Responder, pools: Pools, *, simple: bool = False) -> Responder:
    """Return the pools of a population as units of their own.

    Parameters
    ----------
    respond : callable
        The population, one-sided.
    pools : Pools
        Of it.
    simple : bool
        Return the units that no pool was built around too, before the pools: a population of simple and complex cells.

    Examples
    --------
    >>> pools = Pools(np.array([[0, 1]]), 3, "by hand")
    >>> pooled(lambda images: np.array([[3.0, 4.0, 9.0]]), pools, simple=True)(np.zeros((1, 2, 2)))
    array([[4., 9., 5.]])
    """
    alone = np.setdiff1d(np.arange(pools.n_units), pools.firsts)

    def answer(images: Floats) -> Floats:
        found = np.asarray(respond(images), dtype=np.float64)
        complex_cells = pools.answers(found)
        return np.concatenate([found[:, alone], complex_cells], axis=1) if simple else complex_cells

    return answer


def random_pools(n_units: int, *, size: int = 12, rng: Randomness, firsts: ArrayLike | None = None) -> Pools:
    """Return pools of units drawn at random: the control of all others.

    Parameters
    ----------
    n_units : int
        Of the population.
    size : int
        Units in a pool, the first among them.
    rng : numpy.random.Generator or int
    firsts : array_like of int, optional
        Units that pools are built around; all by default.

    Examples
    --------
    >>> random_pools(6, size=3, rng=0).members.shape
    (6, 3)
    """
    _checked_size(size, n_units)
    draw = generator(rng)
    around = np.arange(n_units) if firsts is None else np.asarray(firsts, dtype=np.intp)
    ranks = draw.random((len(around), n_units))
    ranks[np.arange(len(around)), around] = -1.0
    return Pools(np.argsort(ranks, axis=1)[:, :size], n_units, "at random")


def sheet_pools(network: Any) -> Pools:
    """Return the pools that a sheet's neurons learned in: the square of neighbours around each.

    Of TopographicLCA they are not blind to phase (F1/F0 about 1.3).

    Parameters
    ----------
    network : estimator
        A fitted TopographicLCA, non-negative or seen through `one_sided` without the opposite.

    Raises
    ------
    ValueError
        If it has no sheet, or one with edges, at which pools are smaller.

    Examples
    --------
    >>> from neurosim.networks import TopographicLCA
    >>> sheet_pools(TopographicLCA.from_dictionary(np.eye(16), threshold=0.5)).members[0].tolist()
    [0, 1, 3, 4, 5, 7, 12, 13, 15]
    """
    if not hasattr(network, "positions_") or not getattr(network, "torus", False):
        raise ValueError(
            "expected a network on a sheet whose opposite edges meet (TopographicLCA with torus=True), got "
            f"{type(network).__name__}"
        )
    places = np.asarray(network.positions_)
    sides = places.max(axis=0) + 1
    apart = np.abs(places[:, None] - places[None])
    near = (np.minimum(apart, sides - apart) <= network.pooling // 2).all(axis=2)
    others = near & ~np.eye(len(places), dtype=bool)
    members = [np.concatenate([[k], np.flatnonzero(row)]) for k, row in enumerate(others)]
    return Pools(
        np.array(members), len(places), f"neighbours on the sheet, {network.pooling}×{network.pooling}"
    )


def _checked_size(size: int, n_units: int) -> None:
    if not 2 <= size <= n_units:
        raise ValueError(f"expected pools of 2 to {n_units} units, got size={size}")

"""Several populations side by side that are shown the same images: a network, its pools, its controls."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.laboratory.populations.pools import Pools
from neurosim.laboratory.v1_protocol.on_patch import through_window
from neurosim.laboratory.v1_protocol.shown import ProtocolResponses, show_protocol
from neurosim.laboratory.v1_protocol.subject import Encode, Subject
from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = ["Member", "both_signs", "show_members"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Member:
    """One population among several.

    Attributes
    ----------
    source : str
        Whose units these are.
    n_units : int
        Units of the source that have fields of their own; with both signs there are twice as many.
    pools : Pools or None
        Complex cells made of them, beside the units that no pool was built around; None for simple units alone, those
        of positive sign.
    """

    source: str
    n_units: int
    pools: Pools | None = None

    @property
    def units(self) -> NDArray[np.intp]:
        """Which unit of the source each one is, or was built around."""
        if self.pools is None:
            return np.arange(self.n_units)
        alone = np.setdiff1d(np.arange(self.pools.n_units), self.pools.firsts)
        return np.concatenate([alone, self.pools.firsts])

    @property
    def is_pool(self) -> NDArray[np.bool_]:
        """Which units are pools."""
        n_pools = 0 if self.pools is None else len(self.pools.members)
        return np.arange(len(self.units)) >= len(self.units) - n_pools

    def answers(self, responses: Floats) -> Floats:
        """Return what its units answer where those of the source answer so."""
        if self.pools is None:
            return responses[:, : self.n_units]
        simple = responses[:, self.units[~self.is_pool]]
        return np.concatenate([simple, self.pools.answers(responses)], axis=1)


def both_signs(encode: Encode, *, signed: bool) -> Encode:
    """Return units as real ones are, 0 or more: of signed ones those of positive sign, then those of negative sign.

    Examples
    --------
    >>> both_signs(lambda rows: rows, signed=True)(np.array([[2.0, -1.0]])).tolist()
    [[2.0, 0.0, 0.0, 1.0]]
    """

    def halves(rows: Floats) -> Floats:
        found = np.asarray(encode(rows), dtype=np.float64)
        both = np.concatenate([found, -found], axis=1) if signed else found
        return np.asarray(np.maximum(both, 0.0))

    return halves


def show_members(
    members: Mapping[str, Member],
    sources: Mapping[str, Encode],
    *,
    subject: Subject,
    field: VisualField,
    contrast: float = 1.0,
) -> dict[str, ProtocolResponses]:
    """Show the protocol once to all of them.

    Parameters
    ----------
    members : mapping of str to Member
        By name.
    sources : mapping of str to callable
        From what the front end gives, one row per image, to responses of 0 or more; by the names that members use.
    subject : Subject
        Whose fields tell where all of them look.
    field : VisualField
        From `Subject.field`.
    contrast : float
        Of all gratings.

    Returns
    -------
    dict of str to ProtocolResponses
        By name of the member.
    """

    def side_by_side(rows: Floats) -> Floats:
        found = {name: np.asarray(encode(rows), dtype=np.float64) for name, encode in sources.items()}
        return np.concatenate([each.answers(found[each.source]) for each in members.values()], axis=1)

    places = subject.places(field)
    looked = pd.concat([places.iloc[each.units % len(places)] for each in members.values()])
    respond = through_window(
        {"all": side_by_side},
        front_end=subject.front_end,
        margin=subject.margin,
        background=field.mean_luminance,
    )
    shown = show_protocol(respond, looked.reset_index(drop=True), field=field, contrast=contrast)
    ends = np.cumsum([len(each.units) for each in members.values()])
    return {
        name: shown.of(slice(end - len(each.units), end))
        for (name, each), end in zip(members.items(), ends, strict=True)
    }

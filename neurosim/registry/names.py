"""Names that a mistyped word may have meant."""

import difflib
from collections.abc import Sequence

__all__ = ["near_name"]


def near_name(word: str, names: Sequence[str]) -> str | None:
    """Return the name that a mistyped word most likely meant, or None if none is close.

    Examples
    --------
    >>> near_name("n_neuron", ["n_neurons", "threshold"])
    'n_neurons'
    >>> near_name("zebra", ["n_neurons", "threshold"]) is None
    True
    """
    return next(iter(difflib.get_close_matches(word, names, n=1, cutoff=0.6)), None)

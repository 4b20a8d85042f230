"""One look for every figure: colour-blind-safe colours and readable type."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import matplotlib as mpl

__all__ = ["COLOURS", "house_style"]

# Okabe & Ito's palette (vermilion, blue, green): told apart with every common kind of colour blindness.
COLOURS = {
    "model": "#D55E00",
    "data": "#0072B2",
    "second": "#009E73",
    "muted": "#6E6E6E",
    "faint": "#D9D9D9",
    "dead": "#CC3311",
}

_STYLE: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib: the same figure on every machine
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "lines.linewidth": 1.6,
    "figure.facecolor": "white",
    "figure.dpi": 150,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style and leave matplotlib's settings as they were.

    Examples
    --------
    >>> import matplotlib
    >>> before = matplotlib.rcParams["axes.titlelocation"]
    >>> with house_style():
    ...     matplotlib.rcParams["axes.titlelocation"]
    'left'
    >>> matplotlib.rcParams["axes.titlelocation"] == before
    True
    """
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's matplotlibrc must not change what a report looks like
        mpl.rcParams.update(cast(Any, _STYLE))
        yield

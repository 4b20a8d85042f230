"""Options of the command line that several commands have, and those of the laboratory."""

from typing import Annotated

import typer

Traceback = Annotated[
    bool, typer.Option("--traceback", show_default="off", help="Show where in the code an error arose.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", show_default="off", help="Say nothing but warnings and errors.")
]
Ppd = Annotated[
    str | None,
    typer.Option(
        show_default="the recipe's, or auto: median peak frequency of the fields 2.8 cycles/degree",
        help="Pixels per degree.",
    ),
]
Tile = Annotated[
    str | None,
    typer.Option(
        show_default="the recipe's, or off",
        help="STRIDE,SIZE in pixels: repeat the fields over a larger field, e.g. 8,32; or off.",
    ),
]
Control = Annotated[
    str | None,
    typer.Option(show_default="the recipe's, or all", help="Controls: all, feedforward or off."),
]
Pools = Annotated[
    str | None,
    typer.Option(
        show_default="the recipe's, or off", help="Complex cells: learned, matched, sheet, random or off."
    ),
]
GainControl = Annotated[
    str | None,
    typer.Option(
        show_default="the recipe's, or 0",
        help="Strength of an inhibitory pool that divides all units by what those nearby answer.",
    ),
]
Sensitivity = Annotated[
    bool,
    typer.Option(
        "--sensitivity",
        show_default="the recipe's, or off",
        help="Again with pixels per degree × .7 and × 1.4 and contrast × .3.",
    ),
]

"""`neurosim clear-cache`: compiled code, removed."""

import typer

from neurosim.commands.explained import explained
from neurosim.commands.options import Traceback


def clear_cache(traceback: Traceback = False) -> None:
    """Remove the code that was compiled on this machine; what is needed again is compiled again."""
    with explained(traceback=traceback):
        from neurosim.engine.clearing import clear_caches

        cleared = clear_caches()
        typer.echo(
            f"{cleared.folder}: removed {cleared.n_programs} standalone programs and "
            f"{cleared.n_modules} Cython modules, {cleared.n_bytes / 1e6:.1f} MB"
        )

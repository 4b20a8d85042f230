"""How commands end: what a user can mend is one message in the words of the command line, and an exit code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from neurosim.recipes.recipe import Recipe


class Words:
    """Turn a message into command-line words, once it is known which recipe is run, or which options it has."""

    recipe: "Recipe | None" = None
    in_options: Callable[[str], str] | None = None

    def __call__(self, message: str) -> str:
        if self.in_options is not None:
            return self.in_options(message)
        if self.recipe is None:
            return message
        from neurosim.runs.command_words import command_words

        return command_words(message, recipe=self.recipe)


@contextmanager
def explained(*, traceback: bool) -> Iterator[Words]:
    """Turn errors a user can mend into one message and exit code 2, Ctrl-C into 130, SIGTERM into 143."""
    from neurosim.results.interruption import exit_code

    words = Words()
    try:
        yield words
    except KeyboardInterrupt as interruption:
        typer.echo(f"interrupted: {str(interruption) or 'nothing was computed yet'}", err=True)
        raise typer.Exit(exit_code()) from None
    except Exception as error:
        if traceback or not _is_mendable(error):
            raise
        told = "\n".join([f"neurosim: {error}", *getattr(error, "__notes__", [])])
        typer.echo(words(told), err=True)
        raise typer.Exit(2) from None


def _is_mendable(error: Exception) -> bool:
    if isinstance(error, ValueError | OSError):
        return True
    # Imports Brian2: only for what can be one of them.
    from neurosim.engine.errors import BackendError, DivergenceError, MissingExtraError

    return isinstance(error, BackendError | DivergenceError | MissingExtraError)

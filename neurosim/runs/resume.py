"""Go on with a run that was interrupted or killed, from its last checkpoint."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neurosim.networks.estimator.backend_choice import repeatable
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.registry.progress import Progress
from neurosim.results.store import new_run_folder, put_in_place, require_free
from neurosim.results.unfinished import Unfinished, unfinished_run
from neurosim.runs.execute import carried_out
from neurosim.runs.measured_files import written_by_measures
from neurosim.runs.progress import silent


@repeatable()
def resume(
    run: str | Path, *, overwrite: bool = False, progress: Progress = silent, command: Sequence[str] = ()
) -> dict[str, Any]:
    """Go on with an unfinished run, and put it where it belongs.

    The network learns on from its last checkpoint, or from the start if there was none yet; what is measured is
    measured anew. Every number is the one that the run would have had without the interruption, to the last bit, on
    the same machine with the same versions.

    Parameters
    ----------
    run : str or Path
        The ``out`` of the run, or its unfinished folder, ``<out>.partial…``.
    overwrite : bool
        Replace a run that is in its place.
    progress : callable
        Called with events as `TerminalProgress` takes them.
    command : sequence of str
        The command line, for the record.

    Returns
    -------
    dict
        ``summary.json``.

    Raises
    ------
    ValueError
        If there is no unfinished run, another process writes to its place, its stimuli are no longer the same, or the
        checkpoint is of other versions.
    RunInterrupted
        On Ctrl-C (a KeyboardInterrupt); the message says what was kept.

    Examples
    --------
    >>> resume("runs/lca-0")  # doctest: +SKIP
    """
    found = unfinished_run(run)
    if found.whole:
        put_in_place(found.folder, out=found.place, overwrite=overwrite, writes=written_by_measures)
        summary: dict[str, Any] = json.loads((found.place / "summary.json").read_text(encoding="utf-8"))
        return summary
    require_free(found.place, overwrite=overwrite, writes=written_by_measures)
    room = new_run_folder(
        found.place, overwrite=overwrite, writes=written_by_measures, resumable=True, going_on=found.folder
    )
    return carried_out(recipe_of(found), room, progress=progress, command=command)


def recipe_of(found: Unfinished) -> Recipe:
    """Return the recipe of an unfinished run."""
    return load_recipe(found.folder / "recipe.toml")

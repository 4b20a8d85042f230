"""The laboratory on a finished run: what its recipe's [laboratory] would have given, in a folder of its own.

Or on the file of a network, whose photographs nobody knows.
"""

import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from neurosim.analysis.progress import show_progress
from neurosim.measures.context import Context
from neurosim.measures.laboratory import LABORATORY
from neurosim.networks.estimator.backend_choice import repeatable
from neurosim.networks.saving.loading import NETWORK_FILE, load
from neurosim.networks.saving.network_file import write_dataset
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.registry.progress import Progress
from neurosim.results.provenance import provenance
from neurosim.results.run_files import is_run
from neurosim.results.store import new_run_folder, require_free, require_run, write_json
from neurosim.results.target import resolved
from neurosim.runs.analyze import take
from neurosim.runs.dataset import network_dataset
from neurosim.runs.execute import page, streams_of
from neurosim.runs.finished.network_alone import network_alone
from neurosim.runs.measured_files import written_by_measures
from neurosim.runs.progress import silent
from neurosim.runs.stimuli import prepared, recorded

__all__ = ["laboratory", "laboratory_folder"]


def laboratory_folder(run: str | Path) -> Path:
    """Return where the laboratory's results of a run, or of a network's file, go unless one is told: beside it.

    Those of the file in a run's folder go beside the folder.

    Examples
    --------
    >>> laboratory_folder("runs/lca-0").as_posix()
    'runs/lca-0-laboratory'
    """
    place = Path(run).expanduser()
    if not place.is_file():
        return place.with_name(f"{place.resolve().name}-laboratory")
    inside = is_run(place.resolve().parent)
    beside = place.resolve().parent if inside else place
    name = f"{beside.name}-{place.stem}" if inside else place.stem
    return beside.with_name(f"{name}-laboratory")


@repeatable()
def laboratory(
    run: str | Path,
    *,
    assignments: Sequence[str] = (),
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    command: Sequence[str] = (),
) -> dict[str, Any]:
    """Put the network of a finished run, or of a file, through the fourteen V1 properties.

    The numbers are those that the run would have had with the same ``[laboratory]`` in its recipe. The run itself is
    left as it is. A network alone does not say what photographs it learned from: the embedded ones tell the gain, where
    its front end has none for all images, and what pools learn from.

    Parameters
    ----------
    run : str or Path
        A folder that `neurosim run` wrote, of one network that learned from photographs, or a file that ``net.save``
        wrote, of a network with its front end.
    assignments : sequence of str
        ``laboratory.key=value`` each, over what the run's recipe says.
    out : str or Path, optional
        The folder for the results, made by this call; `laboratory_folder` by default. It is a run's folder with the
        laboratory's numbers alone: page, ``summary.json``, ``scoreboard.csv``, ``properties.csv``, figure; the network
        and what the run knows of its neurons are copied, so that the page shows them with their tuning curves.
    overwrite : bool
        Replace results that are in `out`.
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
        If there is no run, it is of other stimuli than photographs or of several networks, its network is not stored
        whole, a file's network has no front end, or the gratings cannot be shown.

    Examples
    --------
    >>> laboratory("runs/lca-0", assignments=["laboratory.ppd=24"])  # doctest: +SKIP
    """
    given = network_alone(run, assignments, command) if Path(run).expanduser().is_file() else None
    recipe = _recipe(run, assignments) if given is None else given.recipe
    place = laboratory_folder(run) if out is None else Path(out)
    if resolved(place) == resolved(run):
        raise ValueError(
            f"expected another folder than the run's own, got {str(out)!r}: its network would go; name another --out"
        )
    require_free(place, overwrite=overwrite, writes=written_by_measures)
    network = load(run) if given is None else given.network
    with new_run_folder(place, overwrite=overwrite, writes=written_by_measures) as folder:
        text = recipe.to_toml() if given is None else given.text
        (folder / "recipe.toml").write_text(text, encoding="utf-8")
        progress({"stage": "stimuli", "step": "loading and preparing"})
        streams, started = streams_of(recipe.run.seed), time.perf_counter()
        make = partial(prepared, recipe) if given is None else given.stimuli
        stimuli = make(training_rng=streams.training, held_out_rng=streams.held_out)
        with show_progress(progress):
            context = Context(network, stimuli, recipe=recipe, progress=progress)
            metrics = take([LABORATORY], context, seed=streams.analysis, folder=folder)
        _keep_cells(run, context, folder=folder)
        timings = {"seconds_analyze": time.perf_counter() - started}
        kind = "run" if given is None else "network"
        sources = {kind: str(Path(run).expanduser().resolve()), **recorded(stimuli, recipe)}
        record = provenance(seed=recipe.run.seed, command=command, timings=timings, sources=sources)
        write_json(folder / "provenance.json", record)
        write_json(folder / "summary.json", metrics | timings)
        page(folder)
    return metrics | timings


def _keep_cells(run: str | Path, context: Context, *, folder: Path) -> None:
    """Put the network beside its curves, so that the page shows its neurons one by one: as the run has them."""
    place = Path(run).expanduser()
    if place.is_file():
        write_dataset(network_dataset(context), folder / NETWORK_FILE)
        return
    for name in (NETWORK_FILE, "fields.csv"):
        shutil.copyfile(place / name, folder / name)


def _recipe(run: str | Path, assignments: Sequence[str]) -> Recipe:
    """Return the run's recipe with a laboratory, or say why it cannot have one."""
    require_run(run)
    file = Path(run).expanduser() / "recipe.toml"
    plain = load_recipe(file)
    if plain.stimuli.kind != "photographs" or plain.arms:
        what = "several networks" if plain.arms else f"stimuli.kind = {plain.stimuli.kind!r}"
        raise ValueError(
            f"expected a run of one network on photographs, which gratings can be shown to, got {what} in {str(run)!r}"
        )
    section = ["laboratory.control=all"] if plain.laboratory is None else []
    return load_recipe(file, assignments=[*section, *assignments])

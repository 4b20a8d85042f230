"""Carry out a sweep: what is not done yet, then one table, figures and a page."""

import logging
import os
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd

from neurosim._version import __version__
from neurosim.registry.names import near_name
from neurosim.registry.progress import Progress
from neurosim.results.interruption import interruptible
from neurosim.results.run_files import is_run
from neurosim.results.store import RunInterrupted
from neurosim.results.target import make_folders, resolved, told
from neurosim.sweeps.attempt import Outcome, Task, run_place
from neurosim.sweeps.plan import Plan, plan_of
from neurosim.sweeps.running import clear_running, running_words
from neurosim.sweeps.table import (
    PLAN,
    TABLE,
    over_seeds,
    require_metric,
    store_plan,
    store_table,
    sweep_table,
)
from neurosim.sweeps.values import SweepError

__all__ = ["default_sweep_folder", "sweep"]

Outcomes = Generator[Outcome | None, None, None]

_LOG = logging.getLogger(__name__)
# Seconds after which the table is made again while runs are under way.
_BETWEEN_TABLES = 30.0
# Drawn if nobody says what; those of them that the runs have.
_METRICS = ("objective", "reconstruction_snr_db", "active_fraction", "gabor_fraction")


def sweep(
    source: str | Path | Mapping[str, Any] | Plan,
    *,
    out: str | Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
    command: Sequence[str] = (),
) -> pd.DataFrame:
    """Run one recipe with many settings; what is done already is not done again.

    Parameters
    ----------
    source : str, Path, mapping or Plan
        A sweep's TOML file, its tables, or what `plan_of` made of them.
    out : str or Path, optional
        The sweep's folder; ``sweeps/NAME`` if it is left out. Every run has a folder in ``runs`` there, named after
        its recipe's digest.
    workers : int, optional
        Processes on this machine; as many as there are processors if it is left out.
    scheduler : str, optional
        Address of a dask scheduler, ``tcp://…``, whose workers do the runs instead; they have to see `out`.
    progress : callable, optional
        Called with mappings: ``stage`` ``"sweep"`` with ``done``, ``of``, ``failed`` and ``running``.
    command : sequence of str
        The command line, for the record.

    Returns
    -------
    DataFrame
        As of `sweep_table`. A run that failed has its reason there, and is tried again by the next call.

    Raises
    ------
    SweepError
        Before anything is run: if the sweep or the recipe of one of its runs is wrong, the folder holds something
        else, or the cluster does not fit.
    RunInterrupted
        On Ctrl-C; runs that are done stay done.

    Examples
    --------
    >>> table = sweep({"sweep": {"recipe": "lca", "seeds": 3}}, out="sweeps/seeds")  # doctest: +SKIP
    """
    plan = source if isinstance(source, Plan) else plan_of(source)
    _require_known(plan.sweep.metrics)
    n_workers = _workers(workers, scheduler)
    folder = _require_folder(default_sweep_folder(plan) if out is None else out)
    waiting = [run for run in plan.runs if not is_run(run_place(folder, run.key))]
    if scheduler is None and waiting:
        _require_memory(plan, n_workers=min(n_workers, len(waiting)))
    with told(folder):
        make_folders(folder / "runs")
        store_plan(plan, folder)
    tasks = [Task(run.key, run.recipe.to_toml(), str(folder), tuple(command)) for run in waiting]
    with interruptible():
        try:
            if tasks:
                # Workers end when this block does, and not when the last traceback is forgotten.
                with closing(_outcomes(tasks, n_workers, scheduler)) as outcomes:
                    _follow(outcomes, plan, folder=folder, progress=progress)
        except KeyboardInterrupt as error:
            store_table(sweep_table(folder), folder / TABLE)
            raise RunInterrupted(_state(plan, folder)) from error
        finally:
            clear_running(folder)
    return _stored(plan, folder)


def default_sweep_folder(plan: Plan) -> Path:
    """Return ``sweeps/NAME``."""
    return Path("sweeps", plan.sweep.name)


def _workers(workers: int | None, scheduler: str | None) -> int:
    if scheduler is not None:
        if workers is not None:
            raise SweepError("workers: a cluster has its own; leave out workers or the scheduler")
        from neurosim.sweeps.cluster import require_dask

        require_dask()
        return 1
    if workers is not None and workers < 1:
        raise SweepError(f"workers: expected 1 or more, got {workers}")
    from joblib import cpu_count

    return int(workers or cpu_count())


def _require_known(metrics: Sequence[str]) -> None:
    from neurosim import measures

    for name in metrics:
        if measures.metric_of(name) is None and not name.endswith(("_low", "_high")):
            near = near_name(name, list(measures.metrics()))
            hint = f"did you mean {near!r}?" if near else "docs/results.md lists them"
            raise SweepError(f"[sweep] metrics: expected numbers of summary.json, got {name!r}; {hint}")


def _require_folder(out: str | Path) -> Path:
    """Return where the sweep goes, a place that is new, empty, or a sweep's."""
    folder = resolved(out)
    if folder.is_file():
        raise SweepError(f"expected a folder for the sweep, got the file {str(out)!r}; name another --out")
    with told(out):
        foreign = folder.is_dir() and any(folder.iterdir()) and not (folder / PLAN).is_file()
    if foreign:
        raise SweepError(
            f"expected a new folder or one of a sweep, but {str(out)!r} holds other things; name another --out"
        )
    return folder


def _require_memory(plan: Plan, *, n_workers: int) -> None:
    from neurosim.results.byte_sizes import in_words
    from neurosim.runs.needs.memory import free_memory, require_memory
    from neurosim.runs.needs.run_size import memory_needs

    needs = [sum(need.n_bytes for need in memory_needs(run.recipe)) for run in plan.runs]
    largest = max(range(len(needs)), key=needs.__getitem__)
    require_memory(plan.runs[largest].recipe)
    free, together = free_memory(), sum(sorted(needs)[-n_workers:])
    if free is not None and together > free:
        raise SweepError(
            f"{n_workers} runs at a time need up to {in_words(together)} of memory, and {in_words(free)} are free; "
            "lower --workers"
        )


def _outcomes(tasks: Sequence[Task], n_workers: int, scheduler: str | None) -> Outcomes:
    if scheduler is None:
        from neurosim.sweeps.local import carried_out_here

        return carried_out_here(tasks, n_workers=n_workers)
    from neurosim.sweeps.cluster import carried_out_on

    return carried_out_on(scheduler, tasks)


def _follow(outcomes: Outcomes, plan: Plan, *, folder: Path, progress: Progress | None) -> None:
    """Wait for all runs; tell how far they are, and each note once."""
    known = {run.key: is_run(run_place(folder, run.key)) for run in plan.runs}
    failed, said, stored = 0, set[str](), time.monotonic()
    for outcome in outcomes:
        if outcome is not None and time.monotonic() - stored > _BETWEEN_TABLES:
            store_table(sweep_table(folder), folder / TABLE)
            stored = time.monotonic()
        if outcome is not None:
            known[outcome.key] = outcome.reason is None
            failed += outcome.reason is not None
            for note in outcome.notes:
                if note not in said:
                    said.add(note)
                    _LOG.info("%s: %s", outcome.key, note)
        if progress is not None:
            done, words = sum(known.values()), running_words(folder)
            progress({"stage": "sweep", "done": done, "of": len(known), "failed": failed, "running": words})


def _state(plan: Plan, folder: Path) -> str:
    n_done = sum(is_run(run_place(folder, run.key)) for run in plan.runs)
    return f"{n_done} of {len(plan.runs)} runs are done and kept in {str(folder)!r}; the same sweep goes on from there"


def _stored(plan: Plan, folder: Path) -> pd.DataFrame:
    """Write table, figures and page of what is done, and say what is odd."""
    from neurosim.sweeps.page import write_page

    table = sweep_table(folder)
    store_table(table, folder / TABLE)
    metrics = [
        name
        for name in plan.sweep.metrics or _METRICS
        if _is_measured(table, name, strict=bool(plan.sweep.metrics))
    ]
    _draw(table, metrics, folder)
    write_page(folder, table, metrics=metrics)
    _say_what_is_odd(plan, table, folder)
    return table


def _is_measured(table: pd.DataFrame, metric: str, *, strict: bool) -> bool:
    try:
        require_metric(table, metric)
    except SweepError as error:
        if strict:
            _LOG.warning("no figure of %s: %s", metric, error)
        return False
    return True


def _draw(table: pd.DataFrame, metrics: Sequence[str], folder: Path) -> None:
    from neurosim.analysis.plots.style import house_style
    from neurosim.sweeps.figure import sweep_figure

    (folder / "figures").mkdir(exist_ok=True)
    parts = []
    for metric in metrics:
        figure = sweep_figure(table, metric)
        with house_style():
            for kind in ("png", "svg"):
                aside = folder / "figures" / f".{metric}.{os.getpid()}.{kind}"
                figure.savefig(aside)
                os.replace(aside, folder / "figures" / f"{metric}.{kind}")
        parts.append(over_seeds(table, metric).assign(metric=metric))
    if parts:
        store_table(pd.concat(parts), folder / "over_seeds.csv")


def _say_what_is_odd(plan: Plan, table: pd.DataFrame, folder: Path) -> None:
    if plan.n_asked > len(plan.runs):
        _LOG.info("%d combinations are %d different runs", plan.n_asked, len(plan.runs))
    others = {path.name for path in (folder / "runs").iterdir() if is_run(path)} - {
        run.key for run in plan.runs
    }
    if others:
        _LOG.info(
            "%d runs in %r belong to no setting of this sweep; the table leaves them out",
            len(others),
            str(folder),
        )
    versions = sorted({version for version in table["neurosim"] if isinstance(version, str)} - {__version__})
    if versions:
        _LOG.warning("some runs were made with neurosim %s, this is %s", ", ".join(versions), __version__)
    failed = table[table["state"] == "failed"]
    if len(failed):
        _LOG.warning(
            "%d of %d runs failed; the first, %s: %s",
            len(failed),
            len(table),
            *failed.iloc[0][["key", "reason"]],
        )

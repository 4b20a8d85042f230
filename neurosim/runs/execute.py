"""Carry out a recipe: stimuli, training, held-out code, analysis, run folder."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from neurosim.runs.answer import Answer, answered
from neurosim.runs.dataset import network_dataset, write_dataset
from neurosim.runs.measure import Measurement, measure
from neurosim.runs.network_sections import estimator
from neurosim.runs.prepare import Stimuli, image_files, prepare
from neurosim.runs.progress import Progress, silent
from neurosim.runs.provenance import provenance
from neurosim.runs.recipe import Recipe
from neurosim.runs.store import new_run_folder, require_free, write_json


def execute(
    recipe: Recipe,
    *,
    out: str | Path,
    overwrite: bool = False,
    progress: Progress = silent,
    command: Sequence[str] = (),
) -> dict[str, Any]:
    """Run a recipe and store everything it gives in one folder.

    Parameters
    ----------
    recipe : Recipe
        What to do; `load_recipe` reads one.
    out : str or Path
        The run's folder, made by this call. It appears when the run is whole; until then, and after an
        interruption that leaves a trained network, there is ``<out>.partial``.
    overwrite : bool
        Replace a run that is in `out`.
    progress : callable
        Called with events as `TerminalProgress` takes them.
    command : sequence of str
        The command line, for the record.

    Returns
    -------
    dict
        ``summary.json``. The same recipe gives the same values, all but ``seconds_*``.

    Raises
    ------
    ValueError
        If `out` cannot be used or the images cannot give the patches that the recipe asks for.
    RunInterrupted
        On Ctrl-C (a KeyboardInterrupt); the message says what was kept.

    Examples
    --------
    >>> from neurosim.runs.recipe import load_recipe
    >>> execute(load_recipe("lca"), out="runs/lca-0")  # doctest: +SKIP
    """
    require_free(Path(out), overwrite=overwrite)
    streams = _streams(recipe.run.seed)
    # Made before anything is computed, because it checks the compiler.
    network = estimator(recipe.network, random_state=streams.network)
    with new_run_folder(Path(out), overwrite=overwrite) as folder:
        (folder / "recipe.toml").write_text(recipe.to_toml(), encoding="utf-8")
        progress({"stage": "stimuli", "step": "loading, whitening, sampling"})
        stimuli = prepare(recipe.stimuli, training_rng=streams.training, held_out_rng=streams.held_out)
        timings = _trained(network, stimuli, progress)
        started = time.perf_counter()
        metrics = _analysed(
            network, stimuli, recipe=recipe, rng=streams.bootstrap, folder=folder, progress=progress
        )
        timings["seconds_analyze"] = time.perf_counter() - started
        _recorded(folder, recipe=recipe, stimuli=stimuli, timings=timings, command=command)
        summary = metrics | timings
        write_json(folder / "summary.json", summary)
        _page(folder)
    return summary


class _Streams(NamedTuple):
    training: np.random.Generator
    held_out: np.random.Generator
    network: int
    bootstrap: np.random.Generator


def _streams(seed: int) -> _Streams:
    # Spawned, not seed + 1: neighbouring seeds share nothing. The order is part of what a seed means.
    training, held_out, network, bootstrap = np.random.SeedSequence(seed).spawn(4)
    return _Streams(
        training=np.random.default_rng(training),
        held_out=np.random.default_rng(held_out),
        network=int(network.generate_state(1)[0]),
        bootstrap=np.random.default_rng(bootstrap),
    )


def _trained(network: Any, stimuli: Stimuli, progress: Progress) -> dict[str, float]:
    started = time.perf_counter()
    network.fit(stimuli.training, progress=progress)
    elapsed = time.perf_counter() - started
    compiling = float(network.seconds_compile_)
    return {"seconds_compile": compiling, "seconds_train": elapsed - compiling}


def _analysed(
    network: Any,
    stimuli: Stimuli,
    *,
    recipe: Recipe,
    rng: np.random.Generator,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    progress({"stage": "analyse", "step": f"encoding {len(stimuli.held_out)} held-out patches"})
    answer = answered(network, stimuli.held_out)
    write_dataset(network_dataset(network, stimuli=stimuli, answer=answer), str(folder / "network.nc"))
    measured = measure(
        network, stimuli=stimuli, answer=answer, section=recipe.analysis, rng=rng, progress=progress
    )
    measured.fields.to_csv(folder / "fields.csv", index=False)
    measured.sweep.to_csv(folder / "bound_sweep.csv", index=False)
    progress({"stage": "analyse", "step": "figures and page"})
    _drawn(measured, network=network, stimuli=stimuli, answer=answer, folder=folder)
    return measured.metrics


def _drawn(measured: Measurement, *, network: Any, stimuli: Stimuli, answer: Answer, folder: Path) -> None:
    from neurosim.report.figures import write_figures

    write_figures(
        folder / "figures",
        dictionary=measured.pictures["whitened"],
        image_fields=measured.pictures["image"],
        code=answer.code,
        stimuli=stimuli.fields(stimuli.held_out),
        reconstructions=stimuli.fields(network.inverse_transform(answer.code)),
        history=network.history_,
        fields=measured.fields,
        comparison=measured.comparison,
        counts=answer.own_counts,
        spikes=answer.spikes,
    )


def _recorded(
    folder: Path, *, recipe: Recipe, stimuli: Stimuli, timings: dict[str, float], command: Sequence[str]
) -> None:
    record = provenance(
        seed=recipe.run.seed,
        command=command,
        images=stimuli.images,
        files=image_files(recipe.stimuli, stimuli.images),
        timings=timings,
    )
    write_json(folder / "provenance.json", record)


def _page(folder: Path) -> None:
    from neurosim.report.page import write_report

    write_report(folder)

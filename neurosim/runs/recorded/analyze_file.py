"""Analyze a recording: what is measured of models, measured of it, and the same kind of folder and page."""

import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from neurosim.measures import MEASURES
from neurosim.measures.context import Context
from neurosim.recipes.recipe import Recipe
from neurosim.recordings import Recording, read_recording
from neurosim.recordings.columns import parsed_map, parsed_where
from neurosim.recordings.field_arrays import checked_order
from neurosim.registry.progress import Progress
from neurosim.results.provenance import provenance
from neurosim.results.store import new_run_folder, require_free, write_json
from neurosim.runs.analyze import take
from neurosim.runs.measured_files import written_by_measures
from neurosim.runs.progress import silent
from neurosim.stimuli.kinds.stimuli import Stimuli


def analyze_file(
    file: Path,
    *,
    out: Path,
    reading: Mapping[str, Any],
    overwrite: bool = False,
    progress: Progress = silent,
    command: Sequence[str] = (),
) -> dict[str, Any]:
    """Read a recording as the command line says it, and analyze it.

    Parameters
    ----------
    file, out : Path
        The recording, and the folder.
    reading : mapping
        ``map`` and ``where``, lists of assignments; ``order``; ``stimuli``.
    overwrite, progress, command
        As for `analyze_recording`.
    """
    require_free(out, overwrite=overwrite, writes=written_by_measures)
    recording = read_recording(
        file,
        columns=parsed_map(reading["map"]),
        where=parsed_where(reading["where"]),
        order=checked_order(reading["order"]),
        stimuli=reading["stimuli"],
    )
    return analyze_recording(
        recording, out=out, read_with=reading, overwrite=overwrite, progress=progress, command=command
    )


def analyze_recording(
    recording: Recording,
    *,
    out: str | Path,
    read_with: Mapping[str, Any] | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    command: Sequence[str] = (),
) -> dict[str, Any]:
    """Take every measure that applies to a recording, and write folder and page.

    Parameters
    ----------
    recording : Recording
        From `neurosim.recordings.read_recording`.
    out : str or Path
        The folder, made by this call as `neurosim.runs.execute` makes one.
    read_with : mapping, optional
        How its files were read, for the record.
    overwrite : bool
        Replace what an earlier call or a run wrote there.
    progress : callable
        Told what is being done.
    command : sequence of str
        The command line, for the record.

    Returns
    -------
    dict
        ``summary.json``. The same recording gives the same values, all but ``seconds_analyze``.

    Raises
    ------
    ValueError
        If `out` cannot be used, or nothing can be measured of the recording.
    """
    learned_from = Stimuli(training={}, held_out={}, shapes={}, sources={})  # nothing
    context = Context(None, learned_from, recipe=Recipe(), recording=recording, progress=progress)
    with new_run_folder(out, overwrite=overwrite, writes=written_by_measures) as folder:
        described = _described(recording, Path(out), read_with or {}, command)
        (folder / "recording.toml").write_text(tomli_w.dumps(described), encoding="utf-8")
        started = time.perf_counter()
        metrics = take(MEASURES, context, seed=np.random.SeedSequence(0), folder=folder)
        if not any((folder / "figures").glob("*.png")):
            raise ValueError(
                f"nothing can be measured of {recording.words}: expected receptive fields; four or more orientations, "
                "directions or spatial frequencies, or three diameters; two or more disparities; or properties of units"
            )
        timings = {"seconds_analyze": time.perf_counter() - started}
        record = provenance(
            seed=0, command=command, timings=timings, sources={"recording": dict(recording.files)}
        )
        write_json(folder / "provenance.json", record)
        summary = metrics | timings
        write_json(folder / "summary.json", summary)
        from neurosim.report.page import write_report

        write_report(folder)
    return summary


def _described(
    recording: Recording, out: Path, read_with: Mapping[str, Any], command: Sequence[str]
) -> dict[str, Any]:
    """Return what stands in ``recording.toml``."""
    return {
        "run": {
            "name": out.name,
            "description": recording.words,
            **({"command": shlex.join(command)} if command else {}),
        },
        "recording": {
            "words": recording.words,
            "files": dict(recording.files),
            "read_with": {name: value for name, value in read_with.items() if value},
        },
    }

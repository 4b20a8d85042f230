"""The table of a sweep, rebuilt from its folders, and the same over seeds."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurosim._version import __version__
from neurosim.owned_folders import process_mark, still_runs
from neurosim.results.run_files import is_run
from neurosim.results.store import write_json
from neurosim.sweeps.attempt import failure, run_place
from neurosim.sweeps.plan import Plan
from neurosim.sweeps.values import SweepError

__all__ = [
    "PLAN",
    "SEED",
    "TABLE",
    "over_seeds",
    "store_plan",
    "store_table",
    "stored_plan",
    "sweep_table",
]

TABLE = "table.csv"
PLAN = "plan.json"
"""The file that makes a folder one of a sweep."""
SEED = "run.seed"
_ABOUT = ("key", "state", "reason", "neurosim")


def store_plan(plan: Plan, folder: Path) -> None:
    """Write down which runs belong to the sweep of a folder, so that the table can be made of it alone."""
    runs = [{"key": run.key, "settings": dict(run.settings), SEED: run.recipe.run.seed} for run in plan.runs]
    aside = folder / f".{PLAN}.{os.getpid()}"
    write_json(
        aside,
        {
            "neurosim": __version__,
            "name": plan.sweep.name,
            "recipe": plan.sweep.recipe,
            "swept": list(plan.swept),
            "runs": runs,
        },
    )
    os.replace(aside, folder / PLAN)


def stored_plan(folder: str | Path) -> dict[str, Any]:
    """Return what `store_plan` wrote; `SweepError` if a folder is none of a sweep."""
    file = Path(folder).expanduser() / PLAN
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
        if {"name", "swept", "runs"} <= set(plan):
            return dict(plan)
    except (OSError, ValueError, TypeError, RecursionError):
        pass
    raise SweepError(
        f"expected the folder of a sweep, found no {PLAN} that can be read in {str(folder)!r}; "
        "`neurosim sweep SWEEP.toml --out DIR` makes one"
    )


def sweep_table(folder: str | Path) -> pd.DataFrame:
    """Return one row for each run of a sweep, read from its folders.

    Parameters
    ----------
    folder : str or Path
        That `neurosim sweep` or `sweep` wrote, finished or not.

    Returns
    -------
    DataFrame
        In the order of the sweep: ``key`` (name of the run's folder in ``runs``), ``state`` (``"done"``, ``"failed"``,
        ``"waiting"``), ``reason`` of a failure, ``neurosim`` (the version it was run with), the swept keys,
        ``run.seed``, and the numbers of ``summary.json``, NaN where there is none; intervals are two columns,
        ``_low`` and ``_high``. ``attrs["swept"]`` lists the swept keys.

    Raises
    ------
    SweepError
        If the folder is none of a sweep.

    Examples
    --------
    >>> sweep_table("no-such-folder")
    Traceback (most recent call last):
        ...
    neurosim.sweeps.values.SweepError: expected the folder of a sweep, found no plan.json that can be read in \
'no-such-folder'; `neurosim sweep SWEEP.toml --out DIR` makes one
    """
    plan, folder = stored_plan(folder), Path(folder).expanduser()
    rows = [_row(folder, run) for run in plan["runs"]]
    first = [*_ABOUT, *plan["swept"], SEED]
    table = pd.DataFrame(rows)
    table = table[[*first, *(name for name in table.columns if name not in first)]]
    table.attrs["swept"] = list(plan["swept"])
    return table


def store_table(table: pd.DataFrame, file: Path) -> None:
    """Write a table at once, so that nobody reads half of it, and remove what sweeps left that were killed at it."""
    begins = f".{file.name}."
    aside = file.with_name(begins + process_mark())
    table.to_csv(aside, index=False)
    os.replace(aside, file)
    for left in file.parent.glob(f"{begins}*"):
        if not still_runs(left.name.removeprefix(begins)):
            left.unlink(missing_ok=True)


def over_seeds(table: pd.DataFrame, metric: str, *, level: float = 0.95) -> pd.DataFrame:
    """Return a number's mean over seeds with its interval, one row for each setting.

    Parameters
    ----------
    table : DataFrame
        Of `sweep_table`; runs without the number are left out.
    metric : str
        A column of it.
    level : float, default=0.95
        How often such intervals cover the mean of all seeds, if that varies like a normal variable; between 0 and 1.

    Returns
    -------
    DataFrame
        The swept keys, ``n`` (runs), ``mean``, ``low`` and ``high``: Student's interval, mean ± t s/√n with n − 1
        degrees of freedom; NaN for one run.

    Raises
    ------
    SweepError
        If the table has no such number, the nearest of which is named; or does not say what was swept.

    Examples
    --------
    >>> runs = pd.DataFrame({"network.tau": ["5 ms", "5 ms", "9 ms"], "objective": [1.0, 3.0, 4.0]})
    >>> runs.attrs["swept"] = ["network.tau"]
    >>> over_seeds(runs, "objective").round(2)
      network.tau  n  mean    low   high
    0        5 ms  2   2.0 -10.71  14.71
    1        9 ms  1   4.0    NaN    NaN
    """
    if not 0 < level < 1:
        raise SweepError(f"level: expected between 0 and 1, got {level!r}")
    require_metric(table, metric)
    if "swept" not in table.attrs:
        raise SweepError(
            "expected a table of sweep_table, whose attrs['swept'] lists the swept keys, got one without: settings "
            "would be averaged together; read it with sweep_table(folder), not from table.csv, or set the list again"
        )
    swept = list(table.attrs["swept"])
    known = table[pd.to_numeric(table[metric], errors="coerce").notna()]
    # Settings may be lists, which cannot be grouped by.
    settings = (
        known[swept].map(_spelled).agg(" | ".join, axis=1) if swept else pd.Series("", index=known.index)
    )
    rows = [
        {key: group[key].iloc[0] for key in swept}
        | _interval(group[metric].to_numpy(dtype=float), level=level)
        for _, group in known.groupby(settings, sort=False)
    ]
    return pd.DataFrame(rows, columns=[*swept, "n", "mean", "low", "high"])


def require_metric(table: pd.DataFrame, metric: str) -> None:
    """Raise `SweepError` unless a table has a number of a name."""
    from neurosim.registry.names import near_name

    settings = {*_ABOUT, *table.attrs.get("swept", []), SEED}
    names = [
        name for name in table.columns if name not in settings and pd.api.types.is_numeric_dtype(table[name])
    ]
    if metric not in names:
        near = near_name(metric, names)
        hint = (
            f"did you mean {near!r}?" if near else f"they have {', '.join(names) or 'none: no run is done'}"
        )
        raise SweepError(f"expected a number that the runs have, got {metric!r}; {hint}")


def _interval(values: np.ndarray, *, level: float) -> dict[str, Any]:
    from scipy.stats import t

    n, half = len(values), np.nan
    if n > 1:
        half = t.ppf((1 + level) / 2, n - 1) * values.std(ddof=1) / np.sqrt(n)
    return {"n": n, "mean": values.mean(), "low": values.mean() - half, "high": values.mean() + half}


def _row(folder: Path, run: Mapping[str, Any]) -> dict[str, Any]:
    place, row = run_place(folder, run["key"]), {"key": run["key"]}
    summary = _summary(place) if is_run(place) else None
    reason = None if summary is not None else failure(folder, run["key"])
    state = "done" if summary is not None else "waiting" if reason is None else "failed"
    version = None if summary is None else _read(place / "provenance.json").get("neurosim")
    about = {"state": state, "reason": reason, "neurosim": version}
    return {**row, **about, **run["settings"], SEED: run[SEED], **_numbers(summary or {})}


def _summary(place: Path) -> dict[str, Any] | None:
    """Return the numbers of a run; None where they cannot be read, and the run counts as none."""
    return _read(place / "summary.json") or None


def _read(file: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError, RecursionError):
        content = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(content, dict):
            return content
    return {}


def _numbers(summary: Mapping[str, Any]) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for name, value in summary.items():
        if _is_interval(value):
            numbers |= {f"{name}_low": value[0], f"{name}_high": value[1]}
        else:
            numbers[name] = value
    return numbers


def _is_interval(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2


def _spelled(value: object) -> str:
    return repr(value)

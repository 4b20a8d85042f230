"""Disparity tuning of recorded units, trial by trial, as it is measured of models."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from neurosim.measures.binocular import BINOCULAR
from neurosim.measures.context import Context
from neurosim.recordings.recording import Responses
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

# Degrees: no disparity is larger, and laboratories write codes of other conditions (one eye, uncorrelated) there.
_LARGEST = 180.0
_TUNED = 0.01


def _applies(context: Context) -> bool:
    recording = context.recording
    return (
        recording is not None
        and recording.responses is not None
        and "disparity_deg" in recording.responses.stimuli
        and recording.responses.stimuli["disparity_deg"].abs().le(_LARGEST).sum() > 1
    )


def disparity_of_units(responses: Responses) -> tuple[pd.DataFrame, int]:
    """Return the measures of each unit's disparity tuning, and how many responses had no disparity.

    Parameters
    ----------
    responses : Responses
        Whose stimuli have a ``disparity_deg``; each unit may have been shown others.

    Returns
    -------
    table : DataFrame
        One row per unit, the columns of `disparity_measures`, ``n_disparities`` and ``n_trials``; NaN where a unit has
        fewer than two disparities or no repetitions.
    n_without : int
    """
    from neurosim.analysis.tuning.disparity import disparity_measures, disparity_tuning

    shown = responses.stimuli["disparity_deg"].to_numpy()[responses.stimulus]
    there = np.abs(shown) <= _LARGEST
    order = np.argsort(responses.unit[there], kind="stable")
    unit, shown, rate = (each[there][order] for each in (responses.unit, shown, responses.rate))
    rows = []
    for mine in np.split(np.arange(len(unit)), np.searchsorted(unit, np.arange(1, responses.n_units))):
        disparities, n_trials = np.unique(shown[mine]), len(mine)
        row = {"n_disparities": len(disparities), "n_trials": n_trials}
        if 2 <= len(disparities) < n_trials:
            positive = bool((rate[mine] >= 0).all())
            tuning = disparity_tuning(rate[mine][:, None], shown[mine], square_root=positive)
            row |= dict(disparity_measures(tuning).iloc[0])
        rows.append(row)
    return pd.DataFrame(rows), int((~there).sum())


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    assert context.recording is not None
    assert context.recording.responses is not None
    responses = context.recording.responses
    table, n_without = disparity_of_units(responses)
    metrics = {"responses_without_disparity": n_without}
    if "ddi" not in table:
        return Measured(metrics=metrics, columns=table)
    from neurosim.analysis.plots.disparity import plot_disparity_of_units

    index = table["ddi"].to_numpy(dtype=np.float64)
    return Measured(
        metrics=metrics
        | {
            "disparity_discrimination_median": float(np.nanmedian(index))
            if np.isfinite(index).any()
            else float("nan"),
            "disparity_tuned_fraction": float((table["p_value"] < _TUNED).mean()),
        },
        columns=table,
        figures={"disparity_tuning": lambda: plot_disparity_of_units(table, _curves(table, responses))},
    )


def _curves(table: pd.DataFrame, responses: Responses) -> "dict[str, pd.Series[float]]":
    """Return the mean response by disparity of the five units with the largest index."""
    shown = responses.stimuli["disparity_deg"].to_numpy()[responses.stimulus]
    curves = {}
    for unit in table["ddi"].nlargest(5).index:
        mine = (responses.unit == unit) & (np.abs(shown) <= _LARGEST)
        curves[str(unit)] = pd.Series(responses.rate[mine]).groupby(shown[mine]).mean()
    return curves


def _sentences(run: RunFolder) -> Iterator[str]:
    if not run.section("recording") or (share := run.number("disparity_tuned_fraction")) is None:
        return
    index = run.number("disparity_discrimination_median")
    yield f"Disparity tunes {share:.1%} of the units (p < .01)" + (
        f"; their median discrimination index is {index:.2f}." if index is not None else "."
    )
    if without := run.number("responses_without_disparity"):
        yield f"{without:.0f} responses to conditions without a disparity (codes beyond 180°) are left out of it."


RECORDED_DISPARITY = Measure(
    name="recorded_disparity",
    applies=_applies,
    compute=_measured,
    step=lambda context: "disparity tuning, unit by unit",
    metrics={
        **{
            name: BINOCULAR.metrics[name]
            for name in ("disparity_discrimination_median", "disparity_tuned_fraction")
        },
        "responses_without_disparity": Metric(
            "count", "Single responses to conditions that have no disparity: codes beyond 180°."
        ),
    },
    columns={
        "preferred_disparity": "preferred disparity (°)",
        "ddi": "disparity discrimination index",
        "n_trials": "trials",
    },
    figures={
        "disparity_tuning": Caption(
            "Disparity tuning",
            "Tuning curves of the five units with the largest discrimination index; the preferred disparity and the "
            "index "
            "of the units tuned at p < .01 (analysis of variance on square roots of the responses; Prince et al. "
            "2002); values "
            "beyond the axis count in its outer bins.",
            "Five tuning curves; a histogram of preferred disparities and one of discrimination indices.",
        ),
    },
    sentences=_sentences,
)

"""What is measured of neurons that see with two eyes: their fields, and answers to random dots."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.seen import dictionaries
from neurosim.recipes.run_sections import AnalysisSection, DisparitySection
from neurosim.runs.code_measures import shape_metrics
from neurosim.runs.cortex import fitted
from neurosim.stimuli.kinds.stereo_patches import StereoStimuli

if TYPE_CHECKING:
    from neurosim.analysis.tuning.disparity import DisparityTuning

# A neuron is binocular if its weaker field is at least a third as strong as the other: |L − R|/(L + R) ≤ 1/2.
_BINOCULAR = 0.5
_TUNED = 0.01


class Eyes(NamedTuple):
    """What two-eyed measures give."""

    metrics: dict[str, Any]
    """By the names of `summary.json`."""
    fits: pd.DataFrame
    """Gabor fits of each neuron, columns beginning with ``left_`` and ``right_``."""
    table: pd.DataFrame
    """One row per neuron: what `disparity.csv` holds."""
    tuning: "DisparityTuning"
    dominance: NDArray[np.float64]


def eye_measures(
    network: Any,
    stimuli: StereoStimuli,
    *,
    analysis: AnalysisSection,
    disparity: DisparitySection,
    rng: np.random.Generator,
) -> Eyes:
    """Measure a binocular population: Gabor fits of both eyes' fields, ocular dominance, disparity.

    Parameters
    ----------
    network : estimator
        Fitted on both eyes.
    stimuli : StereoStimuli
        What it was fitted on.
    analysis, disparity : AnalysisSection, DisparitySection
        Of the recipe.
    rng : numpy.random.Generator
        Source of the dots, and of the order they are shuffled into as a control.
    """
    from neurosim.analysis.fields.binocular_fields import field_disparity, ocular_dominance

    fields = stimuli.pictures(dictionaries(network, list(stimuli.training)))
    left, right = fields["left"], fields["right"]
    dominance = ocular_dominance(left, right)
    matched = field_disparity(left, right)
    tuning, shuffled = _tuning(network, stimuli, section=disparity, rng=rng)
    fits = fitted(fields, analysis)
    both = pd.concat([fits[eye].reset_index(drop=True).add_prefix(f"{eye}_") for eye in fields], axis=1)
    binocular = np.abs(dominance) <= _BINOCULAR
    metrics = shape_metrics(_of_the_stronger_eye(fits, dominance)) | {
        "ocular_dominance_median_abs": float(np.nanmedian(np.abs(dominance))),
        "binocular_fraction": float(binocular.mean()),
        "disparity_sd": float(matched["shift"][binocular].std(ddof=0)),
        "disparity_discrimination_median": _median(tuning.ddi),
        "disparity_discrimination_median_shuffled": _median(shuffled.ddi),
        "disparity_tuned_fraction": float((tuning.p_value < _TUNED).mean()),
    }
    return Eyes(metrics, both, _table(dominance, matched, tuning), tuning, dominance)


def _tuning(
    network: Any, stimuli: StereoStimuli, *, section: DisparitySection, rng: np.random.Generator
) -> tuple["DisparityTuning", "DisparityTuning"]:
    """Return answers to random dots by disparity, and by disparities dealt out at random."""
    from neurosim.analysis.tuning.disparity import disparity_tuning

    shown = np.repeat(np.arange(-section.largest, section.largest + 1), section.n_trials)
    trials = []
    for disparity in range(-section.largest, section.largest + 1):
        dots = stimuli.dots(disparity, n_stimuli=section.n_trials * section.n_patterns, rng=rng)
        code = network.transform(dots)
        trials.append(code.reshape(section.n_trials, section.n_patterns, -1).mean(axis=1, dtype=np.float64))
    answers = np.concatenate(trials)
    positive = bool((answers >= 0).all())
    return (
        disparity_tuning(answers, shown, square_root=positive),
        disparity_tuning(answers, rng.permutation(shown), square_root=positive),
    )


def _of_the_stronger_eye(fits: dict[str, pd.DataFrame], dominance: NDArray[np.float64]) -> pd.DataFrame:
    left = np.nan_to_num(dominance) >= 0
    return pd.DataFrame(
        {name: np.where(left, fits["left"][name], fits["right"][name]) for name in fits["left"]}
    )


def _table(dominance: NDArray[np.float64], matched: pd.DataFrame, tuning: "DisparityTuning") -> pd.DataFrame:
    from neurosim.analysis.tuning.disparity import disparity_measures

    own = pd.DataFrame({"neuron": np.arange(len(dominance)), "ocular_dominance": dominance})
    answers = pd.DataFrame(tuning.mean, columns=[f"answer_at_{value:+g}" for value in tuning.disparities])
    return pd.concat([own, matched, disparity_measures(tuning), answers], axis=1)


def _median(values: NDArray[np.float64]) -> float:
    return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")

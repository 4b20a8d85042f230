"""Neurons that see with two eyes: their fields in each, ocular dominance, and responses to random dots by disparity."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.measures.fields import GABOR_FITS, gabor_metrics
from neurosim.measures.seen import in_the_middle
from neurosim.recipes.run_sections import DisparitySection
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder
from neurosim.stimuli.kinds.stimuli import Arrays

if TYPE_CHECKING:
    from neurosim.analysis.tuning.disparity import DisparityTuning

# A neuron is binocular if its weaker field is at least a third as strong as the other: |L − R|/(L + R) ≤ 1/2.
_BINOCULAR = 0.5
_TUNED = 0.01


@runtime_checkable
class TwoEyed(Protocol):
    """Stimuli that can be asked for others like them, of a disparity of one's choice."""

    def dots(self, disparity: int, *, n_stimuli: int, rng: np.random.Generator) -> Arrays:
        """Return random dots (n_stimuli, n_pixels) by eye."""
        ...


def disparity_responses(
    network: Any, stimuli: TwoEyed, *, section: DisparitySection, rng: np.random.Generator
) -> "tuple[DisparityTuning, DisparityTuning]":
    """Return responses to random dots by disparity, and, as a control, by disparities dealt out at random."""
    from neurosim.analysis.tuning.disparity import disparity_tuning

    disparities = np.arange(-section.largest, section.largest + 1)
    shown = np.repeat(disparities, section.n_trials)
    trials = []
    for disparity in disparities.tolist():
        dots = stimuli.dots(disparity, n_stimuli=section.n_trials * section.n_patterns, rng=rng)
        code = in_the_middle(network, network.transform(dots))
        trials.append(code.reshape(section.n_trials, section.n_patterns, -1).mean(axis=1, dtype=np.float64))
    responses = np.concatenate(trials)
    positive = bool((responses >= 0).all())
    return (
        disparity_tuning(responses, shown, square_root=positive),
        disparity_tuning(responses, rng.permutation(shown), square_root=positive),
    )


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.fields.binocular_fields import field_disparity, ocular_dominance
    from neurosim.analysis.plots import plot_disparity

    assert isinstance(context.stimuli, TwoEyed)
    fields = context.stimuli.pictures(context.dictionaries)
    left, right = fields["left"], fields["right"]
    dominance, matched = ocular_dominance(left, right), field_disparity(left, right)
    tuning, shuffled = disparity_responses(
        context.network, context.stimuli, section=context.recipe.disparity, rng=rng
    )
    fits = context.fits
    binocular = np.abs(dominance) <= _BINOCULAR
    return Measured(
        metrics=gabor_metrics(_of_the_stronger_eye(fits, dominance))
        | {
            "ocular_dominance_median_abs": float(np.nanmedian(np.abs(dominance))),
            "binocular_fraction": float(binocular.mean()),
            "disparity_sd": float(matched["shift"][binocular].std(ddof=0)),
            "disparity_discrimination_median": _median(tuning.ddi),
            "disparity_discrimination_median_shuffled": _median(shuffled.ddi),
            "disparity_tuned_fraction": float((tuning.p_value < _TUNED).mean()),
        },
        columns=pd.concat(
            [table.reset_index(drop=True).add_prefix(f"{eye}_") for eye, table in fits.items()], axis=1
        ),
        tables={"disparity": _table(dominance, matched, tuning)},
        figures={"disparity": lambda: plot_disparity(tuning, dominance=dominance)},
    )


def _of_the_stronger_eye(fits: dict[str, pd.DataFrame], dominance: NDArray[np.float64]) -> pd.DataFrame:
    left = np.nan_to_num(dominance) >= 0
    return pd.DataFrame(
        {name: np.where(left, fits["left"][name], fits["right"][name]) for name in fits["left"]}
    )


def _table(dominance: NDArray[np.float64], matched: pd.DataFrame, tuning: "DisparityTuning") -> pd.DataFrame:
    from neurosim.analysis.tuning.disparity import disparity_measures

    own = pd.DataFrame({"neuron": np.arange(len(dominance)), "ocular_dominance": dominance})
    responses = pd.DataFrame(tuning.mean, columns=[f"answer_at_{value:+g}" for value in tuning.disparities])
    return pd.concat([own, matched, disparity_measures(tuning), responses], axis=1)


def _median(values: NDArray[np.float64]) -> float:
    return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")


def _sentences(run: RunFolder) -> Iterator[str]:
    if (both := run.number("binocular_fraction")) is not None:
        yield f"Both eyes drive {both:.1%} of the neurons."
    index, shuffled = (run.number(f"disparity_discrimination_median{suffix}") for suffix in ("", "_shuffled"))
    if index is not None and shuffled is not None:
        yield f"The median disparity discrimination index is {index:.2f} ({shuffled:.2f} by chance)."


BINOCULAR = Measure(
    name="binocular",
    applies=lambda context: context.network is not None and isinstance(context.stimuli, TwoEyed),
    compute=_compute,
    step=lambda context: "Gabor fits of both eyes' fields, disparity tuning",
    metrics={
        "ocular_dominance_median_abs": Metric(
            "ratio",
            "Median over neurons of |L − R|/(L + R), L and R the norms of the fields in each eye; 0 both alike, 1 one "
            "eye only.",
        ),
        "binocular_fraction": Metric(
            "fraction",
            "Share of the neurons for which that is ½ or less: the weaker field a third of the other's norm.",
        ),
        "disparity_sd": Metric(
            "pixels",
            "Standard deviation, over binocular neurons, of the shift at which the fields of both eyes match best.",
        ),
        "disparity_discrimination_median": Metric(
            "ratio",
            "Median over neurons of the disparity discrimination index for random dots (Prince et al. 2002, on square "
            "roots of the activity averaged over the patterns of a trial).",
        ),
        "disparity_discrimination_median_shuffled": Metric(
            "ratio", "The same with disparities shuffled over the trials: what chance gives."
        ),
        "disparity_tuned_fraction": Metric(
            "fraction",
            "Share of the neurons whose response to dots depends on disparity (analysis of variance, p < .01).",
        ),
        **GABOR_FITS.metrics,  # of the stronger eye's fields
    },
    files=("disparity",),
    columns={
        f"{eye}_{column}": f"{words}, {eye} eye"
        for eye in ("left", "right")
        for column, words in {
            "r2": "R² of the Gabor fit",
            "frequency": "frequency (cycles/pixel)",
            "nx": "n_x (cycles)",
            "ny": "n_y (cycles)",
        }.items()
    },
    figures={
        "disparity": Caption(
            "Disparity",
            "Responses to whitened random dots. Tuning curves of the neurons that discriminate best, preferred "
            "disparity (negative is nearer than fixation) and discrimination index of neurons tuned at p < .01, and "
            "ocular dominance of all fields.",
            "Four panels: tuning curves, and histograms of preferred disparity, discrimination index and dominance.",
        )
    },
    sentences=_sentences,
)

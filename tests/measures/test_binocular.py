"""Binocular measures on neurons whose fields are planted, and that do not compete."""

import numpy as np
import pytest

from neurosim.measures.binocular import BINOCULAR
from neurosim.measures.context import Context
from neurosim.measures.fields import GABOR_FITS
from neurosim.networks import LinkedLCA
from neurosim.recipes.recipe import Recipe
from neurosim.recipes.run_sections import AnalysisSection, DisparitySection
from neurosim.registry.measure import Measured
from neurosim.stimuli.kinds.patches import NoWhitening
from neurosim.stimuli.kinds.stereo import StereoSection
from neurosim.stimuli.kinds.stereo_patches import StereoStimuli, stereo
from neurosim.stimuli.kinds.stimuli import Stimuli

_SIZE = 12
_SHIFTS = np.array([-2, -1, 0, 1, 2])


def _fields(shifts: np.ndarray) -> np.ndarray:
    """Return upright Gabor fields whose middle is shifted to the right."""
    y, x = np.mgrid[:_SIZE, :_SIZE] - (_SIZE - 1) / 2
    fields = [np.exp(-((x - d) ** 2 + y**2) / 8) * np.cos(2 * np.pi * (x - d) / 8) for d in shifts]
    return np.array([field / np.linalg.norm(field) for field in fields]).reshape(len(fields), -1)


class _Feedforward(LinkedLCA):
    """Squares what both eyes' fields make of the stimuli, where that is positive."""

    def __init__(self, **fields: np.ndarray) -> None:
        self._fields = fields

    @property
    def dictionaries_(self) -> dict[str, np.ndarray]:
        return self._fields

    def transform(self, shown: dict[str, np.ndarray]) -> np.ndarray:
        drive = sum(shown[eye] @ fields.T for eye, fields in self._fields.items())
        return np.maximum(drive, 0) ** 2


@pytest.fixture(scope="module")
def stimuli() -> StereoStimuli:
    section = StereoSection(
        rescale=0.5, patch_size=_SIZE, n_train=50, n_test=10, normalise="norm", whitening=NoWhitening()
    )
    return stereo(section, training_rng=np.random.default_rng(0), held_out_rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def eyes(stimuli: StereoStimuli) -> Measured:
    # The last two see with one eye each, but for a hundredth.
    left = _fields(np.append(np.zeros(6), 0)) * np.array([1, 1, 1, 1, 1, 1, 0.01])[:, None]
    right = _fields(np.append(_SHIFTS, [0, 0])) * np.array([1, 1, 1, 1, 1, 0.01, 1])[:, None]
    recipe = Recipe().model_copy(
        update={
            "analysis": AnalysisSection(n_starts=2),
            "disparity": DisparitySection(largest=3, n_trials=10, n_patterns=150),
        }
    )
    context = Context(_Feedforward(left=left, right=right), stimuli, recipe=recipe)
    assert BINOCULAR.applies(context)
    return BINOCULAR.compute(context, np.random.default_rng(2))


def test_planted_shifts_are_the_disparities_that_fields_and_responses_prefer(eyes: Measured) -> None:
    assert eyes.tables["disparity"]["shift"][:5].to_numpy() == pytest.approx(_SHIFTS, abs=0.2)
    assert eyes.tables["disparity"]["preferred_disparity"][:5].tolist() == _SHIFTS.tolist()
    assert eyes.metrics["disparity_sd"] == pytest.approx(np.sqrt(2), abs=0.1)


def test_planted_dominance_is_found(eyes: Measured) -> None:
    dominance = eyes.tables["disparity"]["ocular_dominance"]
    np.testing.assert_allclose(dominance, [0, 0, 0, 0, 0, 0.98, -0.98], atol=0.01)
    assert eyes.metrics["binocular_fraction"] == pytest.approx(5 / 7)
    assert eyes.metrics["ocular_dominance_median_abs"] == pytest.approx(0, abs=1e-9)


def test_disparity_is_discriminated_better_than_by_chance_and_not_by_one_eye(eyes: Measured) -> None:
    metrics = eyes.metrics
    assert (
        metrics["disparity_discrimination_median"] > 1.5 * metrics["disparity_discrimination_median_shuffled"]
    )
    assert (eyes.tables["disparity"]["p_value"][:5] < 1e-4).all()
    assert eyes.tables["disparity"]["ddi"][5:].max() < eyes.tables["disparity"]["ddi"][:5].min()


def test_fields_are_fitted_in_both_eyes(eyes: Measured) -> None:
    assert len(eyes.columns) == 7
    assert eyes.columns["left_frequency"].to_numpy() == pytest.approx(1 / 8, abs=0.01)
    assert eyes.columns["right_frequency"].to_numpy() == pytest.approx(1 / 8, abs=0.01)
    assert eyes.metrics["gabor_fraction"] == 1


def test_the_table_holds_the_tuning_curves(eyes: Measured) -> None:
    columns = [name for name in eyes.tables["disparity"] if name.startswith("answer_at_")]
    assert columns == [f"answer_at_{d:+d}" for d in range(-3, 4)]
    curves = eyes.tables["disparity"][columns].to_numpy()
    preferred = eyes.tables["disparity"]["preferred_disparity"].to_numpy()
    np.testing.assert_array_equal(np.argmax(curves, axis=1)[:5] - 3, preferred[:5])


def test_what_is_given_is_declared_and_drawn(eyes: Measured) -> None:
    assert set(eyes.metrics) <= set(BINOCULAR.metrics) | set(GABOR_FITS.metrics)
    assert set(eyes.figures) == set(BINOCULAR.figures)
    assert eyes.figures["disparity"]().axes


def test_stimuli_that_cannot_be_asked_for_dots_are_left_alone(stimuli: StereoStimuli) -> None:
    recorded = Stimuli(
        training=stimuli.training, held_out=stimuli.held_out, shapes=stimuli.shapes, sources={}
    )
    assert not BINOCULAR.applies(Context(LinkedLCA(), recorded, recipe=Recipe()))

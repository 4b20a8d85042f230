"""Binocular measures on neurons whose fields are planted, and that do not compete."""

import numpy as np
import pytest

from neurosim.networks import LinkedLCA
from neurosim.recipes.run_sections import AnalysisSection, DisparitySection
from neurosim.runs.eye_measures import Eyes, eye_measures
from neurosim.stimuli.kinds.patches import NoWhitening
from neurosim.stimuli.kinds.stereo import StereoSection
from neurosim.stimuli.kinds.stereo_patches import StereoStimuli, stereo

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
def eyes(stimuli: StereoStimuli) -> Eyes:
    # The last two see with one eye each, but for a hundredth.
    left = _fields(np.append(np.zeros(6), 0)) * np.array([1, 1, 1, 1, 1, 1, 0.01])[:, None]
    right = _fields(np.append(_SHIFTS, [0, 0])) * np.array([1, 1, 1, 1, 1, 0.01, 1])[:, None]
    return eye_measures(
        _Feedforward(left=left, right=right),
        stimuli,
        analysis=AnalysisSection(n_starts=2),
        disparity=DisparitySection(largest=3, n_trials=10, n_patterns=150),
        rng=np.random.default_rng(2),
    )


def test_planted_shifts_are_the_disparities_that_fields_and_answers_prefer(eyes: Eyes) -> None:
    assert eyes.table["shift"][:5].to_numpy() == pytest.approx(_SHIFTS, abs=0.2)
    assert eyes.table["preferred_disparity"][:5].tolist() == _SHIFTS.tolist()
    assert eyes.metrics["disparity_sd"] == pytest.approx(np.sqrt(2), abs=0.1)


def test_planted_dominance_is_found(eyes: Eyes) -> None:
    np.testing.assert_allclose(eyes.dominance, [0, 0, 0, 0, 0, 0.98, -0.98], atol=0.01)
    assert eyes.metrics["binocular_fraction"] == pytest.approx(5 / 7)
    assert eyes.metrics["ocular_dominance_median_abs"] == pytest.approx(0, abs=1e-9)


def test_disparity_is_discriminated_better_than_by_chance_and_not_by_one_eye(eyes: Eyes) -> None:
    metrics = eyes.metrics
    assert (
        metrics["disparity_discrimination_median"] > 1.5 * metrics["disparity_discrimination_median_shuffled"]
    )
    assert (eyes.table["p_value"][:5] < 1e-4).all()
    assert eyes.table["ddi"][5:].max() < eyes.table["ddi"][:5].min()


def test_fields_are_fitted_in_both_eyes(eyes: Eyes) -> None:
    assert len(eyes.fits) == 7
    assert eyes.fits["left_frequency"].to_numpy() == pytest.approx(1 / 8, abs=0.01)
    assert eyes.fits["right_frequency"].to_numpy() == pytest.approx(1 / 8, abs=0.01)
    assert eyes.metrics["gabor_fraction"] == 1


def test_the_table_holds_the_tuning_curves(eyes: Eyes) -> None:
    columns = [name for name in eyes.table if name.startswith("answer_at_")]
    assert columns == [f"answer_at_{d:+d}" for d in range(-3, 4)]
    np.testing.assert_array_equal(eyes.table[columns], eyes.tuning.mean)

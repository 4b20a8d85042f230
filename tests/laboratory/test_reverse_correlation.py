"""Planted fields come back from noise and from natural images, and from shuffled responses they do not."""

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor import fit_gabors, gabor
from neurosim.front_end import FrontEnd
from neurosim.laboratory.responders import energy_units, feed_forward, mean_of_trials, poisson_counts
from neurosim.laboratory.response_covariance import response_covariance
from neurosim.laboratory.reverse_correlation import CorrelatedStimuliWarning, map_fields
from neurosim.laboratory.showing import answers
from neurosim.laboratory.significance import field_significance
from neurosim.stimuli import embedded_photographs, sample_patches
from neurosim.stimuli.filters.olshausen import OlshausenField
from neurosim.stimuli.laboratory.image_series import ImageSeries, images_as_stimuli
from neurosim.stimuli.laboratory.noise import pink_noise, white_noise
from neurosim.stimuli.laboratory.visual_field import VisualField

Floats = NDArray[np.float64]
FIELD = VisualField(height=16, width=16, pixels_per_degree=16)
SHAPES = {
    "x0": [7.5, 6.0, 9.0],
    "y0": [7.5, 9.0, 6.0],
    "orientation": [0.3, 1.2, 2.4],
    "frequency": [0.12, 0.15, 0.2],
    "phase": [0.0, 1.0, np.pi / 2],
    "sigma_x": [2.2, 2.0, 1.8],
    "sigma_y": [2.5, 3.0, 2.0],
    "amplitude": 1.0,
}


def planted() -> Floats:
    return gabor({name: np.broadcast_to(value, 3) for name, value in SHAPES.items()}, height=16, width=16)


def likeness(found: Floats, wanted: Floats) -> Floats:
    """Cosine of each field with the one wanted."""
    a, b = found.reshape(len(found), -1), wanted.reshape(len(wanted), -1)
    return np.asarray((a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))


def natural(n: int) -> ImageSeries:
    patches = sample_patches(embedded_photographs(), n_patches=n, size=16, rng=np.random.default_rng(5))
    return images_as_stimuli(patches.reshape(-1, 16, 16), pixels_per_degree=16)


def with_noise(responses: Floats, seed: int = 0) -> Floats:
    """As much trial-to-trial noise as signal."""
    return responses + responses.std(axis=0) * np.random.default_rng(seed).normal(size=responses.shape)


def test_a_linear_unit_comes_back_through_the_front_end_and_shuffled_responses_give_nothing() -> None:
    front_end = FrontEnd(OlshausenField(), gain=3.0)
    noise = white_noise(10_000, field=FIELD, rms=0.15, rng=0)
    responses = answers(feed_forward(planted(), front_end=front_end), noise)
    found = map_fields(noise, responses)
    assert likeness(found.field.values, front_end.adjoint(planted())).min() >= 0.95
    np.testing.assert_allclose(
        np.linalg.norm(found.field.values, axis=(1, 2)),
        np.linalg.norm(front_end.adjoint(planted()), axis=(1, 2)),
        rtol=0.05,
    )
    shuffled = map_fields(noise, np.random.default_rng(1).permutation(responses))
    assert np.abs(likeness(shuffled.field.values, front_end.adjoint(planted()))).mean() <= 0.1
    assert np.linalg.norm(shuffled.field.values) < 0.2 * np.linalg.norm(found.field.values)
    assert (shuffled.prediction_r2 < 0.02).all()
    assert (found.prediction_r2 > 0.9).all()


@pytest.mark.parametrize(("method", "least"), [("ridge", 0.85), ("power", 0.9)])
def test_planted_gabors_come_back_from_natural_images_where_the_average_is_wrong(
    method: str, least: float
) -> None:
    stimuli = natural(10_000)
    responses = with_noise(answers(feed_forward(planted(), threshold=0.0), stimuli))
    with pytest.warns(CorrelatedStimuliWarning, match=r"correlated \(by 0\.9.*method='ridge'"):
        average = map_fields(stimuli, responses)
    found = map_fields(stimuli, responses, method=method)  # type: ignore[arg-type]
    right, wrong = likeness(found.field.values, planted()), likeness(average.field.values, planted())
    assert right.min() >= least
    assert wrong.max() < 0.6
    assert (found.prediction_r2 > average.prediction_r2).all()


def test_regularised_fields_have_the_shape_that_was_planted_and_the_average_a_blurred_one() -> None:
    stimuli = natural(10_000)
    responses = with_noise(answers(feed_forward(planted()), stimuli))
    fits = fit_gabors(map_fields(stimuli, responses, method="ridge").field.values)
    wanted = np.array(SHAPES["sigma_x"]) * SHAPES["frequency"]
    np.testing.assert_allclose(fits["nx"], wanted, rtol=0.3)


def test_pink_noise_needs_the_correction_too() -> None:
    stimuli = pink_noise(5_000, field=FIELD, rms=0.15, rng=0)
    responses = with_noise(answers(feed_forward(planted()), stimuli))
    with pytest.warns(CorrelatedStimuliWarning):
        average = map_fields(stimuli, responses)
    found = map_fields(stimuli, responses, method="ridge")
    assert likeness(found.field.values, planted()).min() >= 0.9
    assert likeness(average.field.values, planted()).max() < 0.85


def test_white_noise_gives_no_warning_and_all_methods_agree() -> None:
    noise = white_noise(3000, field=FIELD, rms=0.15, rng=0)
    responses = answers(feed_forward(planted()), noise)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        average, ridge = (map_fields(noise, responses, method=m) for m in ("average", "ridge"))
    assert likeness(ridge.field.values, average.field.values).min() > 0.95
    assert likeness(ridge.field.values, planted()).min() > 0.999


def test_spike_counts_map_the_same_field_and_more_trials_map_it_better() -> None:
    noise = white_noise(4000, field=FIELD, rms=0.15, rng=0)
    rectified = feed_forward(planted(), threshold=0.0, background=0.5)
    one = poisson_counts(rectified, spikes_per_unit=1.0, rng=np.random.default_rng(0))
    scores = [
        likeness(map_fields(noise, answers(unit, noise)).field.values, planted()).mean()
        for unit in (one, mean_of_trials(one, 10))
    ]
    assert 0.4 < scores[0] < scores[1]


def test_significance_finds_fields_and_leaves_noise_alone() -> None:
    noise = white_noise(3000, field=FIELD, rms=0.15, rng=0)
    responses = answers(feed_forward(planted()), noise)
    nothing = np.random.default_rng(3).normal(size=(3000, 40))
    silent = np.zeros((3000, 1))
    found = field_significance(noise, np.hstack([responses, nothing, silent]), rng=0, n_permutations=19)
    p_value = found.p_value.values
    np.testing.assert_allclose(p_value[:3], 1 / 20)
    # 40 p-values that are uniform over 1/20, 2/20, …: the mean within four standard errors
    assert p_value[3:43].mean() == pytest.approx(10.5 / 20, abs=4 * 0.29 / np.sqrt(40))
    assert np.isnan(p_value[43])
    assert np.isnan(found.x_deg.values[43])


def test_the_size_of_a_field_is_that_of_what_was_planted() -> None:
    disc = np.zeros((1, 16, 16))
    disc[0, 3:8, 8:13] = 1.0
    noise = white_noise(4000, field=FIELD, rms=0.15, rng=0)
    found = field_significance(noise, answers(feed_forward(disc), noise), rng=0, n_permutations=19)
    assert found.area_deg2.values[0] == pytest.approx(25 / 256, rel=0.1)
    assert found.diameter_deg.values[0] == pytest.approx(2 * np.sqrt(25 / 256 / np.pi), rel=0.05)
    x, y = FIELD.degrees(5, 10)
    assert (found.x_deg.values[0], found.y_deg.values[0]) == pytest.approx((x, y), abs=0.03)


def test_covariance_finds_both_fields_of_an_energy_unit_that_the_average_misses() -> None:
    even = gabor({**SHAPES, **{k: v[0] for k, v in SHAPES.items() if k != "amplitude"}}, height=16, width=16)
    odd = gabor(
        {**SHAPES, **{k: v[0] for k, v in SHAPES.items() if k != "amplitude"}, "phase": np.pi / 2},
        height=16,
        width=16,
    )
    noise = white_noise(6_000, field=FIELD, rms=0.15, rng=0)
    responses = answers(energy_units(even, odd, background=0.5), noise)
    average = map_fields(noise, responses).field.values
    assert np.abs(likeness(average, even)).max() < 0.5
    middle = (slice(2, 14), slice(2, 14))
    found = response_covariance(noise, responses, rng=0, n_permutations=19, window=middle)
    assert found.significant.values[0].tolist() == [True, True, False, False]
    cut = [field[0][middle].ravel() for field in (even, odd)]
    plane = np.linalg.qr(np.stack(cut, axis=1))[0]
    seen = found.filter.values[0, :2].reshape(2, -1).T
    assert np.linalg.svd(plane.T @ seen, compute_uv=False).min() > 0.9


def test_covariance_finds_what_suppresses_and_nothing_in_shuffled_responses() -> None:
    fields = planted()
    noise = white_noise(6_000, field=FIELD, rms=0.15, rng=0)
    drive = answers(feed_forward(fields, background=0.5), noise)
    drive = drive / drive.std(axis=0)
    divided = np.maximum(drive[:, :1], 0) / (1 + drive[:, 1:2] ** 2)
    window = (slice(3, 15), slice(1, 13))
    found = response_covariance(noise, divided, rng=0, n_permutations=9, window=window, n_filters=1)
    assert found.significant.values[0].tolist()[1]
    suppressive = fields[1][window].ravel()
    along = found.filter.values[0, 1].ravel() @ suppressive / np.linalg.norm(suppressive)
    assert abs(along) > 0.8
    shuffled = np.random.default_rng(2).permutation(divided)
    nothing = response_covariance(noise, shuffled, rng=1, n_permutations=9, window=window, n_filters=1)
    assert not nothing.significant.values.any()


def test_input_that_cannot_be_mapped_is_refused() -> None:
    noise = white_noise(40, field=FIELD, rms=0.15, rng=0)
    with pytest.raises(ValueError, match=r"each of the 40 stimuli of the table, got shape \(39, 2\)"):
        map_fields(noise, np.ones((39, 2)))
    with pytest.raises(ValueError, match="average, ridge, power, got 'sta'"):
        map_fields(noise, np.ones((40, 2)), method="sta")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="finite responses"):
        map_fields(noise, np.full((40, 2), np.nan))
    with pytest.raises(ValueError, match="expected stimuli that vary"):
        map_fields(images_as_stimuli(np.ones((40, 4, 4)), pixels_per_degree=4), np.ones((40, 2)))
    with pytest.raises(ValueError, match="0 or more, got 40 negative"):
        response_covariance(noise, -np.ones((40, 1)), rng=0)
    with pytest.raises(ValueError, match=r"white noise.*check_pixels=1"):
        response_covariance(natural(40), np.ones((40, 1)), rng=0)
    constant = map_fields(noise, np.ones((40, 1)))
    assert constant.attrs["n_constant"] == 1
    assert not constant.field.values.any()


def test_the_ridge_is_that_of_scikit_learn_at_the_strength_it_chose() -> None:
    """Two implementations, on the same stimuli and responses."""
    from sklearn.linear_model import Ridge

    field = VisualField(height=6, width=6, pixels_per_degree=6)
    stimuli = pink_noise(800, field=field, rms=0.15, rng=0)
    responses = with_noise(answers(feed_forward(np.random.default_rng(1).normal(size=(2, 6, 6))), stimuli))
    found = map_fields(stimuli, responses, method="ridge")
    rows = stimuli.images().reshape(800, -1)
    for unit in range(2):
        penalty = found.strength.values[unit] * rows.var(axis=0).mean() * 800
        other = Ridge(alpha=penalty, solver="cholesky").fit(rows, responses[:, unit])
        np.testing.assert_allclose(found.field.values[unit].ravel(), other.coef_, rtol=1e-6, atol=1e-9)

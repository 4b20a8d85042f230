"""Fields that make neighbourhoods low-dimensional find the directions neighbourhoods were made of."""

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import polar
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator

from neurosim.networks.wlsc.local_low_dimensionality import LocalLowDimensionality, shifted_patches

pytest.importorskip("jax", reason="needs the extra `backprop`")
pytest.importorskip("optax", reason="needs the extra `backprop`")

N_DIRECTIONS = 12
PLANTED = np.linalg.qr(np.random.default_rng(3).standard_normal((N_DIRECTIONS, N_DIRECTIONS)))[0]


def windows(rng, *, n_windows=1500, n_shifts=6):
    """Neighbourhoods of points along three of the planted directions each, in which these three vary."""
    chosen = rng.random((n_windows, N_DIRECTIONS)).argsort(axis=1) < 3
    at = rng.choice([-2.0, 2.0], size=chosen.shape)[:, None]
    moved = at + 0.5 * rng.standard_normal((n_windows, n_shifts, N_DIRECTIONS))
    return (moved * chosen[:, None]) @ PLANTED


def alignment(net):
    fields = net.dictionary_ / np.linalg.norm(net.dictionary_, axis=1, keepdims=True)
    return np.abs(fields @ PLANTED.T).max(axis=1).mean()


def test_learned_fields_are_locally_lower_dimensional_than_a_random_tight_frame_and_are_the_planted_ones():
    rng = np.random.default_rng(5)
    shown, held_out = windows(rng), windows(rng)
    net = LocalLowDimensionality(N_DIRECTIONS, n_epochs=20, random_state=0).fit(1e-6 * shown)
    control = LocalLowDimensionality(N_DIRECTIONS, n_epochs=1, learning_rate=0.0, random_state=0).fit(shown)
    control.dictionary_ = polar(control.dictionary_)[0]
    (local, overall), (random_local, random_overall) = (n.dimensionalities(held_out) for n in (net, control))
    assert local < 0.8 * random_local
    assert overall > 0.95 * random_overall
    assert net.history_["objective"][-20:].mean() < net.history_["objective"][:5].mean() - 0.3
    assert alignment(net) > 0.95
    assert alignment(control) < 0.7


def test_windows_that_hardly_vary_do_not_end_it():
    shown = windows(np.random.default_rng(5), n_windows=100)
    shown[::7] *= 1e-13  # the square of their variance is zero in single precision
    net = LocalLowDimensionality(N_DIRECTIONS, n_epochs=2, random_state=0).fit(shown)
    assert np.isfinite(net.dictionary_).all()
    assert np.isfinite(net.history_["objective"]).all()


@pytest.mark.parametrize("unit", [2.0**-10, 1 / 255, 255.0, 2.0**10])
def test_windows_in_another_unit_give_the_same_fields(unit):
    shown = windows(np.random.default_rng(5), n_windows=200)
    own, net = (LocalLowDimensionality(20, n_epochs=3, random_state=0).fit(c * shown) for c in (1.0, unit))
    rounding = 0 if np.log2(unit).is_integer() else 1e-9
    np.testing.assert_allclose(net.dictionary_, own.dictionary_, rtol=rounding)
    flat = shown.reshape(-1, N_DIRECTIONS)
    np.testing.assert_allclose(net.transform(unit * flat), unit * own.transform(flat), rtol=1e-9, atol=0)
    assert net.dimensionalities(unit * shown) == pytest.approx(own.dimensionalities(shown), rel=1e-9)
    pd.testing.assert_frame_equal(net.history_, own.history_, rtol=1e-9)


def test_what_is_minimised_is_what_is_measured():
    shown = windows(np.random.default_rng(5), n_windows=200)
    net = LocalLowDimensionality(20, n_epochs=1, batch_size=200, learning_rate=0.0, random_state=0).fit(shown)
    local, overall = net.dimensionalities(shown)
    row = net.history_.iloc[0]
    assert row["local_dimensionality"] == pytest.approx(local, rel=1e-4)
    assert row["global_dimensionality"] == pytest.approx(overall, rel=1e-4)
    assert row["objective"] == pytest.approx(np.log(local / overall), rel=1e-4)
    flat = shown.reshape(-1, N_DIRECTIONS)
    np.testing.assert_allclose(net.transform(flat), np.maximum(flat @ net.dictionary_.T, 0))
    variances = np.linalg.eigvalsh(np.cov(net.transform(flat).T))
    assert overall == pytest.approx(variances.sum() ** 2 / (variances**2).sum())


def test_shifted_patches_are_the_windows_corners_and_centre():
    image = np.arange(16.0).reshape(1, 4, 4)
    cut = shifted_patches(image, size=2, step=2)
    np.testing.assert_array_equal(cut[0, [0, 3]], [[0, 1, 4, 5], [10, 11, 14, 15]])
    assert cut.shape == (1, 4, 4)


def test_patches_that_are_in_no_groups_are_refused():
    with pytest.raises(ValueError, match="at least two shifts"):
        LocalLowDimensionality(4).fit(np.ones((5, 9)))


def test_its_tags_say_what_it_takes_and_gives():
    net = LocalLowDimensionality(6, n_epochs=1, random_state=0)
    tags = get_tags(net)
    assert (tags.input_tags.two_d_array, tags.input_tags.three_d_array) == (False, True)
    with pytest.raises(ValueError, match="shift"):
        net.fit(np.ones((5, N_DIRECTIONS)))
    net.fit(windows(np.random.default_rng(0), n_windows=30))
    shown = np.ones((3, N_DIRECTIONS))
    kept = {name for name in ("float64", "float32") if net.transform(shown.astype(name)).dtype == name}
    assert kept == set(tags.transformer_tags.preserves_dtype)
    assert not tags.target_tags.required


@pytest.mark.filterwarnings("ignore:Can't test estimator:sklearn.exceptions.SkipTestWarning")
def test_scikit_learns_own_checks_are_not_tried_on_matrices():
    check_estimator(LocalLowDimensionality(6, n_epochs=1, random_state=0))

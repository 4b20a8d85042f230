"""Whitening fitted to patches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.images.images import embedded_photographs
from neurosim.stimuli.images.patches import sample_patches


def natural_patches(normalise: str = "none") -> NDArray[np.floating]:
    photographs = embedded_photographs(["camera", "grass"])
    rng = np.random.default_rng(0)
    return sample_patches(photographs, n_patches=4000, size=8, rng=rng, normalise=normalise)  # type: ignore[arg-type]


def correlated_patches(seed: int, n_pixels: int = 9) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(300, n_pixels)) @ rng.normal(size=(n_pixels, n_pixels)) + rng.normal(
        size=n_pixels
    )


def test_the_covariance_of_whitened_photographs_is_the_identity() -> None:
    patches = natural_patches()
    whitened = ZCA(regularisation=0.0).fit(patches).apply(patches)
    np.testing.assert_allclose(np.cov(whitened, rowvar=False), np.eye(64), atol=1e-6)
    assert (
        np.abs(np.cov(patches, rowvar=False) / patches.var() - np.eye(64)).max() > 0.5
    )  # control: not before


def test_regularisation_shrinks_each_direction_as_documented() -> None:
    patches = correlated_patches(0)
    eigenvalues = np.linalg.eigvalsh(np.cov(patches, rowvar=False))
    whitened = ZCA(regularisation=0.1).fit(patches).apply(patches)
    expected = eigenvalues / (eigenvalues + 0.1 * eigenvalues.mean())
    np.testing.assert_allclose(np.linalg.eigvalsh(np.cov(whitened, rowvar=False)), expected, atol=1e-10)


def test_patches_without_their_mean_lose_one_direction_and_the_rest_is_white() -> None:
    patches = natural_patches("mean")
    zca = ZCA(regularisation=0.0).fit(patches)
    assert zca.rank_ == 63
    covariance = np.cov(zca.apply(patches), rowvar=False)
    np.testing.assert_allclose(covariance, np.eye(64) - 1 / 64, atol=1e-6)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(1e-3, 1e3))
def test_the_unit_of_the_images_does_not_matter(seed: int, factor: float) -> None:
    patches = correlated_patches(seed)
    np.testing.assert_allclose(
        ZCA().fit(factor * patches).apply(factor * patches), ZCA().fit(patches).apply(patches), atol=1e-6
    )


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_field_in_image_space_answers_the_patch_as_the_field_answers_the_whitened_patch(seed: int) -> None:
    patches = correlated_patches(seed, n_pixels=12)
    zca = ZCA().fit(patches)
    fields = np.random.default_rng(seed).normal(size=(5, 3, 4))
    in_image_space = zca.to_image_space(fields).reshape(5, -1)
    np.testing.assert_allclose(
        (patches - zca.mean_) @ in_image_space.T, zca.apply(patches) @ fields.reshape(5, -1).T, atol=1e-8
    )


def test_the_matrix_is_symmetric() -> None:
    matrix = ZCA().fit(correlated_patches(1)).matrix_
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)


def test_the_margin_is_empty() -> None:
    fields = ZCA().fit(correlated_patches(2)).to_image_space(np.ones((2, 3, 3)), margin=2)
    assert fields.shape == (2, 7, 7)
    fields[:, 2:-2, 2:-2] = 0
    assert not fields.any()


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="regularisation of 0 or more, got -1"):
        ZCA(regularisation=-1)
    with pytest.raises(RuntimeError, match="call fit"):
        ZCA().apply(np.ones((3, 4)))
    with pytest.raises(ValueError, match="at least 2 patches"):
        ZCA().fit(np.ones((1, 4)))
    with pytest.raises(ValueError, match="expected patches that differ, got 5 equal ones"):
        ZCA().fit(np.full((5, 4), 0.1))
    with pytest.raises(ValueError, match="in 1, first in patch 1"):
        ZCA().fit([[1.0, 2.0], [np.nan, 1.0]])
    with pytest.raises(ValueError, match="expected 9 pixels, as fitted, got 16"):
        ZCA().fit(correlated_patches(3)).apply(np.ones((2, 16)))

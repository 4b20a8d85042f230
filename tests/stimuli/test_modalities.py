"""Scaling to unit norm, and modalities of one's own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.stimuli.modalities import paired_arrays, unit_norm

RNG = np.random.default_rng(0)
IMAGE, SOUND = RNG.standard_normal((6, 4, 5)), RNG.standard_normal((6, 30)).astype(np.float32)


@given(seed=st.integers(0, 2**32 - 1), exponent=st.integers(-300, 300))
def test_norms_are_one_and_directions_stay_at_any_scale(seed: int, exponent: int) -> None:
    stimuli = np.random.default_rng(seed).standard_normal((5, 7))
    scaled = unit_norm(stimuli * 10.0**exponent)
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(scaled, unit_norm(stimuli), rtol=1e-12)
    assert ((scaled * stimuli) >= 0).all()


def test_single_precision_stays_and_whole_numbers_become_double() -> None:
    assert unit_norm(SOUND).dtype == np.float32
    assert unit_norm(np.ones((2, 3), dtype=int)).dtype == np.float64
    np.testing.assert_allclose(np.linalg.norm(unit_norm(SOUND), axis=1), 1, rtol=1e-6)


def test_the_caller_s_array_is_left_alone() -> None:
    stimuli = IMAGE.reshape(6, -1).copy()
    unit_norm(stimuli)
    np.testing.assert_array_equal(stimuli, IMAGE.reshape(6, -1))


@pytest.mark.parametrize(
    ("stimuli", "message"),
    [
        ([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]], "got 2 that are zero throughout, first stimulus 1"),
        ([1.0, 2.0], r"shape \(n_stimuli, n_pixels\), got \(2,\); flatten"),
        (IMAGE, r"got \(6, 4, 5\); flatten each image"),
        ([[1.0, 0.0], [np.nan, 0.0]], "NaN or infinite ones in 1 samples, first sample 1"),
        ([["a"]], "real numbers, got dtype <U1"),
        (np.zeros((0, 3)), r"got \(0, 3\)"),
    ],
)
def test_what_has_no_direction_is_refused(stimuli: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        unit_norm(stimuli)


def test_a_file_and_a_mapping_give_the_same(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {"image": IMAGE, "sound": SOUND, "labels": np.arange(6) % 3}
    np.savez(tmp_path / "plain.npz", **arrays)
    np.savez_compressed(tmp_path / "small.npz", **arrays)
    for source in (arrays, tmp_path / "plain.npz", str(tmp_path / "small.npz")):
        modalities, labels = paired_arrays(source)
        assert list(modalities) == ["image", "sound"]
        np.testing.assert_array_equal(modalities["image"], IMAGE.reshape(6, 20))
        np.testing.assert_array_equal(modalities["sound"], SOUND)
        assert (modalities["image"].dtype, modalities["sound"].dtype) == (np.float64, np.float32)
        assert labels is not None
        assert labels.dtype == np.int64
        assert labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert "labels" in arrays


def test_labels_are_optional_and_one_modality_is_enough() -> None:
    modalities, labels = paired_arrays({"sound": SOUND})
    assert list(modalities) == ["sound"]
    assert labels is None


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sound": SOUND[:5]}, "sound: expected 6 samples, as 'image' has, got 5"),
        ({"sound": SOUND[0]}, r"sound: expected an array .* got shape \(30,\)"),
        ({"sound": SOUND.reshape(6, 5, 3, 2)}, r"sound: .* got shape \(6, 5, 3, 2\)"),
        ({"sound": np.zeros((6, 0))}, r"sound: .* got shape \(6, 0\)"),
        ({"sound": np.where(np.arange(6)[:, None] == 4, np.inf, SOUND)}, "sound: .* first sample 4"),
        ({"image": np.where(IMAGE > 2, np.nan, IMAGE)}, "image: expected finite values"),
        ({"sound": SOUND.astype(complex)}, "sound: expected real numbers, got dtype complex128"),
        ({"sound": SOUND.astype(object)}, "sound: expected real numbers, got dtype object"),
        ({"labels": np.arange(5)}, r"labels: expected one per sample, shape \(6,\), got shape \(5,\)"),
        ({"labels": np.arange(6) / 2}, r"labels: expected whole numbers of 0 or more, got 0\.5 at index 1"),
    ],
)
def test_modalities_that_do_not_fit_are_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        paired_arrays({"image": IMAGE, "sound": SOUND} | changed)


def test_labels_alone_are_no_modality() -> None:
    with pytest.raises(ValueError, match="at least one modality, got none"):
        paired_arrays({"labels": [0, 1]})


def test_files_of_another_kind_are_named(tmp_path: Path) -> None:
    np.save(tmp_path / "single.npy", SOUND)
    np.savez(tmp_path / "pickled.npz", sound=np.array([{}, None], dtype=object))
    np.savez(tmp_path / "whole.npz", sound=SOUND)
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:300])
    (tmp_path / "text.npz").write_text("Dear cortex,")
    (tmp_path / "void.npz").touch()
    damaged = bytearray((tmp_path / "whole.npz").read_bytes())
    damaged[400] ^= 1
    (tmp_path / "damaged.npz").write_bytes(damaged)
    for name in ("single.npy", "pickled.npz", "cut.npz", "text.npz", "void.npz", "damaged.npz"):
        with pytest.raises(ValueError, match=rf"{name}: expected an \.npz file of plain arrays, got "):
            paired_arrays(tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"absent\.npz: expected an \.npz file"):
        paired_arrays(tmp_path / "absent.npz")

"""The photographed stereo pair: its files, its map and its sign."""

import socket
from importlib.metadata import files

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosim.stimuli.stereo import motorcycle
from neurosim.stimuli.stereo.motorcycle import StereoPair, stereo_pair


def agreement(pair: StereoPair, disparity: NDArray[np.float64]) -> float:
    """Return the correlation of left pixels with the right ones that a map sends them to."""
    left, right, _ = pair
    rows, columns = np.nonzero(np.isfinite(disparity))
    there = np.rint(columns - disparity[rows, columns]).astype(int)
    inside = (there >= 0) & (there < left.shape[1])
    rows, columns, there = rows[inside], columns[inside], there[inside]
    return float(np.corrcoef(left[rows, columns], right[rows, there])[0, 1])


def test_the_files_are_those_of_the_wheel_and_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the pair asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    listed = {str(file) for file in files("scikit-image") or []}
    for name in ("left.png", "right.png", "disp.npz"):
        assert f"skimage/data/motorcycle_{name}" in listed
    left, right, disparity = stereo_pair()
    assert left.shape == right.shape == disparity.shape == (500, 741)
    for image in (left, right):
        assert image.dtype == np.float64
        assert 0 <= image.min() < 0.1
        assert 0.9 < image.max() <= 1


def test_what_is_not_known_is_nan_and_the_rest_are_tens_of_pixels() -> None:
    disparity = stereo_pair().disparity
    assert not np.isinf(disparity).any()
    assert np.isnan(disparity).mean() == pytest.approx(0.0735, abs=5e-4)
    assert np.nanmin(disparity) == pytest.approx(7.19, abs=0.01)
    assert np.nanmax(disparity) == pytest.approx(59.91, abs=0.01)


@pytest.mark.parametrize("factor", [1.0, 0.5, 0.3])
def test_the_map_leads_to_the_same_thing_on_the_right_at_any_scale(factor: float) -> None:
    pair = stereo_pair(factor=factor)
    agreed = agreement(pair, pair.disparity)
    assert agreed > 0.92
    # Controls: the other direction, no disparity, and a map of another scale.
    for wrong in (-1.0, 0.0, 0.8, 1.25):
        assert agreement(pair, wrong * pair.disparity) < agreed - 0.1


@pytest.mark.parametrize("factor", [0.5, 0.3])
def test_a_smaller_pair_has_smaller_disparities_and_as_much_unknown(factor: float) -> None:
    whole, small = stereo_pair().disparity, stereo_pair(factor=factor).disparity
    percentiles = [1, 25, 50, 75, 99]
    ratio = small.shape[1] / whole.shape[1]
    np.testing.assert_allclose(
        np.nanpercentile(small, percentiles), ratio * np.nanpercentile(whole, percentiles), rtol=0.02
    )
    assert np.isnan(small).mean() == pytest.approx(np.isnan(whole).mean(), rel=0.05)
    # No depth is made up between two that are there.
    assert np.isin(small[np.isfinite(small)], whole[np.isfinite(whole)] * ratio).all()


def test_enlarging_is_refused() -> None:
    with pytest.raises(ValueError, match=r"factor in \(0, 1\], got 2"):
        stereo_pair(factor=2)


def test_a_file_missing_from_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motorcycle, "find_spec", lambda _package: None)
    with pytest.raises(
        FileNotFoundError, match=r"motorcycle_left\.png inside the installed package 'skimage'"
    ):
        stereo_pair()

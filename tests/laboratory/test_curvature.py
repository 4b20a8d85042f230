"""Iso-response surfaces of linear units are flat, of energy and divided ones bent as their formulas say."""

import numpy as np
import pytest
from gabor_units import GaborUnits
from numpy.typing import NDArray

from neurosim.laboratory.curvature import iso_response_curvature
from neurosim.laboratory.responders import feed_forward
from neurosim.stimuli.laboratory.visual_field import VisualField

Floats = NDArray[np.float64]
FIELD = VisualField(height=12, width=12, pixels_per_degree=6)


def _pair() -> Floats:
    """Two orthogonal fields of unit length and one between them."""
    u, v = np.linalg.qr(np.random.default_rng(0).normal(size=(144, 2)))[0].T
    return np.stack([u, v, (u + v) / np.sqrt(2)]).reshape(3, 12, 12)


def _drives(images: Floats) -> Floats:
    return (images - 0.5).reshape(len(images), -1) @ _pair().reshape(3, -1).T


@pytest.mark.parametrize("threshold", [0.0, 0.3])
def test_a_linear_nonlinear_unit_is_flat(gabors: GaborUnits, threshold: float) -> None:
    """Also after a threshold and an exponent, and when the field is not quite the unit's own."""
    fields = gabors.fields()
    drive = feed_forward(fields, threshold=threshold)
    seen = fields + 0.02 * np.random.default_rng(1).normal(size=fields.shape)
    for given in (fields, seen):
        found = iso_response_curvature(
            lambda images: drive(images) ** 2, given, field=gabors.field, strength=0.1
        )
        assert np.isfinite(found.curvature).all()
        assert np.abs(found.curvature).max() < 1e-3


def test_a_unit_divided_by_what_lies_beside_it_bends_as_the_formula_says() -> None:
    """r = a/√(1 + (b/a₀)²) is the same along a = a₀√(1 + (b/a₀)²): curvature 1 at the middle."""
    operating = 0.1 * 12

    def divided(images: Floats) -> Floats:
        drives = _drives(images)
        others = drives[:, [1, 0, 0]]
        return drives / np.sqrt(1 + (others / operating) ** 2)

    found = iso_response_curvature(divided, _pair(), field=FIELD, strength=0.1, n_directions=2, reach=0.1)
    straight = found.curvature.values[0][found.other.values[0] == 1]
    np.testing.assert_allclose(straight, 1.0, rtol=0.02)


def test_an_energy_unit_bends_the_other_way() -> None:
    """r = √(a² + b²) is the same on a circle: curvature -1."""

    def energy(images: Floats) -> Floats:
        return np.repeat(np.hypot(*_drives(images)[:, :2].T)[:, None], 3, axis=1)

    found = iso_response_curvature(energy, _pair(), field=FIELD, strength=0.1, n_directions=2, reach=0.1)
    np.testing.assert_allclose(found.curvature.values[:2], -1.0, rtol=0.02)


def test_units_that_are_silent_or_alone_are_missing_and_counted() -> None:
    fields = _pair()
    silent = iso_response_curvature(feed_forward(fields, threshold=1e6), fields, field=FIELD, strength=0.1)
    assert silent.attrs["n_silent"] == 3
    assert np.isnan(silent.curvature).all()
    copies = np.stack([fields[0], 2 * fields[0]])
    alone = iso_response_curvature(feed_forward(copies, background=0.5), copies, field=FIELD, strength=0.1)
    assert (alone.other == -1).all()
    assert np.isnan(alone.curvature).all()


def test_fields_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match=r"images' size, 12 × 12, got 9 × 8; FrontEnd.adjoint"):
        iso_response_curvature(lambda images: images, np.ones((3, 9, 8)), field=FIELD, strength=0.1)
    with pytest.raises(ValueError, match="strength above 0"):
        iso_response_curvature(lambda images: images, _pair(), field=FIELD, strength=0.0)
    with pytest.raises(ValueError, match="3 units, one for each field, got 2"):
        iso_response_curvature(lambda images: np.ones((len(images), 2)), _pair(), field=FIELD, strength=0.1)

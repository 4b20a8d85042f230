"""White noise gives back the fields of units with known fields, and none of units that have none."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor import fit_gabors, gabor
from neurosim.front_end.front_end import FrontEnd
from neurosim.laboratory.responders import Responder
from neurosim.laboratory.significance import field_significance
from neurosim.laboratory.v1_protocol.on_patch import through_window
from neurosim.measures.mapping.noise import NoiseMap, map_with_noise, natural_rms, without_what_cannot_pass
from neurosim.stimuli.filters.olshausen import OlshausenField
from neurosim.stimuli.kinds.stimuli import ImageSpace
from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.laboratory.noise import white_noise
from neurosim.stimuli.laboratory.visual_field import VisualField

Floats = NDArray[np.float64]

SIDE, MARGIN, RMS, N = 12, 6, 0.2, 24


def frames(n: int, *, seed: int = 0, side: int = SIDE + 2 * MARGIN) -> ImageSeries:
    return white_noise(n, field=VisualField(side, side, 1.0), rms=RMS, rng=seed)


@cache
def planted(channels: int) -> tuple[FrontEnd, Floats]:
    """A front end, and weights (N, channels, SIDE, SIDE) on what it gives: Gabors, ON minus OFF."""
    rng = np.random.default_rng(0)
    parameters = {
        "x0": rng.uniform(5, 6, N), "y0": rng.uniform(5, 6, N), "orientation": rng.uniform(0, np.pi, N),
        "frequency": rng.uniform(0.12, 0.2, N), "phase": rng.uniform(0, 2 * np.pi, N), "sigma_x": 1.8, "sigma_y": 2.2,
        "amplitude": 1.0,
    }  # fmt: skip
    signed = gabor(pd.DataFrame(parameters), height=SIDE, width=SIDE)
    if channels == 1:
        return FrontEnd(OlshausenField(), gain=3.0), signed[:, None]
    return FrontEnd(OlshausenField(), gain=3.0, on_off=0.1), np.stack([signed, -signed], axis=1)


def population(channels: int, answer: Callable[[Floats], Floats] = lambda drive: drive) -> Responder:
    front_end, weights = planted(channels)
    rows = weights.reshape(N, -1)
    return through_window(
        {"units": lambda seen: answer(seen @ rows.T)}, front_end=front_end, margin=MARGIN, background=0.5
    )


@cache
def mapped(channels: int, n: int) -> NoiseMap:
    answer = (lambda drive: drive) if channels == 1 else (lambda drive: np.maximum(drive - 0.5, 0.0))
    found = map_with_noise(population(channels, answer), frames(n), rms=RMS)
    return without_what_cannot_pass(found, planted(channels)[0], side=SIDE, margin=MARGIN)


def likeness(found: Floats, true: Floats) -> Floats:
    return np.array([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(found, true, strict=True)])


@pytest.mark.parametrize("channels", [1, 2], ids=["linear", "relays and threshold"])
def test_a_planted_population_gives_back_its_fields(channels: int) -> None:
    front_end, weights = planted(channels)
    true, found = front_end.adjoint(weights, margin=MARGIN), mapped(channels, 8_000)
    assert likeness(found.fields, true).min() > 0.95
    assert found.significant.all()
    assert not found.silent.any()


def test_they_are_in_responses_per_grey_value() -> None:
    front_end, weights = planted(1)
    true = front_end.adjoint(weights, margin=MARGIN)
    scale = (mapped(1, 8_000).fields * true).sum(axis=(1, 2)) / (true**2).sum(axis=(1, 2))
    np.testing.assert_allclose(scale, 1.0, atol=0.05)


def test_their_shape_is_that_of_the_planted_ones() -> None:
    front_end, weights = planted(1)
    true, found = (
        fit_gabors(fields, amplitude_bound=1.5, n_starts=4)
        for fields in (front_end.adjoint(weights, margin=MARGIN), mapped(1, 8_000).fields)
    )
    both = true["gabor_like"] & found["gabor_like"]
    assert both.sum() >= 12
    for name in ("nx", "ny"):
        assert found.loc[both, name].median() == pytest.approx(true.loc[both, name].median(), rel=0.05)


def test_what_cannot_pass_the_filter_is_noise_and_no_field_loses_anything() -> None:
    front_end, weights = planted(1)
    true = front_end.adjoint(weights, margin=MARGIN)
    exact = without_what_cannot_pass(
        NoiseMap(np.stack([true, true]), np.zeros(N), 2, RMS), front_end, side=SIDE, margin=MARGIN
    )
    assert likeness(exact.fields, true).min() > 0.999
    raw = map_with_noise(population(1), frames(1_000), rms=RMS)
    clean = without_what_cannot_pass(raw, front_end, side=SIDE, margin=MARGIN)
    assert np.median(likeness(clean.fields, true)) > np.median(likeness(raw.fields, true)) + 0.1
    assert np.median(clean.halves_r2) > np.median(raw.halves_r2) + 0.1


def test_more_frames_make_the_halves_more_alike() -> None:
    assert np.median(mapped(1, 8_000).halves_r2) > np.median(mapped(1, 1_000).halves_r2) + 0.1


def test_units_that_do_not_see_the_noise_have_a_field_by_chance_only() -> None:
    rng = np.random.default_rng(1)
    # As sparse and heavy-tailed as a code is.
    blind = lambda images: np.maximum(rng.standard_cauchy((len(images), 400)) - 2.0, 0.0).clip(max=50)  # noqa: E731
    found = map_with_noise(blind, frames(1_000, side=8), rms=RMS)
    assert 0.01 < found.significant.mean() < 0.1
    assert found.p_value.mean() == pytest.approx(0.5, abs=0.06)
    assert np.median(found.halves_r2) < 0.1


def test_chance_is_what_permuting_responses_gives() -> None:
    noise = frames(1_000, side=8)
    rng = np.random.default_rng(2)
    weak = noise.images().reshape(1_000, -1)[:, :30] + rng.normal(scale=1.5, size=(1_000, 30))
    answers = iter([weak])
    found = map_with_noise(lambda images: next(answers), noise, rms=RMS)
    permuted = field_significance(noise, weak, rng=0, n_permutations=99)
    assert abs(found.p_value - permuted.p_value.to_numpy()).max() < 0.15


def test_a_unit_that_answers_every_frame_alike_is_counted_and_has_no_field() -> None:
    def some(images: Floats) -> Floats:
        return np.stack([images[:, 3, 3], np.zeros(len(images)), np.full(len(images), 0.1)], axis=1)

    found = map_with_noise(some, frames(5_000, side=8), rms=RMS)
    assert found.silent.tolist() == [False, True, True]
    assert found.significant.tolist() == [True, False, False]
    assert not found.fields[1:].any()
    assert np.isnan(found.halves_r2[1:]).all()


def test_signed_answers_are_taken_with_their_sign() -> None:
    found = map_with_noise(lambda images: 0.5 - images[:, 3, 3:5], frames(5_000, side=8), rms=RMS)
    assert found.fields[0, 3, 3] == pytest.approx(-1.0, abs=0.05)


def test_natural_strength_is_about_each_photograph_own_mean() -> None:
    rng = np.random.default_rng(0)
    pictures = tuple(level + 0.1 * rng.standard_normal((60, 60)) for level in (0.2, 0.8))
    assert natural_rms(ImageSpace(None, pictures)) == pytest.approx(0.1, rel=0.03)

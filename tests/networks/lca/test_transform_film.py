"""Membranes go on from frame to frame of a film, each of which lasts a stated time."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks import LCA, WLSC, LinkedLCA, ParallelLCA, TopographicLCA
from neurosim.stimuli import Film

RNG = np.random.default_rng(0)
DICTIONARY = RNG.standard_normal((8, 6))
DICTIONARY /= np.linalg.norm(DICTIONARY, axis=1, keepdims=True)
FILM = np.cumsum(0.3 * RNG.standard_normal((5, 3, 6)), axis=0)  # (n_frames, n_places, n_pixels)
FRAME = 0.02


def network(**changed: Any) -> LCA:
    return LCA.from_dictionary(DICTIONARY, backend="numpy", **changed)


def test_codes_are_those_of_membranes_that_are_never_reset() -> None:
    """Rozell et al. 2008, eq. 2.4, by Euler steps without the engine."""
    dt, tau, threshold = 0.002, 0.01, 0.1
    code = (
        network(dt="2 ms", epsilon=0, tolerance=0, threshold=threshold)
        .settle_film(FILM, frame_seconds=FRAME)
        .code
    )
    u, overlaps = np.zeros((3, 8)), DICTIONARY @ DICTIONARY.T - np.eye(8)
    for frame, expected in zip(FILM, code, strict=True):
        for _ in range(10):
            a = np.sign(u) * np.maximum(np.abs(u) - threshold, 0)
            u = u + dt / tau * (frame @ DICTIONARY.T - u - a @ overlaps)
        assert_allclose(expected, np.sign(u) * np.maximum(np.abs(u) - threshold, 0), atol=1e-12)


@pytest.mark.parametrize("steps", [{"dt": "2 ms"}, {}])
def test_it_is_what_a_network_that_carries_over_does_with_the_films(steps: dict[str, Any]) -> None:
    carrying = network(carry_over=True, batch_size=3, presentation="20 ms", **steps)
    expected = carrying.transform(FILM.swapaxes(0, 1)).swapaxes(0, 1)
    assert_array_equal(network(**steps).settle_film(FILM, frame_seconds=FRAME).code, expected)
    # A film of its own: nothing is left of the one before.
    net = network(**steps)
    first = net.settle_film(FILM, frame_seconds=FRAME).code
    assert_array_equal(net.settle_film(FILM, frame_seconds=FRAME).code, first)


def test_the_order_of_frames_counts_and_that_of_places_does_not() -> None:
    code = network().settle_film(FILM, frame_seconds=FRAME).code
    backwards = network().settle_film(FILM[::-1], frame_seconds=FRAME).code[::-1]
    assert np.abs(code[1:-1] - backwards[1:-1]).max() > 1e-3
    assert_allclose(network().settle_film(FILM[:, ::-1], frame_seconds=FRAME).code[:, ::-1], code, atol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_how_many_places_are_shown_at_once_does_not_matter(batch_size: int) -> None:
    film = np.concatenate([FILM, -FILM, 0.5 * FILM], axis=1)[:, :7]
    whole = network(batch_size=7).settle_film(film, frame_seconds=FRAME)
    parts = network(batch_size=batch_size).settle_film(film, frame_seconds=FRAME)
    assert_allclose(parts.code, whole.code, atol=1e-12)
    assert parts.unsettled is not None
    assert_array_equal(parts.unsettled, whole.unsettled)
    assert parts.code.shape == (5, 7, 8)


def test_frames_that_did_not_settle_are_told_with_their_share() -> None:
    brief = network().settle_film(FILM, frame_seconds=0.003)
    assert brief.unsettled is not None
    assert brief.unsettled.shape == (5, 3)
    assert brief.unsettled.mean() > 0.5
    with pytest.warns(ConvergenceWarning, match=rf"{brief.unsettled.sum()} of 15 codes .* after 0.003 s"):
        network().transform_film(FILM, frame_seconds=0.003)
    # No warning, which would be an error here.
    patient = network(tolerance=1e-9, epsilon=0)
    assert_allclose(
        patient.transform_film(FILM, frame_seconds=5.0)[-1], patient.transform(FILM[-1]), atol=1e-6
    )


def test_a_film_brings_its_rate_and_its_scenes_are_places() -> None:
    film = Film(FILM.swapaxes(0, 1).reshape(3, 5, 2, 3), rate_hz=50.0)
    assert_array_equal(
        network().settle_film(film).code, network().settle_film(FILM, frame_seconds=FRAME).code
    )
    slower = network().settle_film(film, frame_seconds=0.1).code
    assert_array_equal(slower, network().settle_film(FILM, frame_seconds=0.1).code)
    assert np.abs(slower - network().settle_film(film).code).max() > 1e-3


@pytest.mark.parametrize("terms", ["+ u + 1", "+ u + 1 + 1e-9*sqrt(tau)*xi"], ids=["at once", "step by step"])
def test_frames_last_exactly_as_long_as_they_are_to(terms: str) -> None:
    # Without input and overlaps the membrane is a clock: it rises by 1 in tau, whatever the steps.
    net = LCA.from_dictionary(np.eye(2), threshold=1.0, backend="numpy", membrane_terms=terms)
    code = net.settle_film(np.zeros((3, 1, 2)), frame_seconds=0.023).code
    assert_allclose(1 + code[:, 0, 0], [2.3, 4.6, 6.9], rtol=1e-6)


def test_nothing_of_the_network_changes() -> None:
    net = network(presentation="7 ms", batch_size=2)
    before = net.get_params(), net.transform(FILM[0] * 0)
    net.settle_film(FILM, frame_seconds=FRAME)
    assert (net.get_params(), net.carry_over) == (before[0], False)


def test_all_networks_that_settle_follow_films() -> None:
    unit = np.eye(6)
    nets = [
        TopographicLCA.from_dictionary(np.eye(9, 6), threshold=0.05, backend="numpy"),
        ParallelLCA.from_dictionary(unit, streams=[[3, 1], [3, 1]], threshold=0.05, backend="numpy"),
        WLSC.from_dictionary(unit, locality=0.01, backend="numpy"),
    ]
    for net in nets:
        found = net.settle_film(FILM, frame_seconds=1.0).code
        assert found.shape == (5, 3, len(net.dictionary_))
        settled = net.settle(FILM[-1]).code
        assert_allclose(found[-1], settled, atol=0.05 * np.abs(settled).max())


def test_modalities_can_be_films() -> None:
    films = {"left": FILM, "right": FILM[:, :, :4]}
    net = LinkedLCA.from_dictionary(
        {"left": DICTIONARY, "right": DICTIONARY[:, :4]}, threshold=0.05, backend="numpy"
    )
    code = net.settle_film(films, frame_seconds=1.0).code
    last = net.settle({name: film[-1] for name, film in films.items()}).code
    assert_allclose(code[-1], last, atol=0.05 * np.abs(last).max())
    with pytest.raises(ValueError, match=r"as many frames and places in every modality, got .*left"):
        net.transform_film(films | {"right": films["right"][:4]}, frame_seconds=1.0)
    with pytest.raises(ValueError, match=r"right: expected a film of 2 frames or more"):
        net.transform_film(films | {"right": films["right"][:1]}, frame_seconds=1.0)


BROKEN = FILM.copy()
BROKEN[3, 1, 2] = np.nan


@pytest.mark.parametrize(
    ("changed", "X", "seconds", "said"),
    [
        ({}, FILM[:1], 0.02, r"2 frames or more, got shape \(1, 3, 6\)"),
        ({}, FILM[:, 0], 0.02, r"n_places, n_pixels\), got \(5, 6\); for one place pass film\[:, None, :\]"),
        ({}, FILM.reshape(5, 3, 2, 3), 0.02, "make rows of the pixels of each frame"),
        ({}, FILM[:, :, :5], 0.02, "expected frames of 6 pixels, as the fields have"),
        ({}, BROKEN, 0.02, r"at frame 3, place 1, pixel 2 \(1 in all\)"),
        ({}, FILM, None, "frame_seconds: .* an array has no rate"),
        ({}, FILM, "20 ms", "frame_seconds: expected seconds above 0, as a number such as 0.04, got '20 ms'"),
        ({}, FILM, 0.0, "frame_seconds: expected seconds above 0"),
        ({}, FILM, 0.0005, r"a time step or more, 0.001 s, which is tau/10, got 0.0005 s"),
        ({"dt": "2 ms"}, FILM, 0.001, r"a time step or more, dt = 0.002 s, got 0.001 s"),
        ({"dt": "3 ms"}, FILM, 0.02, r"whole number of time steps of dt = 0.003 s, .* 6.667 .* set dt to 0.00285714 s"),
        ({}, Film(np.zeros((3, 5, 4, 4)), rate_hz=25.0), None, "frames of 6 pixels, .* got 4 × 4; cut windows"),
    ],
)  # fmt: skip
def test_films_that_cannot_be_followed_are_refused(changed: Any, X: Any, seconds: Any, said: str) -> None:
    for method in ("transform_film", "settle_film"):
        with pytest.raises(ValueError, match=said):
            getattr(network(**changed), method)(X, frame_seconds=seconds)

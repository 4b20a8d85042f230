"""Films of whole pictures, frame by frame: membranes at every position go on from one frame to the next."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks import ConvolutionalLCA, ConvolutionalLinkedLCA
from neurosim.networks.convolutional import on_grid
from neurosim.stimuli import Film

RNG = np.random.default_rng(7)
FIELDS = RNG.standard_normal((6, 4, 4))
FIELDS /= np.linalg.norm(FIELDS.reshape(6, -1), axis=1)[:, np.newaxis, np.newaxis]
FILMS = np.cumsum(0.4 * RNG.standard_normal((3, 5, 10, 12)), axis=1)  # (n_films, n_frames, height, width)
FRAME = 0.02


def network(fields: Any = FIELDS, **changed: Any) -> ConvolutionalLCA:
    return ConvolutionalLCA.from_dictionary(
        fields, **({"stride": 2, "threshold": 0.3, "backend": "numpy"} | changed)
    )


def test_a_still_film_comes_to_the_fixed_point_of_its_picture_and_stays() -> None:
    still = np.repeat(FILMS[:, -1:], 4, axis=1)
    patient = {"tolerance": 1e-9, "epsilon": 0}
    code = network(**patient).transform_film(still, frame_seconds=10.0)
    assert code.shape == (3, 4, 4, 5, 6)
    picture = network(**patient).transform(FILMS[:, -1])
    for frame in range(4):
        assert_allclose(code[:, frame], picture, atol=1e-5)


def test_membranes_go_on_from_frame_to_frame() -> None:
    slow = FILMS[:, :1] + 0.02 * (FILMS - FILMS[:, :1])
    carried = network().settle_film(slow, frame_seconds=FRAME)
    cold = network(presentation="20 ms").settle(slow[:, -1])
    there = network(tolerance=1e-9, epsilon=0).transform(slow[:, -1])
    assert carried.unsettled is not None
    assert carried.unsettled.shape == (3, 5)
    # The first frame is met from rest, as any picture is.
    first = network(presentation="20 ms").settle(slow[:, 0])
    assert_allclose(carried.code[:, 0], first.code, atol=1e-12)
    assert np.abs(carried.code[:, -1] - there).mean() < 0.3 * np.abs(cold.code - there).mean()


def test_a_film_that_takes_several_runs_is_the_same_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for n_batches in (1, 2, 5):
        monkeypatch.setattr(on_grid, "capacity_of", lambda _, backend, n=n_batches: n)
        found.append(network().settle_film(FILMS, frame_seconds=FRAME))
    for each in found[1:]:
        assert_array_equal(each.code, found[0].code)
        assert_array_equal(each.unsettled, found[0].unsettled)


def test_films_do_not_see_each_other_and_their_frames_have_an_order() -> None:
    code = network().settle_film(FILMS, frame_seconds=FRAME).code
    alone = network().settle_film(FILMS[1:2], frame_seconds=FRAME).code
    assert_allclose(alone[0], code[1], atol=1e-12)
    one_by_one = network(batch_size=2).settle_film(FILMS, frame_seconds=FRAME).code
    assert_allclose(one_by_one, code, atol=1e-12)
    backwards = network().settle_film(FILMS[:, ::-1], frame_seconds=FRAME).code[:, ::-1]
    assert np.abs(code[:, 1:-1] - backwards[:, 1:-1]).max() > 1e-3


@pytest.mark.parametrize("boundary", ["valid", "same", "torus"])
def test_compiled_code_leaves_calm_positions_alone_and_comes_to_the_same(
    compiled_backend: str, boundary: str
) -> None:
    """Frames end before all is settled: positions that were left behind have to take the steps that they missed."""
    spot = np.zeros((1, 4, 40, 40))
    spot[0, :, 4:10, 4:10] = 2 * RNG.standard_normal((4, 6, 6))
    spot[0, 1:, 24:30, 24:30] = RNG.standard_normal((6, 6))
    spot += 0.05 * RNG.standard_normal((40, 40))
    options = {"boundary": boundary, "epsilon": 0.02, "tolerance": 1e-4}
    plain = network(**options).settle_film(spot, frame_seconds=0.09)
    compiled = network(**options, backend=compiled_backend).settle_film(spot, frame_seconds=0.09)
    assert np.count_nonzero(plain.code) > 50
    assert_allclose(compiled.code, plain.code, atol=1e-10)
    assert_array_equal(compiled.unsettled, plain.unsettled)


def test_membranes_of_calm_positions_are_where_their_steps_took_them(
    compiled_backend: str,
) -> None:
    """Nobody tells of a membrane below threshold, but how far it has come decides when it answers the next frame."""
    film = np.zeros((1, 2, 24, 24))
    film[0, 0] = 0.05 * RNG.standard_normal((24, 24))
    film[0, 1] = 12 * film[0, 0]
    film[0, :, :6, :6] = 3 * RNG.standard_normal((2, 6, 6))  # keeps the population from rest
    options = {"epsilon": 0.01, "tolerance": 1e-12, "threshold": 0.2}
    plain = network(**options).settle_film(film, frame_seconds=0.02).code
    compiled = network(**options, backend=compiled_backend).settle_film(film, frame_seconds=0.02).code
    assert_allclose(compiled, plain, atol=1e-10)
    longer = network(**options).settle_film(np.repeat(film, 2, axis=1), frame_seconds=0.02).code
    assert np.abs(longer[:, 2] - plain[:, 1])[:, 6:, 6:].max() > 1e-3


def test_films_bring_their_rate_and_pixels_may_have_channels() -> None:
    film = Film(FILMS, rate_hz=50.0)
    assert_array_equal(
        network().settle_film(film).code, network().settle_film(FILMS, frame_seconds=FRAME).code
    )
    colours = network(np.repeat(FIELDS[..., np.newaxis], 2, axis=3) / 2**0.5, channels=2)
    seen = colours.settle_film(np.stack([FILMS, FILMS], axis=-1), frame_seconds=FRAME).code
    assert_allclose(seen, network().settle_film(2**0.5 * FILMS, frame_seconds=FRAME).code, atol=1e-9)


def test_frames_that_did_not_settle_are_told_with_their_share() -> None:
    with pytest.warns(ConvergenceWarning, match=r"of 15 codes .* after 0.003 s") as said:
        network().transform_film(FILMS, frame_seconds=0.003)
    assert said[0].filename == __file__


@pytest.mark.parametrize(
    ("films", "changed", "said"),
    [
        (FILMS[0], {}, r"expected films of shape \(n_films, n_frames, height, width\).*pass film\[np.newaxis\]"),
        (FILMS[:, :1], {}, "films of 2 frames or more"),
        (FILMS[..., :3], {}, "4 columns or more, the size of a field"),
        (np.where(FILMS[1, 2, 3, 4] == FILMS, np.nan, FILMS), {}, "film 1, frame 2, row 3, column 4"),
        (FILMS, {"fields": FIELDS.reshape(6, 2, 2, 4), "stride": 1}, "three axes .* transform"),
    ],
)  # fmt: skip
def test_what_is_no_film_of_pictures_is_refused(films: Any, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        network(**changed).transform_film(films, frame_seconds=FRAME)


def test_a_film_needs_a_time_per_frame() -> None:
    with pytest.raises(ValueError, match="frame_seconds: expected how long each frame lasts"):
        network().transform_film(FILMS)


PAIR = {"left": FIELDS, "right": np.random.default_rng(8).permutation(FIELDS)}
PAIR_OF_FILMS = {"left": FILMS, "right": FILMS[:, :, ::-1]}


def of_two(**changed: Any) -> ConvolutionalLinkedLCA:
    return ConvolutionalLinkedLCA.from_dictionary(
        PAIR, **({"stride": 2, "threshold": 0.3, "backend": "numpy"} | changed)
    )


@pytest.mark.parametrize("seen", [("left", "right"), ("right",)])
def test_still_films_of_several_pictures_come_to_the_fixed_point_of_what_is_seen(
    seen: tuple[str, ...],
) -> None:
    patient = {"tolerance": 1e-9, "epsilon": 0}
    still = {name: np.repeat(PAIR_OF_FILMS[name][:, -1:], 3, axis=1) for name in seen}
    code = of_two(**patient).transform_film(still, frame_seconds=10.0)
    pictures = of_two(**patient).transform({name: PAIR_OF_FILMS[name][:, -1] for name in seen})
    for frame in range(3):
        assert_allclose(code[:, frame], pictures, atol=1e-5)


@pytest.mark.parametrize(
    ("films", "words"),
    [
        (FILMS, "by modality"),
        ({}, "all are absent"),
        ({"left": FILMS, "right": FILMS[:2]}, "as many films and frames"),
        ({"up": FILMS}, "expected one of 'left', 'right'"),
        ({"left": FILMS[0]}, "left: .*film\\[np.newaxis\\]"),
        ({"left": FILMS, "right": FILMS[..., :8]}, "as many positions"),
        ({"left": Film.from_array(FILMS, rate_hz=25), "right": Film.from_array(FILMS, rate_hz=30)}, "one rate"),
    ],
)  # fmt: skip
def test_films_that_do_not_go_together_are_refused(films: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        of_two().transform_film(films, frame_seconds=0.1)

"""Films have an axis of time of their own."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.networks import LCA, LinkedLCA

RNG = np.random.default_rng(0)
DICTIONARY = RNG.standard_normal((8, 6))
DICTIONARY /= np.linalg.norm(DICTIONARY, axis=1, keepdims=True)
FILMS = np.cumsum(0.3 * RNG.standard_normal((3, 5, 6)), axis=1)


def network(**changed: Any) -> LCA:
    options = {"batch_size": 3, "carry_over": True, "presentation": "20 ms", "dt": "2 ms", "epsilon": 0}
    return LCA.from_dictionary(DICTIONARY, backend="numpy", **options | changed)


def test_a_film_is_coded_frame_by_frame_whatever_is_shown_beside_it() -> None:
    together = network().transform(FILMS)
    assert together.shape == (3, 5, 8)
    alone = [network(batch_size=1).transform(film[None])[0] for film in FILMS]
    assert_allclose(together, alone, atol=1e-12)
    # The axis of time counts: the same frames, each from rest, have other codes.
    cold = network(carry_over=False).settle(FILMS.reshape(-1, 6)).code.reshape(3, 5, 8)
    assert_allclose(together[:, 0], cold[:, 0], atol=1e-12)
    assert np.abs(together[:, 1:] - cold[:, 1:]).max() > 1e-2


def test_rows_in_the_same_order_are_the_same_film() -> None:
    rows = FILMS.swapaxes(0, 1).reshape(-1, 6)
    assert_array_equal(network().transform(rows).reshape(5, 3, 8).swapaxes(0, 1), network().transform(FILMS))
    assert network().score(FILMS) == network().score(rows)
    learned = [
        network(learning_rate=0.1, threshold=0.5).partial_fit(each).dictionary_ for each in (rows, FILMS)
    ]
    assert_array_equal(*learned)
    assert np.abs(learned[0] - DICTIONARY).max() > 1e-3


def test_modalities_can_be_films() -> None:
    films = {"left": FILMS, "right": FILMS[:, :, :4]}
    net = LinkedLCA(
        n_neurons=8, batch_size=3, carry_over=True, backend="numpy", random_state=0, threshold=0.05
    )
    assert net.fit(films).transform(films).shape == (3, 5, 8)


@pytest.mark.parametrize(
    ("changed", "X", "said"),
    [
        ({"batch_size": 5}, FILMS, r"as many films as batch_size=5, .* got 3 films .* set batch_size=3"),
        ({"carry_over": False}, FILMS, r"\(n_stimuli, n_pixels\), got \(3, 5, 6\); set carry_over=True"),
        ({}, FILMS[:, :1], "films of 2 frames or more"),
        ({}, FILMS.reshape(-1, 6)[:14], r"whole batches of batch_size=3 .* got 14 .* leave out the last 2"),
    ],
)
def test_films_that_batches_would_tear_apart_are_refused(changed: dict[str, Any], X: Any, said: str) -> None:
    for method in ("transform", "partial_fit", "fit", "score"):
        with pytest.raises(ValueError, match=said):
            getattr(network(**changed), method)(X)

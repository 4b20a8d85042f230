"""Films at an estimator's door: an axis of time of their own, and the rows that batches are made of."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["films_of", "frames_in_turn"]


class _Carrying(Protocol):
    batch_size: int
    carry_over: bool


def frames_in_turn(network: _Carrying, X: Any) -> Any:
    """Return films as rows: all films' first frames, then all second ones. Other stimuli come back as they are.

    Parameters
    ----------
    network : estimator
        With ``batch_size`` and ``carry_over``.
    X : array (n_films, n_frames, n_pixels), or a mapping of modalities to such arrays
        A batch has to be one frame of every film, or membranes would go on in another film. Rows (n_stimuli, n_pixels)
        that are in this order already have to fill their batches.

    Raises
    ------
    ValueError
        If films are shown without ``carry_over``, are not as many as a batch holds, or have a single frame; or rows do
        not fill batches while ``carry_over`` is on.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> net = SimpleNamespace(batch_size=2, carry_over=True)
    >>> frames_in_turn(net, np.arange(12).reshape(2, 3, 2))[:3].tolist()
    [[0, 1], [6, 7], [2, 3]]
    """
    if isinstance(X, Mapping) and not hasattr(X, "tocsr"):  # some sparse matrices are dictionaries
        return {name: frames_in_turn(network, each) for name, each in X.items()}
    shape = _shape(X)
    if len(shape) == 3:
        _require_films(network, shape)
        return np.swapaxes(np.asarray(X), 0, 1).reshape(-1, shape[2])
    if (
        network.carry_over
        and len(shape) == 2
        and shape[0] > network.batch_size
        and shape[0] % network.batch_size
    ):
        raise ValueError(
            f"expected whole batches of batch_size={network.batch_size} with carry_over=True, each one frame of every "
            f"film, got {shape[0]} stimuli; pass films as (n_films, n_frames, n_pixels) with batch_size=n_films, or "
            f"leave out the last {shape[0] % network.batch_size}"
        )
    return X


def films_of(codes: NDArray[Any], X: Any) -> NDArray[Any]:
    """Return codes (n_frames * n_films, n_neurons) of films by film and frame, those of other stimuli as they are."""
    first = next(iter(X.values())) if isinstance(X, Mapping) and not hasattr(X, "tocsr") else X
    shape = _shape(first)
    if len(shape) != 3:
        return codes
    return np.swapaxes(codes.reshape(shape[1], shape[0], -1), 0, 1)


def _shape(X: Any) -> tuple[int, ...]:
    found: tuple[int, ...] = getattr(X, "shape", ())
    return found


def _require_films(network: _Carrying, shape: tuple[int, ...]) -> None:
    n_films, n_frames, _ = shape
    if not network.carry_over:
        raise ValueError(
            f"expected stimuli of shape (n_stimuli, n_pixels), got {shape}; set carry_over=True for films of shape "
            "(n_films, n_frames, n_pixels), or reshape stimuli that do not follow each other to rows"
        )
    if n_films != network.batch_size:
        raise ValueError(
            f"expected as many films as batch_size={network.batch_size}, since a batch is one frame of every film, got "
            f"{n_films} films in shape {shape}, (n_films, n_frames, n_pixels); set batch_size={n_films}"
        )
    if n_frames < 2:
        raise ValueError(
            f"expected films of 2 frames or more, got shape {shape}, (n_films, n_frames, n_pixels): nothing goes on "
            "after one frame"
        )

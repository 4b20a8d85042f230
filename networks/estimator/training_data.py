"""What learning starts from: stimuli and films at an estimator's door, the unit they come in, and fields."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data

from neurosim._masked import require_unmasked, unmasked
from neurosim.networks.estimator.parameters import one_of
from neurosim.networks.parameters import STARTS

__all__ = [
    "films_of",
    "frames_in_turn",
    "generator",
    "goes_on",
    "mean_square",
    "pointed_at_residuals",
    "require_squares",
    "seed_of",
    "standard_deviation",
    "starting_dictionary",
    "unit_rows",
    "validated_code",
    "validated_dictionary",
    "validated_stimuli",
]


def validated_stimuli(estimator: Any, X: ArrayLike, *, reset: bool) -> NDArray[Any]:
    """Return stimuli as a finite array of float64 or float32, (n_stimuli, n_pixels); ValueError names the place."""
    if type(X) is not np.ndarray:  # a plain array has no mask
        require_unmasked(X, "stimuli")
    stimuli = validate_data(
        estimator, X, reset=reset, dtype=(np.float64, np.float32), ensure_all_finite=False
    )
    if not np.isfinite(stimuli).all():
        bad = np.argwhere(~np.isfinite(stimuli))
        stimulus, pixel = (int(k) for k in bad[0])
        found = "NaN" if np.isnan(stimuli[stimulus, pixel]) else "infinity"
        raise ValueError(
            f"expected finite pixels, got {found} at stimulus {stimulus}, pixel {pixel} ({len(bad)} NaN or "
            "infinite values in all); repair or leave out those stimuli"
        )
    result: NDArray[Any] = stimuli
    return result


def require_squares(stimuli: NDArray[Any]) -> None:
    """Raise if the largest pixel's square, with room for sums, overflows or vanishes in the stimuli's precision."""
    largest, precision = float(np.abs(stimuli).max(initial=0)), np.finfo(stimuli.dtype)
    low, high = float(precision.tiny) ** 0.5 * 1e6, float(precision.max) ** 0.5 * 1e-6
    if largest and not low < largest < high:
        raise ValueError(
            f"expected pixels whose squares can be added up in {stimuli.dtype}, the largest between {low:.0e} and "
            f"{high:.0e}, got {largest:.3g}; use another unit, or float64"
        )


def validated_dictionary(dictionary: ArrayLike) -> NDArray[Any]:
    """Return given fields as a finite float matrix, shape (n_neurons, n_pixels)."""
    matrix = unmasked(dictionary, "the dictionary")
    matrix = matrix if matrix.dtype == np.float32 else matrix.astype(np.float64)
    if matrix.ndim != 2 or not matrix.size or not np.isfinite(matrix).all():
        raise ValueError(
            f"expected a finite dictionary of shape (n_neurons, n_pixels), got shape {matrix.shape}"
            f"{' with NaN or infinite values' if matrix.size and not np.isfinite(matrix).all() else ''}"
        )
    return matrix


def validated_code(estimator: Any, code: ArrayLike) -> NDArray[Any]:
    """Return a code as an array of one row per stimulus and one column per neuron of the `dictionary_`."""
    check_is_fitted(estimator, "dictionary_")
    activity = unmasked(code, "the code")
    n_neurons = len(estimator.dictionary_)
    if activity.ndim != 2 or activity.shape[1] != n_neurons:
        raise ValueError(
            f"expected a code of shape (n_stimuli, {n_neurons}), got {activity.shape}; pass what transform returned"
        )
    return activity


def goes_on(network: Any) -> bool:
    """Whether `fit` goes on from what a network has learned; ValueError if it now asks for another population."""
    if not (network.warm_start and hasattr(network, "dictionary_")):
        return False
    learned = len(network.dictionary_)
    if network.n_neurons != learned:
        raise ValueError(
            f"n_neurons: expected {learned}, the neurons that have learned, as warm_start=True goes on with them, got "
            f"{network.n_neurons!r}; set warm_start=False to start afresh"
        )
    return True


def generator(random_state: Any) -> np.random.Generator:
    """Return a generator from what scikit-learn calls a random state, or the generator that was passed."""
    if isinstance(random_state, np.random.Generator):
        return random_state
    try:
        known = check_random_state(random_state)
    except ValueError:
        raise ValueError(
            f"random_state: expected a whole number from 0 to {2**32 - 1}, a numpy.random.RandomState, or None for a "
            f"new one each time, got {random_state!r}"
        ) from None
    return np.random.default_rng(known.randint(2**31 - 1))


def seed_of(rng: np.random.Generator) -> int:
    """Draw a seed for the random terms of a user's equations."""
    return int(rng.integers(2**31 - 1))


def mean_square(stimuli: NDArray[Any]) -> float:
    """Return the mean over stimuli and pixels of the squared value, in the stimuli's unit squared.

    Examples
    --------
    >>> mean_square(np.array([[3.0, 4.0], [0.0, 5.0]]))
    12.5
    """
    # In float64 for every type of stimuli, and without a second array of squares.
    return float(np.einsum("sp,sp->", stimuli, stimuli, dtype=np.float64) / stimuli.size)


def standard_deviation(stimuli: NDArray[Any]) -> float:
    """Return the standard deviation of all pixel values about their common mean, in the stimuli's unit.

    Examples
    --------
    >>> standard_deviation(np.array([[1.0, 3.0], [3.0, 1.0]]))
    1.0
    """
    return float(np.std(stimuli, dtype=np.float64))


def starting_dictionary(
    start: str | ArrayLike, stimuli: NDArray[Any], *, n_neurons: int, rng: np.random.Generator
) -> NDArray[Any]:
    """Return unit-norm fields (n_neurons, n_pixels) to start from, of the stimuli's type.

    They are random directions ("noise"), randomly chosen "stimuli", each with a little noise so that no two are equal,
    or the given rows; ValueError if those have the wrong shape, rows of zeros or values that are not finite.

    Examples
    --------
    >>> rows = starting_dictionary("noise", np.ones((2, 9)), n_neurons=4, rng=np.random.default_rng(0))
    >>> np.linalg.norm(rows, axis=1).round(12)
    array([1., 1., 1., 1.])
    """
    if isinstance(start, str):
        one_of("initial_dictionary", start, STARTS)
        rows = rng.standard_normal((n_neurons, stimuli.shape[1]))
        if start == "stimuli":
            rows = _some_stimuli(stimuli, rows, rng)
    else:
        rows = _given(start, (n_neurons, stimuli.shape[1]))
    unit: NDArray[Any] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(stimuli.dtype)
    return unit


def unit_rows(dictionary: NDArray[Any]) -> NDArray[Any]:
    """Return fields scaled to unit norm; those that have it already, to rounding, and fields of zeros stay as they are.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0], [1.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ],
           [1. , 0. ]])
    """
    norms = np.linalg.norm(dictionary, axis=1, keepdims=True)
    rounding = 10 * np.sqrt(dictionary.shape[1]) * np.finfo(dictionary.dtype).eps
    off = (np.abs(norms - 1) > rounding) & (norms > 0)
    if not off.any():
        return dictionary
    scaled: NDArray[Any] = dictionary / np.where(off, norms, 1).astype(dictionary.dtype)
    return scaled


def _some_stimuli(stimuli: NDArray[Any], noise: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    # A stimulus can be drawn twice, or be zero: a hundredth of noise keeps rows apart and their norm above zero.
    chosen = stimuli[rng.integers(len(stimuli), size=len(noise))].astype(float)
    scale = np.sqrt(np.mean(np.square(chosen))) or 1.0
    mixed: NDArray[Any] = chosen + 0.01 * scale * noise
    return mixed


def _given(start: ArrayLike, shape: tuple[int, int]) -> NDArray[Any]:
    rows = unmasked(start, "initial_dictionary").astype(float, copy=False)
    if rows.shape != shape or not np.isfinite(rows).all() or not np.linalg.norm(rows, axis=1).all():
        raise ValueError(
            f"initial_dictionary: expected {' or '.join(map(repr, STARTS))}, or a finite array of shape {shape} "
            f"without rows of zeros, got an array of shape {rows.shape}"
        )
    return rows


def pointed_at_residuals(
    dictionary: NDArray[np.floating],
    neurons: NDArray[np.intp],
    residual: NDArray[np.floating],
    *,
    rng: np.random.Generator,
) -> NDArray[np.floating]:
    """Return a dictionary in which some neurons have the residuals of badly explained stimuli as their fields.

    The worst tenth is drawn from, without repetition where it suffices; a row stays if its stimulus was explained.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pointed_at_residuals(np.eye(2), np.array([1]), np.array([[3.0, 4.0]]), rng=rng)
    array([[1. , 0. ],
           [0.6, 0.8]])
    """
    worst = np.argsort(-(residual**2).sum(axis=1))[: max(len(residual) // 10, len(neurons))]
    chosen = residual[rng.choice(worst, size=len(neurons), replace=len(worst) < len(neurons))]
    norms = np.linalg.norm(chosen, axis=1, keepdims=True)
    replaced = dictionary.copy()
    replaced[neurons] = np.where(norms > 0, chosen / np.where(norms > 0, norms, 1), dictionary[neurons])
    return replaced


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
        return {name: _named(name, network, each) for name, each in X.items()}
    shape = _shape_of(X)
    if len(shape) == 3:
        _require_films(network, shape)
        require_unmasked(X, "films")
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
    shape = _shape_of(first)
    if len(shape) != 3:
        return codes
    return np.swapaxes(codes.reshape(shape[1], shape[0], -1), 0, 1)


def _named(modality: Any, network: _Carrying, X: Any) -> Any:
    try:
        return frames_in_turn(network, X)
    except ValueError as error:
        raise ValueError(f"{modality}: {error}") from None


def _shape_of(X: Any) -> tuple[int, ...]:
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

"""What a rate network makes of a film: membranes go on from frame to frame, and each frame lasts a stated time."""

import copy
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from neurosim._masked import unmasked
from neurosim._turns import simulating
from neurosim.networks.estimator.parameters import seconds
from neurosim.networks.estimator.training_data import generator
from neurosim.networks.lca.run_settings import FIRST_STEP

__all__ = ["FilmEncoding", "SettledFilm", "followed", "require_finite", "warn_of_frames"]


class SettledFilm(NamedTuple):
    """Codes of every frame, and which of them are no fixed point.

    Attributes
    ----------
    code : array, shape (n_frames, n_places, n_neurons)
        When the frame ended.
    unsettled : bool array, shape (n_frames, n_places), or None
        Where the next frame came while an activity would still have moved further than `tolerance`, or than `epsilon`
        where that is larger. None where nobody can tell, as in `neurosim.networks.lca.encoding.Settled`.
    """

    code: NDArray[Any]
    unsettled: NDArray[np.bool_] | None


class FilmEncoding:
    """The side of a `neurosim.networks.lca.rate_network.RateNetwork` that follows films."""

    @simulating()
    def transform_film(self: Any, X: Any, *, frame_seconds: float | None = None) -> NDArray[Any]:
        """Return the activity at the end of every frame of a film; membranes go on from each frame to the next.

        They start at rest with the first frame, and a frame that settles early waits for the next. It is a model of
        continuing dynamics, no faster way to codes: where a film moves by less than about half a pixel per frame, codes
        come nearer to the optimum in the same time than from rest, where it moves further they stay farther from it.

        Parameters
        ----------
        X : array, shape (n_frames, n_places, n_pixels), or neurosim.stimuli.Film
            Time is the first axis, and its order is kept. Places do not see each other; a film's scenes are places, and
            its frames have as many pixels as the fields. For networks with modalities a mapping of them to arrays.
        frame_seconds : float, optional
            How long each frame lasts, in seconds, in place of `presentation`. By default what the film's rate says; an
            array has none.

        Returns
        -------
        array, shape (n_frames, n_places, n_neurons)
            In the unit of the film.

        Raises
        ------
        ValueError
            If the film has one frame, other axes or other pixels, nobody says how long a frame lasts, or it is shorter
            than a time step, or not a whole number of fixed ones.

        Warns
        -----
        ConvergenceWarning
            If frames had not settled when the next one came, with their share; `settle_film` says which, without a
            warning.

        Examples
        --------
        >>> from neurosim.networks import LCA
        >>> net = LCA.from_dictionary(np.eye(2), threshold=0.5)
        >>> film = np.array([[[2.0, 0.0]], [[2.0, 0.0]], [[0.0, 2.0]]])  # three frames at one place
        >>> net.transform_film(film, frame_seconds=0.2)[:, 0].round(3)
        array([[1.5, 0. ],
               [1.5, 0. ],
               [0. , 1.5]])
        """
        settled, lasted = followed(self, X, frame_seconds)
        warn_of_frames(settled.unsettled, lasted=lasted)
        code: NDArray[Any] = settled.code
        return code

    @simulating()
    def settle_film(self: Any, X: Any, *, frame_seconds: float | None = None) -> SettledFilm:
        """Return the activity at the end of every frame, and which frames had not settled when the next one came.

        Parameters
        ----------
        X : array, shape (n_frames, n_places, n_pixels), or neurosim.stimuli.Film
            As for `transform_film`.
        frame_seconds : float, optional
            As for `transform_film`.

        Returns
        -------
        SettledFilm
            With ``code``, as `transform_film` returns it, and ``unsettled``, shape (n_frames, n_places); nothing is
            warned of.
        """
        return followed(self, X, frame_seconds)[0]

    # What a model that sees whole pictures has of its own.

    def _film_at_door(self: Any, X: Any) -> tuple[dict[str, NDArray[Any]], float | None]:
        """Return frames (n_frames, n_places, …) by modality, "" for a network without, and the film's rate in Hz."""
        return _film_at_door(X, self.dictionary_.shape[1])

    def _places_together(self: Any, film: Mapping[str, NDArray[Any]]) -> int:
        """Return how many places may be simulated at the same time."""
        most: int = self.batch_size
        return most

    def _as_films(self: Any, settled: SettledFilm, film: Mapping[str, NDArray[Any]]) -> SettledFilm:
        """Return what was found, frame after frame, with the axes that the model's films have."""
        return settled


def followed(network: Any, X: Any, frame_seconds: float | None) -> tuple[SettledFilm, float]:
    """Return what places settle to, frame by frame, and how long a frame lasted."""
    check_is_fitted(network, "dictionary_")
    network._validate_parameters()
    film, rate_hz = network._film_at_door(X)
    lasted = _frame_time(frame_seconds, rate_hz)
    _require_steps(network, lasted)
    n_frames, n_places = next(iter(film.values())).shape[:2]
    # As few groups as batches can hold, as even as can be: what is left over is blank.
    n_groups = -(-n_places // network._places_together(film))
    at_once = -(-n_places // n_groups)
    follower = copy.copy(network)
    follower.carry_over, follower.batch_size, follower.presentation = True, at_once, f"{lasted!r} s"
    follower.random_state = generator(network.random_state)
    found = [
        follower._settled(follower._shown(_in_turn(film, first, at_once), reset=False))[0]
        for first in range(0, n_places, at_once)
    ]
    code = _by_frame([each.code for each in found], n_frames, n_places)
    late = [each.unsettled for each in found if each.unsettled is not None]
    unsettled = _by_frame(late, n_frames, n_places) if len(late) == len(found) else None
    return network._as_films(SettledFilm(code, unsettled), film), lasted


def _film_at_door(X: Any, n_pixels: int) -> tuple[dict[str, NDArray[Any]], float | None]:
    if isinstance(X, Mapping):
        return _modalities(X), None
    if hasattr(X, "frames") and hasattr(X, "rate_hz"):
        scenes = np.asarray(X.frames)
        n_scenes, n_frames, height, width = scenes.shape
        if height * width != n_pixels:
            raise ValueError(
                f"expected frames of {n_pixels} pixels, as the fields have, got {height} × {width}; cut windows of "
                "that size: Film.from_array(film.clips(n_places, frames=..., size=..., rng=...), rate_hz=film.rate_hz)"
            )
        return {"": scenes.reshape(n_scenes, n_frames, n_pixels).swapaxes(0, 1)}, float(X.rate_hz)
    film = _checked(unmasked(X, "the film"))
    if film.shape[2] != n_pixels:
        raise ValueError(
            f"expected frames of {n_pixels} pixels, as the fields have, got shape {film.shape}, (n_frames, n_places, "
            "n_pixels)"
        )
    return {"": film}, None


def _modalities(X: Mapping[Any, Any]) -> dict[str, NDArray[Any]]:
    film = {}
    for name, values in X.items():
        try:
            film[str(name)] = _checked(unmasked(values, "the film"))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    if not film:
        raise ValueError("expected at least one modality, got none: all are absent")
    sizes = {name: values.shape[:2] for name, values in film.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(
            f"expected as many frames and places in every modality, got {sizes}, (n_frames, n_places)"
        )
    return film


def _checked(film: NDArray[Any]) -> NDArray[Any]:
    shape = film.shape
    if film.ndim != 3 or 0 in shape:
        hint = {2: "; for one place pass film[:, None, :]", 4: "; make rows of the pixels of each frame"}
        raise ValueError(
            f"expected a film of shape (n_frames, n_places, n_pixels), got {shape}{hint.get(film.ndim, '')}"
        )
    if shape[0] < 2:
        raise ValueError(
            f"expected a film of 2 frames or more, got shape {shape}, (n_frames, n_places, n_pixels): nothing goes on "
            "after one frame; time is the first axis, and transform takes pictures that do not follow each other"
        )
    require_finite(film, ("frame", "place", "pixel"))
    return film


def require_finite(film: NDArray[Any], axes: tuple[str, ...]) -> None:
    """Raise ValueError of the first value that is not finite, with where it is along the axes."""
    if film.dtype.kind not in "fc" or np.isfinite(film).all():
        return
    broken = np.argwhere(~np.isfinite(film))
    where = ", ".join(f"{axis} {int(k)}" for axis, k in zip(axes, broken[0], strict=False))
    raise ValueError(
        f"expected finite pixels, got NaN or infinity at {where} ({len(broken)} in all); repair or leave out those "
        "places"
    )


def _frame_time(frame_seconds: Any, rate_hz: float | None) -> float:
    """Return how long a frame lasts, in seconds."""
    if frame_seconds is None:
        if rate_hz is None:
            raise ValueError(
                "frame_seconds: expected how long each frame lasts, in seconds, since an array has no rate, got None; "
                "pass frame_seconds=0.04 for 25 frames per second, or a Film"
            )
        return 1 / rate_hz
    number = isinstance(frame_seconds, int | float | np.number) and not isinstance(frame_seconds, bool)
    if not number or not 0 < float(frame_seconds) < np.inf:
        raise ValueError(
            f"frame_seconds: expected seconds above 0, as a number such as 0.04, got {frame_seconds!r}"
        )
    return float(frame_seconds)


def _require_steps(network: Any, lasted: float) -> None:
    """Raise unless a frame lasts for one time step or more, and for whole ones where they are fixed."""
    if network.dt is None:
        first = FIRST_STEP * seconds("tau", network.tau)
        if lasted < first * (1 - 1e-9):
            raise ValueError(
                f"frame_seconds: expected a time step or more, {first:g} s, which is tau/10, got {lasted:g} s; show "
                "frames for longer, or set a dt that is shorter"
            )
        return
    dt = seconds("dt", network.dt)
    n_steps = lasted / dt
    if n_steps < 1 - 1e-9:
        raise ValueError(
            f"frame_seconds: expected a time step or more, dt = {dt:g} s, got {lasted:g} s; set a shorter dt, or "
            "dt=None, or show frames for longer"
        )
    if abs(n_steps - round(n_steps)) > 1e-6 * n_steps:
        raise ValueError(
            f"frame_seconds: expected a whole number of time steps of dt = {dt:g} s, got {lasted:g} s, which is "
            f"{n_steps:.3f} of them; set dt to {lasted / np.ceil(n_steps):.6g} s, or dt=None"
        )


def _in_turn(film: Mapping[str, NDArray[Any]], first: int, at_once: int) -> Any:
    """Return some places as rows, all of the first frame, then all of the second; blank ones fill the batch up."""
    rows = {}
    for name, values in film.items():
        part = values[:, first : first + at_once]
        blank = np.zeros((len(part), at_once - part.shape[1], *part.shape[2:]), dtype=part.dtype)
        rows[name] = np.concatenate([part, blank], axis=1).reshape(-1, *part.shape[2:])
    return rows[""] if list(rows) == [""] else rows


def _by_frame(parts: list[NDArray[Any]], n_frames: int, n_places: int) -> NDArray[Any]:
    """Put rows of groups of places together, (n_frames, n_places, …), without what was blank."""
    shaped = [part.reshape(n_frames, -1, *part.shape[1:]) for part in parts]
    return np.concatenate(shaped, axis=1)[:, :n_places]


def warn_of_frames(unsettled: NDArray[np.bool_] | None, *, lasted: float) -> None:
    if unsettled is None or not unsettled.any():
        return
    warnings.warn(
        f"{int(unsettled.sum())} of {unsettled.size} codes are not settled ({unsettled.mean():.2%}): some activity "
        f"would still move when the next frame came, after {lasted:g} s; show frames for longer (frame_seconds), or "
        "take what has settled: settle_film tells which",
        ConvergenceWarning,
        stacklevel=4,
    )

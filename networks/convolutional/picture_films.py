"""What fields at every position make of films of whole pictures, frame by frame."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from neurosim._masked import unmasked
from neurosim._turns import simulating
from neurosim.engine.shared.grid import Grid
from neurosim.networks.convolutional.linked_pictures import farthest, made_of, require_same_positions
from neurosim.networks.convolutional.room import replicas_that_fit
from neurosim.networks.lca.films import FilmEncoding, SettledFilm, followed, require_finite, warn_of_frames
from neurosim.networks.linked.modalities import require_known

__all__ = ["LinkedPictureFilms", "PictureFilms"]


class PictureFilms(FilmEncoding):
    """The side of a `neurosim.networks.convolutional.convolutional_lca.ConvolutionalLCA` that follows films."""

    @simulating()
    def transform_film(self: Any, X: Any, *, frame_seconds: float | None = None) -> NDArray[Any]:
        """Return the activity at the end of every frame of films; membranes go on from each frame to the next.

        They start at rest with the first frame, and see one frame at a time: this is for fields of two axes. Fields of
        three see frames on both sides at once, and a film is one stimulus of theirs, for `transform`.

        Parameters
        ----------
        X : array, shape (n_films, n_frames, height, width), with channels last, or neurosim.stimuli.Film
            Films of one size, which do not see each other; the order of their frames is kept. A mapping of them where
            pictures are mappings.
        frame_seconds : float, optional
            How long each frame lasts, in seconds, in place of `presentation`. By default what the film's rate says; an
            array has none.

        Returns
        -------
        array, shape (n_films, n_frames, rows, columns, n_neurons)
            In the unit of the film.

        Raises
        ------
        ValueError
            If fields have three axes, the films have one frame, other axes or frames smaller than a field, nobody says
            how long a frame lasts, or it is shorter than a time step, or not a whole number of fixed ones, or the
            population does not fit into memory.

        Warns
        -----
        ConvergenceWarning
            If frames had not settled when the next one came, with their share; `settle_film` says which, without a
            warning.

        Examples
        --------
        >>> import numpy as np
        >>> from neurosim.networks import ConvolutionalLCA
        >>> net = ConvolutionalLCA.from_dictionary(np.eye(2)[np.newaxis] / 2**0.5, stride=1, threshold=0.5)
        >>> film = np.zeros((1, 3, 4, 4))  # a film of three frames
        >>> film[0, :2, 0:2, 0:2], film[0, 2, 2:4, 2:4] = 2 * np.eye(2), 2 * np.eye(2)
        >>> code = net.transform_film(film, frame_seconds=0.2)
        >>> code.shape, [np.argwhere(frame[:, :, 0] > 1).tolist() for frame in code[0]]
        ((1, 3, 3, 3, 1), [[[0, 0]], [[0, 0]], [[2, 2]]])
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
        X : array, shape (n_films, n_frames, height, width), with channels last, or neurosim.stimuli.Film
            As for `transform_film`.
        frame_seconds : float, optional
            As for `transform_film`.

        Returns
        -------
        SettledFilm
            With ``code``, as `transform_film` returns it, and ``unsettled``, shape (n_films, n_frames); nothing is
            warned of.
        """
        return followed(self, X, frame_seconds)[0]

    # As in `neurosim.networks.lca.films`.

    def _film_at_door(self: Any, X: Any) -> tuple[dict[str, NDArray[Any]], float | None]:
        film, rate_hz = frames_at_door(X, field=self._sizes[0], channels=self.channels)
        return {"": film}, rate_hz

    def _over_frames(self: Any, film: Mapping[str, NDArray[Any]]) -> Grid:
        """Return the grid over one frame."""
        grid: Grid = self._grid(film[""].shape[2:4])
        return grid

    def _places_together(self: Any, film: Mapping[str, NDArray[Any]]) -> int:
        return replicas_that_fit(
            self._over_frames(film), n_features=len(self.dictionary_), at_most=self.batch_size
        )

    def _as_films(self: Any, settled: SettledFilm, film: Mapping[str, NDArray[Any]]) -> SettledFilm:
        positions = self._over_frames(film).positions
        code = settled.code.swapaxes(0, 1)
        unsettled = None if settled.unsettled is None else settled.unsettled.swapaxes(0, 1)
        return SettledFilm(code.reshape(*code.shape[:2], *positions, -1), unsettled)


class LinkedPictureFilms(PictureFilms):
    """The same side of a `neurosim.networks.convolutional.convolutional_linked_lca.ConvolutionalLinkedLCA`.

    Films are mappings from the name of a modality, as pictures are; what is not among them is absent in all frames.
    """

    def _film_at_door(self: Any, X: Any) -> tuple[dict[str, NDArray[Any]], float | None]:
        if not isinstance(X, Mapping) or not X:
            got = "none: all are absent" if isinstance(X, Mapping) else f"a {type(X).__name__}"
            raise ValueError(f"expected films by modality, such as {{'left': X, 'right': Y}}, got {got}")
        film, rates = {}, set[float]()
        for name, each in X.items():
            require_known("modality", name, self.modalities_)
            made = made_of(self, name)
            try:
                film[name], rate_hz = frames_at_door(each, field=made.field, channels=made.channels)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
            rates |= set() if rate_hz is None else {rate_hz}
        sizes = {name: frames.shape[1::-1] for name, frames in film.items()}
        if len(set(sizes.values())) > 1:
            raise ValueError(
                f"expected as many films and frames in every modality, got {sizes}, (n_films, n_frames)"
            )
        if len(rates) > 1:
            raise ValueError(f"expected films of one rate, got {sorted(rates)} Hz; frames belong together")
        return film, next(iter(rates), None)

    def _over_frames(self: Any, film: Mapping[str, NDArray[Any]]) -> Grid:
        grids = {name: made_of(self, name).over(frames.shape[2:4]) for name, frames in film.items()}
        require_same_positions(grids)
        return farthest(tuple(grids.values()))


def frames_at_door(X: Any, *, field: tuple[int, ...], channels: int) -> tuple[NDArray[Any], float | None]:
    """Return films as frames (n_frames, n_films, height, width, …), and their rate in Hz where they have one."""
    if len(field) == 3:
        raise ValueError(
            f"field: expected fields of two axes, which see a film frame by frame, got {field}; fields of three axes "
            "see frames on both sides in time, so that nothing goes on from frame to frame: pass whole films to "
            "transform, as (n_films, n_frames, height, width)"
        )
    given = hasattr(X, "frames") and hasattr(X, "rate_hz")
    films = unmasked(X.frames if given else X, "films")
    behind = (channels,) if channels > 1 else ()
    if films.ndim != 4 + len(behind) or films.shape[4:] != behind or 0 in films.shape:
        axes = "n_films, n_frames, height, width" + "".join(f", {n}" for n in behind)
        hint = "; for one film pass film[np.newaxis]" if films.ndim == 3 + len(behind) else ""
        raise ValueError(f"expected films of shape ({axes}), got {films.shape}{hint}")
    if films.shape[1] < 2:
        raise ValueError(
            f"expected films of 2 frames or more, got shape {films.shape}: nothing goes on after one frame; frames are "
            "the second axis, and transform takes pictures that do not follow each other"
        )
    require_finite(films, ("film", "frame", "row", "column", "channel"))
    return films.swapaxes(0, 1), float(X.rate_hz) if given else None

"""Clips of a film that a recipe names, to learn from and held out."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.films.controls import stilled
from neurosim.stimuli.films.film import Film
from neurosim.stimuli.films.whitening import SpaceTimeWhitening
from neurosim.stimuli.images.images import PHOTOGRAPHS, embedded_photographs, photograph_path
from neurosim.stimuli.kinds.films.film_stimuli import FilmStimuli, Still
from neurosim.stimuli.kinds.films.section import CLIPS, FilmSection
from neurosim.stimuli.kinds.image_parts import split
from neurosim.stimuli.kinds.sources import file_record, image_records

Clips = NDArray[np.floating]


def film_clips(
    section: FilmSection, *, training_rng: np.random.Generator, held_out_rng: np.random.Generator
) -> FilmStimuli:
    """Make or read a film, cut clips and whiten them, as a recipe's ``[stimuli]`` says.

    Parameters
    ----------
    section : FilmSection
        The section, already checked.
    training_rng, held_out_rng : numpy.random.Generator
        Where clips are taken from, and how made films move.

    Raises
    ------
    ValueError
        If a photograph is too small for a path, the film too short for clips, or its clips vary too little.
    """
    make = _made if section.source == "made" else _given
    training, held_out, sources = make(section, training_rng, held_out_rng)
    whitening = _whitening(section).fit(training)
    still = None
    if section.control:
        clips = stilled(training, rng=training_rng)
        own = _whitening(section).fit(clips)
        still = Still(own.apply(clips).astype(section.dtype, copy=False), own)
    return FilmStimuli(
        training={CLIPS: whitening.apply(training).astype(section.dtype, copy=False)},
        held_out={CLIPS: whitening.apply(held_out).astype(section.dtype, copy=False)},
        shapes={CLIPS: (section.patch_size, section.n_frames * section.patch_size)},
        sources=sources
        | {
            "n_train": section.n_train,
            "n_test": section.n_test,
            "variance_kept": whitening.kept_,
            "share_turned_down": whitening.share_cut(training),
        },
        whitening=whitening,
        still=still,
    )


def _whitening(section: FilmSection) -> SpaceTimeWhitening:
    return SpaceTimeWhitening(section.n_kept, loudest=section.loudest)


def _made(
    section: FilmSection, training_rng: np.random.Generator, held_out_rng: np.random.Generator
) -> tuple[Clips, Clips, dict[str, Any]]:
    """Return clips made of the two parts of every photograph; each is a scene with a motion of its own."""
    images = embedded_photographs(PHOTOGRAPHS if section.photographs is None else section.photographs)
    parts = split(images, fraction=section.held_out_fraction, least_width=section.patch_size)
    films = [
        Film.from_photographs(
            part,
            shape=(n, section.n_frames, section.patch_size, section.patch_size),
            motion=section.motion,
            rng=rng,
        )
        for part, n, rng in zip(
            parts, (section.n_train, section.n_test), (training_rng, held_out_rng), strict=True
        )
    ]
    records = image_records(images, {name: photograph_path(name) for name in images})
    made = {"film": films[0].made, "share_aliased": films[0].aliased}
    return films[0].frames, films[1].frames, {"images": records} | made


def _given(
    section: FilmSection, training_rng: np.random.Generator, held_out_rng: np.random.Generator
) -> tuple[Clips, Clips, dict[str, Any]]:
    """Return clips of the two parts of a film of files."""
    path = Path(section.source)
    if path.is_dir():
        if section.rate_hz is None:
            raise ValueError(
                f"stimuli.rate_hz: expected the frames per second of the folder {section.source!r}, got none; set it"
            )
        film = Film.from_folder(path, rate_hz=section.rate_hz)
        record: dict[str, Any] = {"folder": path.name}
    else:
        film, record = Film.from_video(path), file_record(path)
    record |= {"shape": list(film.frames.shape), "rate_hz": film.rate_hz}
    cut = 1 - section.held_out_fraction
    size = {"frames": section.n_frames, "size": section.patch_size}
    training = film.during(0, cut).clips(section.n_train, rng=training_rng, **size)
    held_out = film.during(cut, 1).clips(section.n_test, rng=held_out_rng, **size)
    return training, held_out, {"film": record}

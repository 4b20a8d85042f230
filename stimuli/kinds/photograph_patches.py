"""Photographs as patches to learn from and held-out patches to be measured on."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.filters.on_off import split_on_off
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.image_files.picture import UnreadableImageError, UnreadableImageWarning
from neurosim.stimuli.images.images import PHOTOGRAPHS, embedded_photographs, load_images, photograph_path
from neurosim.stimuli.images.patches import sample_channels, sample_patches
from neurosim.stimuli.images.resampling import rescale_images
from neurosim.stimuli.kinds.front_end import front_end_of, gain_between, relays_of
from neurosim.stimuli.kinds.image_parts import Images, cut_column, filtered, split, whitener_of
from neurosim.stimuli.kinds.photographs import PhotographSection
from neurosim.stimuli.kinds.sources import image_records
from neurosim.stimuli.kinds.stimuli import PATCHES, ImageSpace, Stimuli


def photographs(
    section: PhotographSection, *, training_rng: np.random.Generator, held_out_rng: np.random.Generator
) -> Stimuli:
    """Load, split, whiten and sample, as a recipe's ``[stimuli]`` says.

    Parameters
    ----------
    section : PhotographSection
        The section, already checked.
    training_rng, held_out_rng : numpy.random.Generator
        Where the patches are taken from the images.

    Raises
    ------
    ValueError
        If an image cannot be read, is too small for a patch in either part, or too constant to fill the
        request.
    """
    images = _loaded(section)
    scaled = rescale_images(images, factor=section.rescale)
    if section.source != "embedded":
        scaled = _large_enough(scaled, section)
        images = {name: images[name] for name in scaled}
    parts = split(
        scaled,
        fraction=section.held_out_fraction,
        least_width=section.patch_size + 2 * section.border,
    )
    sources = {"images": image_records(images, image_files(section, images))}
    if section.relays:
        return _through_relays(section, parts, training_rng, held_out_rng, sources=sources)
    whitener = whitener_of(section.whitening)
    training, held_out = filtered(parts, chosen=section.whitening, whitener=whitener)
    patches = _sampled(section, training, n_patches=section.n_train, rng=training_rng)
    others = _sampled(section, held_out, n_patches=section.n_test, rng=held_out_rng)
    if isinstance(whitener, ZCA):
        whitener.fit(patches)
        patches, others = whitener.apply(patches), whitener.apply(others)
    # One image tells a gain that all have in common.
    told = list(training)[:1] if getattr(section.whitening, "scale", "set") == "set" else list(training)
    gain = gain_between(
        {name: parts[0][name] for name in told}, {name: training[name] for name in told}, whitener
    )
    if section.on_off:
        patches, others = split_on_off(patches), split_on_off(others)
    return Stimuli(
        training={PATCHES: patches.astype(section.dtype, copy=False)},
        held_out={PATCHES: others.astype(section.dtype, copy=False)},
        shapes={PATCHES: (section.patch_size, section.patch_size)},
        image_space=ImageSpace(whitener, tuple(parts[0].values())),
        front_end=front_end_of(
            whitener,
            gain=gain,
            normalise=section.normalise,
            on_off=section.on_off,
            n_pixels=section.patch_size**2,
        ),
        sources=sources,
    )


def _through_relays(
    section: PhotographSection,
    parts: tuple[Images, Images],
    training_rng: np.random.Generator,
    held_out_rng: np.random.Generator,
    *,
    sources: dict[str, Any],
) -> Stimuli:
    """Return patches cut from what relays answer to whole images, all without the mean grey of those to learn from."""
    background = float(np.mean([image.mean() for image in parts[0].values()]))
    training, held_out = ({name: image - background for name, image in part.items()} for part in parts)
    front_end = relays_of(section.relays, training)

    def rows(images: Images, n_patches: int, rng: np.random.Generator) -> NDArray[np.floating]:
        return sample_channels(
            {name: front_end.apply(image[None])[0] for name, image in images.items()},
            n_patches=n_patches,
            size=section.patch_size,
            rng=rng,
            border=section.border,
            variance_floor=section.variance_floor,
            dtype=section.dtype,
        )

    return Stimuli(
        training={PATCHES: rows(training, section.n_train, training_rng)},
        held_out={PATCHES: rows(held_out, section.n_test, held_out_rng)},
        shapes={PATCHES: (section.patch_size, section.patch_size)},
        image_space=ImageSpace(front_end, tuple(parts[0].values())),
        front_end=front_end,
        sources=sources,
    )


def image_files(section: PhotographSection, images: Mapping[str, Any]) -> dict[str, Path]:
    """Return the file that each loaded image came from.

    Parameters
    ----------
    section : PhotographSection
        What was asked for.
    images : mapping
        What was loaded; its names count.
    """
    if section.source == "embedded":
        return {name: photograph_path(name) for name in images}
    sources = [section.source] if isinstance(section.source, str) else section.source
    paths = [
        path for source in map(Path, sources) for path in (source.iterdir() if source.is_dir() else [source])
    ]
    # load_images names an image by its file, or by its whole path where two files share a name.
    return {
        path.name if path.name in images else path.as_posix(): path for path in paths if _names(path, images)
    }


def _names(path: Path, images: Mapping[str, Any]) -> bool:
    return path.name in images or path.as_posix() in images


def _loaded(section: PhotographSection) -> Images:
    if section.source == "embedded":
        return embedded_photographs(PHOTOGRAPHS if section.photographs is None else section.photographs)
    return load_images(section.source, skip_unreadable=section.skip_unreadable)


def _large_enough(images: Images, section: PhotographSection) -> Images:
    """Return the images with room for patches in both parts; others are left out with a warning, or refused."""
    least = section.patch_size + 2 * section.border
    kept = {}
    for name, image in images.items():
        height, width = image.shape
        cut = cut_column(width, section.held_out_fraction)
        if min(height, cut, width - cut) >= least:
            kept[name] = image
            continue
        refusal = (
            f"{name}: expected {least} rows and {least} columns both to learn from and held out (patches of "
            f"{section.patch_size} and a border of {section.border} on each side), got {height} × {width} pixels in "
            "all"
        )
        if not section.skip_unreadable:
            raise UnreadableImageError(
                f"{refusal}; leave it out (stimuli.skip_unreadable=true does), or use a smaller stimuli.patch_size or "
                "border, or another stimuli.held_out_fraction"
            )
        warnings.warn(f"left out: {refusal}", UnreadableImageWarning, stacklevel=2)
    if not kept:
        raise UnreadableImageError(
            f"expected an image with room for patches of {section.patch_size} and their borders in both parts, got "
            f"{len(images)} images that are all too small; ask for smaller patches or a smaller border"
        )
    return kept


def _sampled(
    section: PhotographSection, images: Images, *, n_patches: int, rng: np.random.Generator
) -> NDArray[np.floating]:
    return sample_patches(
        images,
        n_patches=n_patches,
        size=section.patch_size,
        rng=rng,
        border=section.border,
        variance_floor=section.variance_floor,
        normalise=section.normalise,
        # Millions of patches: single precision at once where nothing is computed from them any more.
        dtype=np.float64 if section.whitening.kind == "zca" else section.dtype,
    )

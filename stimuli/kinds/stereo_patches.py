"""What two eyes see: patches of a stereo pair, or of photographs at planted disparities."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.filters.fourier_filter import FourierFilter
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.images.images import PHOTOGRAPHS, embedded_photographs, photograph_path
from neurosim.stimuli.images.patches import normalise_patches
from neurosim.stimuli.images.resampling import rescale_images
from neurosim.stimuli.kinds.image_parts import Images, filtered, split, whitener_of
from neurosim.stimuli.kinds.sources import file_record, image_records
from neurosim.stimuli.kinds.stereo import StereoSection
from neurosim.stimuli.kinds.stimuli import Arrays, Stimuli, Whitener
from neurosim.stimuli.stereo.motorcycle import stereo_pair
from neurosim.stimuli.stereo.patches import StereoPatches, sample_stereo_patches
from neurosim.stimuli.stereo.synthetic import dot_stereogram, planted_stereo

# Draws of all patches after which a scene that cannot fill the request is given up.
_ROUNDS = 50
# Pixels of dots around a patch that a filter reaches and that are cut off after it.
_MARGIN = 8


class _Eyes(NamedTuple):
    left: NDArray[np.floating]
    right: NDArray[np.floating]


_Sampler = Callable[[int, np.random.Generator], StereoPatches]


@dataclass(frozen=True, kw_only=True)
class StereoStimuli(Stimuli):
    """Patches of two eyes, and random dots as the same eyes would see them.

    Parameters
    ----------
    section : StereoSection
        ``[stimuli]`` of the recipe.
    whitener : FourierFilter, ZCA or None
        What is done to what either eye sees.
    """

    section: StereoSection
    whitener: Whitener

    def dots(self, disparity: int, *, n_stimuli: int, rng: np.random.Generator) -> Arrays:
        """Return random dots of one disparity, whitened, normalised and scaled as the patches were.

        Parameters
        ----------
        disparity : int
            In pixels: place in the right image minus place in the left one, negative for nearer than what is
            fixated (crossed), as in `neurosim.analysis.tuning.disparity`.
        n_stimuli : int
            Number of patterns.
        rng : numpy.random.Generator
            Source of the dots.

        Returns
        -------
        dict of str to ndarray (n_stimuli, n_pixels)
            ``left`` and ``right``, with the root mean square of the training patches.
        """
        size, patch = self.section.patch_size + 2 * _MARGIN, self.section.patch_size
        # Stimuli count nearer as positive: left minus right.
        images = dot_stereogram(size=size, disparity=-disparity, n_stimuli=n_stimuli, rng=rng)
        pictures = [rows.reshape(-1, size, size) for rows in images]
        if isinstance(self.whitener, FourierFilter):
            pictures = [np.stack([self.whitener.apply(image) for image in rows]) for rows in pictures]
        inside = slice(_MARGIN, _MARGIN + patch)
        eyes = _Eyes(*(rows[:, inside, inside].reshape(n_stimuli, -1) for rows in pictures))
        seen = _zca_whitened(self.whitener, _normalised(eyes, self.section.normalise))
        factor = _root_mean_square(self.training.values()) / _root_mean_square(seen)
        return _named(_Eyes(*(factor * rows for rows in seen)), self.section)


def stereo(
    section: StereoSection, *, training_rng: np.random.Generator, held_out_rng: np.random.Generator
) -> StereoStimuli:
    """Load, split, whiten and sample what two eyes see, as a recipe's ``[stimuli]`` says.

    Both eyes' images are cut at the same column before they are whitened, and both eyes of a patch are on the
    same side of the cut, so that no held-out pixel reaches a training patch.

    Parameters
    ----------
    section : StereoSection
        The section, already checked.
    training_rng, held_out_rng : numpy.random.Generator
        Where patches are taken from, and at what disparity.

    Raises
    ------
    ValueError
        If images are too small for the patches, or too constant to fill the request.
    """
    scene = _motorcycle if section.source == "motorcycle" else _photographs
    whitener = whitener_of(section.whitening)
    (training, held_out), sources = scene(section, whitener)
    seen = _drawn(training, section, n_patches=section.n_train, rng=training_rng)
    others = _drawn(held_out, section, n_patches=section.n_test, rng=held_out_rng)
    if isinstance(whitener, ZCA):
        whitener.fit(np.concatenate(seen))
    return StereoStimuli(
        training=_named(_zca_whitened(whitener, seen), section),
        held_out=_named(_zca_whitened(whitener, others), section),
        shapes=dict.fromkeys(_Eyes._fields, (section.patch_size, section.patch_size)),
        sources=sources | {"n_train": section.n_train, "n_test": section.n_test},
        section=section,
        whitener=whitener,
    )


def _motorcycle(
    section: StereoSection, whitener: Whitener
) -> tuple[tuple[_Sampler, _Sampler], dict[str, Any]]:
    pair = stereo_pair(factor=section.rescale)
    images = {"left": pair.left, "right": pair.right}
    maps = _split({"disparity": pair.disparity}, section)
    parts = filtered(_split(images, section), chosen=section.whitening, whitener=whitener)

    def sampler(part: Images, disparity: NDArray[np.float64]) -> _Sampler:
        return lambda n_patches, rng: sample_stereo_patches(
            part["left"],
            part["right"],
            patch_size=section.patch_size,
            n_patches=n_patches,
            rng=rng,
            disparity=disparity,
            residual_sd=section.disparity_sd,
            border=section.border,
        )

    samplers = sampler(parts[0], maps[0]["disparity"]), sampler(parts[1], maps[1]["disparity"])
    spec = find_spec("skimage")
    data = Path(spec.origin if spec and spec.origin else "skimage").parent / "data"
    names = ("motorcycle_left.png", "motorcycle_right.png", "motorcycle_disp.npz")
    return samplers, {"files": {name: file_record(data / name) for name in names}}


def _photographs(
    section: StereoSection, whitener: Whitener
) -> tuple[tuple[_Sampler, _Sampler], dict[str, Any]]:
    images = embedded_photographs(PHOTOGRAPHS if section.photographs is None else section.photographs)
    halves = _split(rescale_images(images, factor=section.rescale), section)
    parts = filtered(halves, chosen=section.whitening, whitener=whitener)

    def sampler(part: Images) -> _Sampler:
        return lambda n_patches, rng: _planted(part, section, n_patches=n_patches, rng=rng)

    records = image_records(images, {name: photograph_path(name) for name in images})
    return (sampler(parts[0]), sampler(parts[1])), {"images": records}


def _split(images: Images, section: StereoSection) -> tuple[Images, Images]:
    least_width = section.patch_size + 2 * section.border
    return split(images, fraction=section.held_out_fraction, least_width=least_width)


def _planted(
    images: Images, section: StereoSection, *, n_patches: int, rng: np.random.Generator
) -> StereoPatches:
    """Return patches of images, each as likely as any other, in random order."""
    counts = np.bincount(rng.integers(len(images), size=n_patches), minlength=len(images))
    drawn = [
        planted_stereo(
            image,
            patch_size=section.patch_size,
            n_patches=int(count),
            disparity_sd=section.disparity_sd,
            rng=rng,
            border=section.border,
        )
        for image, count in zip(images.values(), counts, strict=True)
        if count
    ]
    order = rng.permutation(n_patches)
    columns = ("left", "right", "disparity", "positions")
    return StereoPatches(*(np.concatenate([getattr(one, name) for one in drawn])[order] for name in columns))


def _drawn(sampler: _Sampler, section: StereoSection, *, n_patches: int, rng: np.random.Generator) -> _Eyes:
    """Return normalised patches whose variance, averaged over the eyes, is above the recipe's floor."""
    kept: list[_Eyes] = []
    n_kept = 0
    for _ in range(_ROUNDS):
        patches = sampler(n_patches - n_kept, rng)
        varied = (patches.left.var(axis=1) + patches.right.var(axis=1)) / 2 > section.variance_floor
        kept.append(_Eyes(patches.left[varied], patches.right[varied]))
        n_kept += int(varied.sum())
        if n_kept == n_patches:
            eyes = _Eyes(*(np.concatenate(rows) for rows in zip(*kept, strict=True)))
            return _normalised(eyes, section.normalise)
    raise ValueError(
        f"stimuli.variance_floor: expected {n_patches} patches of a variance above {section.variance_floor:.3g}, "
        f"got {n_kept} in {_ROUNDS} rounds; lower it"
    )


def _normalised(eyes: _Eyes, how: Any) -> _Eyes:
    """Remove each eye's mean and scale both eyes by one factor, so that neither's contrast is lost."""
    if how == "none":
        return eyes
    centred = np.concatenate([normalise_patches(rows, how="mean") for rows in eyes], axis=1)
    left, right = np.split(normalise_patches(centred, how=how), 2, axis=1)
    return _Eyes(left, right)


def _zca_whitened(whitener: Whitener, eyes: _Eyes) -> _Eyes:
    return _Eyes(*(whitener.apply(rows) for rows in eyes)) if isinstance(whitener, ZCA) else eyes


def _named(eyes: _Eyes, section: StereoSection) -> Arrays:
    return {name: rows.astype(section.dtype) for name, rows in eyes._asdict().items()}


def _root_mean_square(arrays: Any) -> float:
    return float(np.sqrt(np.mean([np.mean(np.square(rows, dtype=np.float64)) for rows in arrays])))

"""Fields by reverse correlation with white noise, each from two halves of the frames, and whether it is one at all."""

import dataclasses
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from neurosim.analysis.progress import counted
from neurosim.front_end.parallel import AnyFrontEnd
from neurosim.laboratory.showing import Respond, checked_answer
from neurosim.laboratory.v1_protocol.on_patch import through_window
from neurosim.laboratory.v1_protocol.subject import subject_of
from neurosim.measures.mapping.fixed_gain import fixed_gain_front_end, reach
from neurosim.recipes.run_sections import AnalysisSection
from neurosim.stimuli.kinds.stimuli import ImageSpace, Stimuli
from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.laboratory.noise import white_noise
from neurosim.stimuli.laboratory.visual_field import VisualField

Floats = NDArray[np.float64]

_CHUNK = 4_000  # frames at once: networks take a while to start
_SIGNIFICANT = 0.05  # of a field, all its pixels together
_PASSES = 0.01  # gain of a pattern through the front end, in the largest, from which on it passes


@dataclass(frozen=True, eq=False)
class NoiseMap:
    """What white noise tells of a population.

    Attributes
    ----------
    halves : ndarray (2, n_units, height, width)
        Fields from every other frame, and from the others: response per grey value. A unit that answered no frame
        differently from another has zeros.
    p_value : ndarray (n_units,)
        Of the largest pixel, all pixels counted; NaN for such a unit.
    n_frames : int
        Shown.
    rms : float
        Standard deviation of the grey values.
    unsettled : float or None
        Share of the frames at which the network had not settled, None where nobody can tell.
    """

    halves: Floats
    p_value: Floats
    n_frames: int
    rms: float
    unsettled: float | None = None

    @property
    def fields(self) -> Floats:
        """From all frames, (n_units, height, width)."""
        return np.asarray(self.halves.mean(axis=0))

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Which units answered every frame alike, most of them with nothing."""
        return np.isnan(self.p_value)

    @property
    def significant(self) -> NDArray[np.bool_]:
        """Which units have a field: p below .05."""
        return np.asarray(np.nan_to_num(self.p_value, nan=1.0) < _SIGNIFICANT)

    @property
    def halves_r2(self) -> Floats:
        """Squared correlation of the two halves, (n_units,); NaN for a unit that has no field."""
        first, second = (half.reshape(half.shape[0], -1) for half in self.halves)
        first, second = (each - each.mean(axis=1, keepdims=True) for each in (first, second))
        power = (first**2).sum(axis=1) * (second**2).sum(axis=1)
        product = (first * second).sum(axis=1)
        return np.asarray(np.divide(product**2, power, out=np.full_like(power, np.nan), where=power > 0))


def map_with_noise(respond: Respond, noise: ImageSeries, *, rms: float) -> NoiseMap:
    r"""Return the fields of units from their responses to Gaussian white noise, which is drawn once and not kept.

    With s the grey value about the background, r the response and σ the rms, a pixel's weight is
    :math:`\langle s\,(r - \bar r)\rangle / \sigma^2`. Responses that do not depend on the noise make
    :math:`\sum s\,(r - \bar r)` normal with variance :math:`\sigma^2 \sum (r - \bar r)^2`, whatever they are like
    themselves: no permutation is needed.
    """
    halves = _summed(respond, noise)
    everything = halves[0] + halves[1]
    mean = everything.responses / everything.n
    spread = everything.squares - everything.n * mean**2
    silent = spread <= 1e-12 * np.maximum(everything.squares, 1e-300)
    z = everything.centred(mean) / (rms * np.sqrt(np.where(silent, np.nan, spread)))
    p_value = -np.expm1(len(z) * np.log1p(-2 * norm.sf(np.abs(z).max(axis=0))))
    fields = np.stack([half.centred(mean).T / (half.n * rms**2) for half in halves])
    shape = 2, len(mean), noise.field.height, noise.field.width
    return NoiseMap(
        np.where(silent[:, None], 0.0, fields).reshape(shape),
        p_value,
        len(noise),
        rms,
    )


def without_what_cannot_pass(found: NoiseMap, front_end: AnyFrontEnd, *, side: int, margin: int) -> NoiseMap:
    """Return the same without the noise in patterns that no filter of the front end passes to a patch of a side.

    For Gaussian noise it is exact, whatever relays and network do with what comes through: the mean of s r is the
    front end's adjoint of the mean slope of r (Bussgang), so that a field has nothing of other patterns.
    """
    impulses = np.eye(front_end.n_channels * side**2).reshape(-1, front_end.n_channels, side, side)
    seen = front_end.adjoint(impulses, margin=margin).reshape(len(impulses), -1)
    power, axes = np.linalg.eigh(seen @ seen.T)
    passes = power > _PASSES**2 * power[-1]
    patterns = seen.T @ (axes[:, passes] / np.sqrt(power[passes]))
    rows = found.halves.reshape(-1, len(patterns))
    return replace(found, halves=(rows @ patterns @ patterns.T).reshape(found.halves.shape))


def map_network(
    network: Any, stimuli: Stimuli, *, section: AnalysisSection, rng: np.random.Generator
) -> NoiseMap:
    """Return the fields of a network behind its front end, with noise as strong as the photographs."""
    space = stimuli.image_space
    if space is None or not space.pictures:
        raise ValueError(
            f"analysis.fields = {section.fields!r}: expected stimuli with the photographs they were cut from, "
            "which say how strong the noise has to be, got none; leave the key out"
        )
    margin = reach(space.whitener, section.margin)
    front_end = fixed_gain_front_end(stimuli, margin=section.margin, rng=rng)
    subject, rms = subject_of(network, front_end=front_end, margin=margin), natural_rms(space)
    # Nothing here is in degrees.
    field = VisualField(subject.side, subject.side, pixels_per_degree=1.0)
    units = through_window(
        {"network": subject.encode},
        front_end=subject.front_end,
        margin=margin,
        background=field.mean_luminance,
    )
    found = map_with_noise(units, white_noise(section.noise_frames, field=field, rms=rms, rng=rng), rms=rms)
    found = replace(found, unsettled=subject.settling.unsettled)
    side = subject.side - 2 * margin
    return without_what_cannot_pass(found, subject.front_end, side=side, margin=margin)


def natural_rms(space: ImageSpace) -> float:
    """Return the standard deviation of photographs' grey values, each about its own mean, over all of them alike."""
    return float(np.sqrt(np.mean([picture.var() for picture in space.pictures])))


@dataclass(frozen=True)
class _Sums:
    """Sums over frames s, as rows of pixels about the background, and responses r."""

    n: int
    products: Floats
    """Σ s r, (n_pixels, n_units)."""
    frames: Floats
    """Σ s."""
    responses: Floats
    """Σ r."""
    squares: Floats
    """Σ r²."""

    @classmethod
    def of(cls, s: Floats, r: Floats) -> "_Sums":
        return cls(len(s), s.T @ r, s.sum(axis=0), r.sum(axis=0), (r**2).sum(axis=0))

    def __add__(self, other: "_Sums") -> "_Sums":
        return _Sums(
            *(getattr(self, each.name) + getattr(other, each.name) for each in dataclasses.fields(self))
        )

    def centred(self, mean: Floats) -> Floats:
        """Return Σ s (r − mean)."""
        return np.asarray(self.products - np.outer(self.frames, mean))


def _summed(respond: Respond, noise: ImageSeries) -> tuple[_Sums, _Sums]:
    """Return the sums over every other frame, and over the others."""
    found: list[tuple[_Sums, _Sums]] = []
    firsts = range(0, len(noise), _CHUNK)
    for _, images in zip(counted(firsts, "showing noise"), noise.chunks(_CHUNK), strict=True):
        n_units = len(found[0][0].responses) if found else None
        r = checked_answer(respond(images), n_images=len(images), n_units=n_units)
        s = images.reshape(len(images), -1) - noise.field.mean_luminance
        both = _Sums.of(s[::2], r[::2]), _Sums.of(s[1::2], r[1::2])
        found = [both if not found else (found[0][0] + both[0], found[0][1] + both[1])]
    return found[0]

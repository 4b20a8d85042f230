"""Size tuning by neighbours: gratings in discs for neurons at the middle of whole pictures, and for those of patches.

    python verification/convolutional_sizes.py [--units 24] [--contrasts 1 0.4]

The same fields (16 × 16 pixels, learned by an LCA on patches of whitened photographs) stand at every fourth or eighth
pixel of pictures of 64 × 64, or in one patch. Units are those whose field is centred within 3 pixels of its middle.
Each is shown the grating that its field likes best (the peak of its spectrum) in discs of radius 1.5 to 28 pixels about
its field's centre, at 6 phases; its answer is the mean over phases of its activity above zero. At contrast 1 a grating
has the standard deviation of the photographs. The suppression index is 1 − answer to the largest disc / answer to the
best; macaque V1 has a median of .33, and 78 % of cells above .1 (Cavanaugh, Bair & Movshon 2002). Rings around
discs: ``convolutional_rings.py``. The dated table is kept beside this file, in ``convolutional_sizes.csv``.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from convolutional import DEVIATION, SIDE, THRESHOLD, learned_fields, photographs
from numpy.typing import NDArray

from neurosim.networks import LCA, ConvolutionalLCA

Floats = NDArray[Any]
SIZE, N_PHASES = 64, 6
RADII = np.array([1.5, 2.2, 3.2, 4.5, 6.0, 8.0, 10.5, 14.0, 20.0, 28.0])
WITHIN = 3.0


@dataclass(frozen=True)
class Units:
    """Units of a dictionary: number, centre of the field in it, and the frequency that it likes, cycles per pixel."""

    number: NDArray[np.intp]
    centre: Floats
    frequency: Floats

    @classmethod
    def of(cls, fields: Floats, *, n: int) -> "Units":
        """Find those whose energy is centred near the middle."""
        energy = fields.reshape(-1, SIDE, SIDE) ** 2
        axes = np.arange(SIDE)
        centre = np.stack([(energy.sum(axis=2) @ axes), (energy.sum(axis=1) @ axes)], axis=1)
        centre /= energy.sum(axis=(1, 2))[:, np.newaxis]
        near = np.flatnonzero(np.hypot(*(centre - (SIDE - 1) / 2).T) < WITHIN)[:n]
        spectrum = np.abs(np.fft.fft2(fields[near].reshape(-1, SIDE, SIDE), s=(128, 128)))[:, :, :64]
        peak = np.array([np.unravel_index(each.argmax(), each.shape) for each in spectrum])
        frequency = np.stack([np.fft.fftfreq(128)[peak[:, 0]], peak[:, 1] / 128], axis=1)
        return cls(near, centre[near], frequency)


def grating(frequency: Floats, phase: float, centre: Floats, *, size: int) -> Floats:
    """Return a grating about a centre, of one standard deviation."""
    y, x = np.mgrid[:size, :size]
    along = 2 * np.pi * (frequency[0] * (y - centre[0]) + frequency[1] * (x - centre[1]))
    return np.sqrt(2) * np.cos(along + phase)


def distance(centre: Floats, *, size: int) -> Floats:
    """Return how far each pixel is from a centre."""
    y, x = np.mgrid[:size, :size]
    return np.hypot(y - centre[0], x - centre[1])


class Arm:
    """A network with the place of its units' fields in its pictures, and how one unit answers pictures."""

    def __init__(self, fields: Floats, *, stride: int | None, size: int = SIZE) -> None:
        self.fields, self.stride = fields, stride
        if stride is None:
            net: Any = LCA.from_dictionary(fields, threshold=THRESHOLD, backend="cython")
            self.size, self.corner = SIDE, 0
            self.answers: Callable[[Floats], Floats] = lambda x: net.transform(x.reshape(len(x), -1))
        else:
            net = ConvolutionalLCA.from_dictionary(
                fields, stride=stride, threshold=THRESHOLD, backend="cython"
            )
            self.size = size
            middle = ((size - SIDE) // stride + 1) // 2
            self.corner = middle * stride
            self.answers = lambda x: net.transform(x)[:, middle, middle]

    @property
    def overcomplete(self) -> float:
        """Neurons per pixel."""
        return len(self.fields) / (SIDE**2 if self.stride is None else self.stride**2)

    def shown(self, units: Units, paint: Callable[[int, Floats, float], list[Floats]]) -> Floats:
        """Return mean answers (unit, picture) to what `paint` makes of unit, centre in the picture and phase."""
        found = []
        for k, number in enumerate(units.number):
            centre = units.centre[k] + self.corner
            phases = np.arange(N_PHASES) * 2 * np.pi / N_PHASES
            pictures = np.array([paint(k, centre, phase) for phase in phases], dtype=np.float32)
            answers = self.answers(pictures.reshape(-1, self.size, self.size))[:, number]
            found.append(np.maximum(answers, 0).reshape(N_PHASES, -1).mean(axis=0))
        return np.array(found)


def measured(arm: Arm, units: Units, contrast: float) -> dict[str, Any]:
    """Return what sizes do to the units of an arm."""
    size, height = arm.size, contrast * DEVIATION

    def discs(k: int, centre: Floats, phase: float) -> list[Floats]:
        whole, far = grating(units.frequency[k], phase, centre, size=size), distance(centre, size=size)
        return [height * whole * (far <= radius) for radius in RADII]

    tuning = arm.shown(units, discs)
    answering = tuning.max(axis=1) > 0
    index = 1 - tuning[answering, -1] / tuning[answering].max(axis=1)
    return {
        "units": int(answering.sum()),
        "suppression_median": np.median(index),
        "suppression_lower": np.quantile(index, 0.25),
        "suppression_upper": np.quantile(index, 0.75),
        "share_above_tenth": np.mean(index > 0.1),
        "best_radius": np.median(RADII[tuning[answering].argmax(axis=1)]),
    }


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=int, default=24)
    parser.add_argument("--contrasts", type=float, nargs="+", default=[1.0, 0.4])
    options = parser.parse_args()
    pictures, _ = photographs()
    few, many = learned_fields(pictures), learned_fields(pictures, n=384)
    arms = {
        "patch, 128 fields": Arm(few, stride=None),
        "patch, 384 fields": Arm(many, stride=None),
        "convolutional, 128, stride 8": Arm(few, stride=8),
        "convolutional, 128, stride 4": Arm(few, stride=4),
    }
    rows = []
    for name, arm in arms.items():
        units = Units.of(arm.fields, n=options.units)
        for contrast in options.contrasts:
            began = sum(os.times()[:4])
            row = measured(arm, units, contrast)
            row = {"arm": name, "neurons_per_pixel": arm.overcomplete, "contrast": contrast, **row}
            rows.append(row | {"processor_seconds": sum(os.times()[:4]) - began})
            print(rows[-1], flush=True)
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")


if __name__ == "__main__":
    main()

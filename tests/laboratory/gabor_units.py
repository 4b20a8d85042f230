"""Units whose answers are known in closed form."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor import gabor
from neurosim.laboratory.units import units_of_fits
from neurosim.stimuli.laboratory.visual_field import VisualField

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GaborUnits:
    """Gabor fields, in pixels, and where their units look."""

    parameters: pd.DataFrame
    field: VisualField

    def fields(self, quarter: int = 0) -> Floats:
        """Fields without mean, so that they answer to contrast alone; a quarter of a cycle on if asked."""
        turned = self.parameters.assign(phase=self.parameters["phase"] + quarter * np.pi / 2)
        drawn = gabor(turned, height=self.field.height, width=self.field.width)
        return drawn - drawn.mean(axis=(1, 2), keepdims=True)

    @property
    def units(self) -> pd.DataFrame:
        return units_of_fits(self.parameters, field=self.field)

    def drive(self, frequency: Floats, angle: Floats) -> Floats:
        """Amplitude at gratings on the whole field: cycles/pixel, angle of the wave vector; (n_units, ...)."""
        p = {
            name: self.parameters[name].to_numpy().reshape(-1, *[1] * (np.ndim(frequency + angle) - 1))
            for name in self.parameters
        }
        along = frequency * np.cos(angle - p["orientation"])
        across = frequency * np.sin(angle - p["orientation"])
        far = (p["sigma_y"] * across) ** 2
        near = np.exp(-2 * np.pi**2 * ((p["sigma_x"] * (along - p["frequency"])) ** 2 + far))
        mirrored = np.exp(-2 * np.pi**2 * ((p["sigma_x"] * (along + p["frequency"])) ** 2 + far))
        # cos(2πf x + φ) times a grating of phase ψ: the two sidebands, in the phases that the maximum over ψ takes
        wave = near * np.exp(-1j * p["phase"]) + mirrored * np.exp(1j * p["phase"])
        return p["amplitude"] * np.pi * p["sigma_x"] * p["sigma_y"] * np.abs(wave)


def six_gabors() -> GaborUnits:
    """Six units at two places, of several shapes."""
    parameters = pd.DataFrame(
        {
            "x0": [31.5, 31.5, 31.5, 35.0, 35.0, 35.0],
            "y0": [31.5, 31.5, 31.5, 28.0, 28.0, 28.0],
            "orientation": [0.0, 0.6, 1.3, 2.0, 2.7, 0.6],
            "frequency": [0.1, 0.15, 0.2, 0.12, 0.15, 0.15],
            "phase": [0.0, 0.7, np.pi / 2, 0.0, 1.0, 2.0],
            "sigma_x": [4.0, 3.5, 3.0, 4.5, 4.0, 3.5],
            "sigma_y": [4.0, 5.0, 4.0, 6.0, 3.0, 5.0],
            "amplitude": 1.0,
        }
    )
    return GaborUnits(parameters, VisualField(height=64, width=64, pixels_per_degree=16))

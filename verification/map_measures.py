"""How often a ring is found where there is one and where there is none, how near its wavelength, what intervals hold.

    python verification/map_measures.py [--only false_alarms rings intervals] [--maps 200] [--seed 0]

Random maps of known spectrum, on tori and on plain sheets cut from larger ones. *False alarms*: white noise, white
noise under a Gaussian of so many neurons, and spectra that fall as the third power beyond a correlation length.
*Rings*: Gaussian in wave number, of a width given as a share of the radius; found as drawn and smoothed by one neuron;
errors are against one over the mean wave number of the spectrum that was drawn from. *Intervals*: of density and
quality against the closed form pi <k²>/<k>², of the ratio to noise of the same spectrum against 1 (random maps) or
against the mean of all maps (random maps with vectors of equal length, which have fewer pinwheels than their noise).
The table is kept beside this file in ``map_measures.csv``. About three minutes on one core.
"""

import argparse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.maps.maps import smoothed_vectors
from neurosim.analysis.maps.pinwheels import map_quality, pinwheel_summary
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.spectrum import map_wavelength

HERE = Path(__file__)
Vectors = NDArray[np.complex128]
Spectrum = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Row = dict[str, Any]


def white() -> Spectrum:
    """Equal power at all wave numbers."""
    return np.ones_like


def gaussian(width: float) -> Spectrum:
    """Return the spectrum of white noise under a Gaussian of so many neurons."""
    return lambda frequency: np.exp(-((2 * np.pi * frequency * width) ** 2))


def falling(length: float) -> Spectrum:
    """Return a spectrum that falls as the third power of the wave number beyond 1/(2 pi length)."""
    return lambda frequency: (1 + (2 * np.pi * frequency * length) ** 2) ** -1.5


def ring(wavelength: float, width: float) -> Spectrum:
    """Return a Gaussian ring, its standard deviation a share of its radius."""
    return lambda frequency: np.exp(-(((frequency * wavelength - 1) / width) ** 2) / 2)


SHEETS = [Sheet(side, side, torus=torus) for side in (16, 32, 48, 64) for torus in (True, False)]
LOW = {"white": white()}
LOW |= {f"Gaussian {width:g}": gaussian(width) for width in (0.5, 1.0, 2.0, 4.0, 8.0)}
LOW |= {f"falling {length:g}": falling(length) for length in (1.0, 3.0, 10.0)}
INTERVALS = {"ratio_to_noise": "ratio", "pinwheel_density": "density", "map_quality": "quality"}


def main() -> None:
    """Simulate, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = {"false_alarms": false_alarms, "rings": rings, "intervals": intervals}
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--maps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    path = HERE.with_suffix(".csv")
    have = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=["part"])
    for name in options.only:
        found = pd.DataFrame(parts[name](options.maps, np.random.default_rng(options.seed)))
        found = found.assign(part=name, date=datetime.now(UTC).date().isoformat())
        print(found.to_string(index=False, float_format="%.3f"), flush=True)
        have = pd.concat([have[have["part"] != name], found], ignore_index=True)
        have.to_csv(path, index=False, float_format="%.4g")


def false_alarms(n_maps: int, rng: np.random.Generator) -> Iterator[Row]:
    """Yield the share of maps without a ring in which one is found."""
    for sheet in SHEETS:
        for name, spectrum in LOW.items():
            found = [map_wavelength(drawn(sheet, spectrum, rng), sheet) for _ in range(n_maps)]
            row = _named(sheet, name) | {"n_maps": n_maps}
            yield row | {"measure": "ring_found", "value": np.mean(np.isfinite(found))}


def rings(n_maps: int, rng: np.random.Generator) -> Iterator[Row]:
    """Yield the share of rings that are found, and the mean error of their wavelength as a share of it."""
    for sheet in SHEETS:
        if sheet.height not in (32, 64):
            continue
        for wavelength in (6.0, 8.0, 10.0, 12.0):
            for width in (0.05, 0.1, 0.2, 0.3):
                spectrum = ring(wavelength, width)
                maps = [drawn(sheet, spectrum, rng) for _ in range(n_maps // 4)]
                smooth = [smoothed_vectors(vectors, sheet, width=1) for vectors in maps]
                truth = 1 / moments(sheet, spectrum)[0]
                for treated, shown in (("drawn", maps), ("smoothed", smooth)):
                    values = np.array([map_wavelength(vectors, sheet) for vectors in shown])
                    hit = np.isfinite(values)
                    row = _named(sheet, f"ring {wavelength:g}, {width:g}") | {
                        "treated": treated,
                        "n_maps": len(maps),
                    }
                    yield row | {"measure": "ring_found", "value": hit.mean()}
                    if hit.mean() > 0.5:
                        yield row | {"measure": "wavelength_error", "value": values[hit].mean() / truth - 1}


def intervals(n_maps: int, rng: np.random.Generator) -> Iterator[Row]:
    """Yield the share of intervals that hold the true density, quality and ratio to noise."""
    spectra = {
        f"ring {length:g}, {width:g}": ring(length, width)
        for length, width in ((8, 0.1), (10, 0.2), (12, 0.1))
    }
    spectra |= {name: LOW[name] for name in ("Gaussian 1", "Gaussian 2", "Gaussian 4")}
    for sheet in (Sheet(32, 32, torus=True), Sheet(48, 48, torus=True), Sheet(32, 32, torus=False)):
        for name, spectrum in spectra.items():
            yield from _covered(
                sheet, name, [drawn(sheet, spectrum, rng) for _ in range(n_maps)], spectrum, rng
            )
        maps = [drawn(sheet, ring(8, 0.1), rng) for _ in range(n_maps)]
        yield from _covered(sheet, "ring 8, 0.1, equal lengths", [v / np.abs(v) for v in maps], None, rng)


def _covered(
    sheet: Sheet, name: str, maps: list[Vectors], spectrum: Spectrum | None, rng: np.random.Generator
) -> Iterator[Row]:
    found = pd.DataFrame(pinwheel_summary(v, sheet, rng=rng, n_shuffles=1, n_noise=40) for v in maps)
    found = found.drop(columns="no_ring").astype(float)
    pooled = found["pinwheels"].sum() / found["noise_pinwheels"].sum()
    truth = {"ratio_to_noise": pooled if spectrum is None else 1.0}
    if spectrum is not None and "ring" in name:
        mean, square = moments(sheet, spectrum)
        truth["pinwheel_density"] = np.pi * square / mean**2
        truth["map_quality"] = float(map_quality(truth["pinwheel_density"]))
    row = _named(sheet, name) | {"n_maps": len(maps)}
    yield row | {"measure": "pinwheels", "value": found["pinwheels"].mean()}
    yield row | {"measure": "ratio_of_all_maps", "value": pooled}
    for measure, value in truth.items():
        known = found[found[measure].notna()]
        low, high = (known[f"{INTERVALS[measure]}_{end}"] for end in ("low", "high"))
        yield row | {"measure": f"{measure}_true", "value": value}
        yield row | {"measure": f"{measure}_mean", "value": known[measure].mean()}
        yield row | {"measure": f"{measure}_covered", "value": ((low <= value) & (value <= high)).mean()}


def drawn(sheet: Sheet, spectrum: Spectrum, rng: np.random.Generator) -> Vectors:
    """Draw a complex Gaussian map; a plain sheet is cut from a torus of three times its sides."""
    shape = _whole(sheet)
    noise = rng.normal(size=(2, *shape))
    whole = np.fft.ifft2(np.sqrt(spectrum(_frequencies(shape))) * (noise[0] + 1j * noise[1]))
    return np.asarray(whole[: sheet.height, : sheet.width].ravel())


def moments(sheet: Sheet, spectrum: Spectrum) -> tuple[float, float]:
    """Return mean and mean square wave number, in cycles per neuron, of the waves that a map is drawn from."""
    frequency = _frequencies(_whole(sheet))
    power = np.where(frequency > 0, spectrum(frequency), 0)
    mean, square = ((power * frequency**n).sum() / power.sum() for n in (1, 2))
    return float(mean), float(square)


def _whole(sheet: Sheet) -> tuple[int, int]:
    factor = 1 if sheet.torus else 3
    return factor * sheet.height, factor * sheet.width


def _frequencies(shape: tuple[int, int]) -> NDArray[np.float64]:
    return np.asarray(np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])))


def _named(sheet: Sheet, spectrum: str) -> Row:
    kind = "torus" if sheet.torus else "plain"
    return {"sheet": f"{sheet.height}x{sheet.width} {kind}", "spectrum": spectrum, "treated": "drawn"}


if __name__ == "__main__":
    main()

"""What surrounds do to a network whose fields are tiled over a field larger than a patch, beside units that act alone.

    python verification/laboratory_tiled.py [--recipe topographic] [--seeds 0 1 2] [--runs DIR] [--without-times]

The recipe `lca`, `topographic` or `spiking-lca` is run for each seed, or its run taken from the folder DIR, where runs
are kept as ``lca-0``; 256 fields of 16×16 pixels are repeated on 3×3 places over 32×32 pixels, stride 8, behind the
recipe's filter at fixed gain. Pixels per degree bring the median frequency of the fitted fields to
2.8 cycles per degree; gratings have contrast 1, as published, and .3. Controls are the same fields without
interactions: rectified, and with the network's threshold. Measured are units whose field fits a Gabor (R² > .7) and
lies within 4.5 pixels of the middle, so that discs of 22 pixels and strips of 20 fit. Signed units are seen where they
are positive. Rows of the dated table ``laboratory_tiled.csv`` with the same recipe and seed are replaced; processor
time counts all processes.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from laboratory_scoreboards import folder_of, trained
from numpy.typing import NDArray

from neurosim.analysis import fit_gabors, orientation_properties, size_properties
from neurosim.front_end import FrontEnd
from neurosim.laboratory import (
    Tiled,
    contrast_response,
    cross_orientation,
    frequency_tuning,
    grating_responses,
    iso_response_curvature,
    length_tuning,
    natural_strength,
    network_units,
    one_sided,
    orientation_tuning,
    over_phases,
    size_tuning,
    tile,
    units_of_fits,
)
from neurosim.laboratory.tuning import phases
from neurosim.networks.saving.loading import load
from neurosim.stimuli import OlshausenField, VisualField, embedded_photographs, sample_patches

Floats = NDArray[np.float64]
Respond = Callable[[Floats], Floats]
PATCH, SIZE, STRIDE = 16, 32, 8
MEDIAN_CPD = 2.8  # simple cells of the fovea, De Valois et al. 1982
WITHIN = 4.5  # pixels from the middle
SIZES = np.geomspace(3, 22, 8)  # pixels
LENGTHS = np.geomspace(3, 20, 8)
CONTRASTS = (0.05, 0.2, 0.8)


@dataclass(frozen=True)
class Subjects:
    """The tiled network, and where its units look."""

    network: Any
    tiled: Tiled
    front_end: FrontEnd
    field: VisualField
    units: pd.DataFrame  # all fields of the middle tile
    chosen: NDArray[np.intp]
    patches: Floats

    @property
    def arms(self) -> dict[str, Respond]:
        """Responses of all central units, one-sided."""
        return {
            "network": one_sided(self.tiled.respond),
            "no threshold": self.tiled.without_interactions(),
            "same threshold": self.tiled.without_interactions(threshold="own"),
        }


def subjects(run: Path) -> Subjects:
    """Tile the network of a run."""
    network = load(run)
    patches = sample_patches(embedded_photographs(), n_patches=3000, size=SIZE, rng=0)
    patches = patches.reshape(-1, SIZE, SIZE)
    front_end = FrontEnd(OlshausenField(cutoff=0.26, ramp=1.75)).scaled_to(patches)
    tiled = tile(network, stride=STRIDE, size=SIZE, front_end=front_end)
    fits = fit_gabors(front_end.adjoint(tiled.fields))
    good = fits["r2"] > 0.7
    field = VisualField(
        SIZE, SIZE, pixels_per_degree=MEDIAN_CPD / float(fits.loc[good, "frequency"].median())
    )
    near = (fits[["x0", "y0"]] - (SIZE - 1) / 2).abs().le(WITHIN).all(axis=1)
    chosen = np.flatnonzero(good & near & fits["frequency"].between(0.05, 0.35))
    units = units_of_fits(fits, field=field).assign(contrast=1.0)
    return Subjects(network, tiled, front_end, field, units, chosen, patches)


def main() -> None:
    """Run, print and store the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--without-times", action="store_true", help="leave out the last rows")
    chosen = parser.parse_args()
    for_each_seed(chosen, lambda of: measured(of, times=not chosen.without_times), Path(__file__))


def parser_of(text: str) -> argparse.ArgumentParser:
    """Options to choose networks with."""
    parser = argparse.ArgumentParser(description=text.partition("\n")[0])
    parser.add_argument("--recipe", default="lca", choices=["lca", "topographic", "spiking-lca"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--runs", type=Path, help="folder in which trained runs are kept")
    return parser


def for_each_seed(
    chosen: argparse.Namespace, measure: Callable[[Subjects], Iterator[dict[str, object]]], script: Path
) -> None:
    """Measure the network of each seed and keep the rows there are so far."""
    path = script.with_suffix(".csv")
    for seed in chosen.seeds:
        with folder_of(chosen.runs) as runs:
            of = subjects(trained(chosen.recipe, seed=seed, runs=runs))
        table = pd.read_csv(path) if path.exists() else pd.DataFrame({"recipe": [], "seed": []})
        others = table[(table["recipe"] != chosen.recipe) | (table["seed"] != seed)].to_dict("records")
        so_far: list[dict[str, object]] = []
        for each in measure(of):
            print("{what}, {of}: {value:.4g} (n = {n})".format(**each), flush=True)
            today = datetime.now(UTC).date().isoformat()
            so_far.append({"recipe": chosen.recipe, "seed": seed, **each, "date": today})
            pd.DataFrame([*others, *so_far]).to_csv(path, index=False, float_format="%.4g")


def measured(of: Subjects, *, times: bool) -> Iterator[dict[str, object]]:
    """Every figure."""
    yield row("units measured, of 256", "all arms", len(of.chosen), 256)
    for contrast in (1.0, 0.3):
        for name, respond in of.arms.items():
            yield from around(of, respond, name, contrast)
    for name, respond in of.arms.items():
        yield from masks(of, respond, name)
        yield from tuning_by_contrast(of, respond, name)
        yield from curved(of, respond, name)
    if not times:
        return
    yield from timed("protocol on a patch", lambda: protocol(of, *on_a_patch(of)))
    yield from timed("everything, tiled", lambda: everything(of))


def around(of: Subjects, respond: Respond, name: str, contrast: float) -> Iterator[dict[str, object]]:
    """Discs and strips: how many units answer less to the largest than to their best."""
    units = of.units.iloc[of.chosen].assign(contrast=contrast)
    for what, experiment, axis, pixels in (
        ("suppressed by more than 10 %, share", size_tuning, "diameters_deg", SIZES),
        ("end-stopped by more than 10 %, share", length_tuning, "lengths_deg", LENGTHS),
    ):
        sizes = pixels / of.field.pixels_per_degree
        found = over_phases(experiment(only(respond, of.chosen), units, field=of.field, **{axis: sizes}))
        index = size_properties(found["mean"], diameters_deg=sizes, modulation=found["modulation"])
        index = index["surround_suppression_index"].dropna()
        arm = f"{name}, contrast {contrast:g}"
        yield row(what, arm, (index > 0.1).mean(), len(index))
        yield row(what.replace("by more than 10 %, share", "index, median"), arm, index.median(), len(index))


def masks(of: Subjects, respond: Respond, name: str) -> Iterator[dict[str, object]]:
    """A grating across, as strong as the preferred one, in a disc of four cycles."""
    units = of.units.iloc[of.chosen]
    units = units.assign(diameter_deg=22 / of.field.pixels_per_degree)
    plaid = cross_orientation(
        only(respond, of.chosen), units, field=of.field, contrasts=[0.4], mask_contrasts=[0, 0.4], n_phases=4
    )
    mean = over_phases(plaid)["mean"].mean("second_phase_rad").to_numpy()[:, 0]
    heard = mean[:, 0] > 0
    ratio = mean[heard, 1] / mean[heard, 0]
    yield row("response with a mask across / without, median", name, np.median(ratio), len(ratio))
    yield row("suppressed by the mask by more than 10 %, share", name, (ratio < 0.9).mean(), len(ratio))


def tuning_by_contrast(of: Subjects, respond: Respond, name: str) -> Iterator[dict[str, object]]:
    """Half-widths at three contrasts: invariant if all alike. 24 orientations, every third unit."""
    some = of.chosen[::3]
    units = of.units.iloc[some].drop(columns=["contrast", "orientation_rad"])
    units = units.assign(diameter_deg=22 / of.field.pixels_per_degree)
    axes = {
        "contrast": CONTRASTS,
        "orientation_rad": np.arange(24) * np.pi / 24,
        "phase_rad": phases(4),
    }
    found = over_phases(grating_responses(only(respond, some), units, field=of.field, axes=axes))
    degrees = found["orientation_deg"].to_numpy()
    widths = [
        orientation_properties(found["mean"][:, k], orientations_deg=degrees)["orientation_half_width"]
        for k in range(len(CONTRASTS))
    ]
    for contrast, width in zip(CONTRASTS, widths, strict=True):
        yield row(
            f"half-width at contrast {contrast:g}, median, degrees", name, width.median(), width.count()
        )
    change = (widths[-1] / widths[0]).dropna()
    yield row("half-width, strongest / weakest contrast, median", name, change.median(), len(change))


def curved(of: Subjects, respond: Respond, name: str) -> Iterator[dict[str, object]]:
    """Iso-response surfaces, every second unit."""
    some = of.chosen[::2]
    fields = of.front_end.adjoint(of.tiled.fields[some])
    found = iso_response_curvature(
        only(respond, some), fields, field=of.field, strength=natural_strength(fields, of.patches)
    )
    bent = found.curvature.to_numpy()
    bent = bent[np.isfinite(bent)]
    yield row("iso-response curvature, median", name, np.median(bent), len(bent))
    yield row("iso-response curvature, median size", name, np.median(np.abs(bent)), len(bent))


def on_a_patch(of: Subjects) -> tuple[Respond, VisualField, pd.DataFrame]:
    """The untiled network, and its units' places on the patch."""
    field = VisualField(PATCH, PATCH, pixels_per_degree=of.field.pixels_per_degree)
    return one_sided(network_units(of.network, front_end=of.front_end)), field, of.units


def protocol(of: Subjects, respond: Respond, field: VisualField, units: pd.DataFrame) -> int:
    """Orientation (with phases), frequency and size of all units, each at its own place; return images shown."""
    sizes = np.geomspace(3, 0.75 * field.width, 6) / field.pixels_per_degree
    one = orientation_tuning(respond, units, field=field)
    frequencies = MEDIAN_CPD * 2.0 ** np.arange(-1.5, 1.1, 0.5)
    two = frequency_tuning(
        respond,
        units,
        field=field,
        frequencies_cpd=frequencies,
        impossible="mark",
    )
    three = size_tuning(respond, units, field=field, diameters_deg=sizes, impossible="mark")
    return sum(each.attrs["n_images"] for each in (one, two, three))


def everything(of: Subjects) -> int:
    """The protocol, contrast, length, mask and curvature of all 256 central units."""
    respond, units = of.arms["network"], of.units
    small = units.assign(diameter_deg=12 / of.field.pixels_per_degree)
    n_images = protocol(of, respond, of.field, small)
    lengths = LENGTHS[2::2] / of.field.pixels_per_degree
    for found in (
        contrast_response(respond, small, field=of.field, contrasts=[0.03, 0.1, 0.3]),
        length_tuning(respond, units, field=of.field, lengths_deg=lengths, impossible="mark"),
        cross_orientation(
            respond, small, field=of.field, contrasts=[0.4], mask_contrasts=[0, 0.4], n_phases=4
        ),
    ):
        n_images += found.attrs["n_images"]
    fields = of.front_end.adjoint(of.tiled.fields)
    iso_response_curvature(
        respond, fields, field=of.field, strength=natural_strength(fields, of.patches), n_directions=1
    )
    return n_images


def timed(what: str, work: Callable[[], int]) -> Iterator[dict[str, object]]:
    """Wall and processor time of this process and those it starts, and the load beside it."""
    started, used = time.perf_counter(), sum(os.times()[:4])
    n_images = work()
    yield row(f"{what}, processor time, s", "network", sum(os.times()[:4]) - used, n_images)
    yield row(f"{what}, wall time, s", "network", time.perf_counter() - started, n_images)
    yield row(f"{what}, load of the last minute", "machine", os.getloadavg()[0], os.cpu_count() or 0)


def only(respond: Respond, chosen: NDArray[np.intp]) -> Respond:
    """Some of the units."""
    return lambda images: respond(images)[:, chosen]


def row(what: str, of: str, value: float, n: int) -> dict[str, object]:
    """One line of the table; n counts units, pairs of units or images."""
    return {"what": what, "of": of, "value": float(value), "n": int(n)}


if __name__ == "__main__":
    main()

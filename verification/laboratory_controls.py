"""What the laboratory says of known units: planted fields, controls without interactions, and an LCA beside them.

    python verification/laboratory_controls.py

Planted are Gabor fields of random place and shape, 16×16 pixels. They are mapped with white noise through a whitening
front end, and with natural patches by units that are rectified and as noisy as they are responsive. Iso-response
curvature and size, length and mask are measured on a small LCA learned here and, with the same fields, without
interactions. On one patch, untiled: what these say of an LCA is not the tiled network's. The dated table is kept in
``laboratory_controls.csv``.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis import fit_gabors, gabor
from neurosim.front_end import FrontEnd
from neurosim.laboratory import (
    answers,
    cross_orientation,
    feed_forward,
    iso_response_curvature,
    length_tuning,
    map_fields,
    natural_strength,
    network_units,
    over_phases,
    size_tuning,
    units_of_fits,
)
from neurosim.networks import LCA
from neurosim.stimuli import (
    ImageSeries,
    OlshausenField,
    VisualField,
    embedded_photographs,
    images_as_stimuli,
    rescale_images,
    sample_patches,
    white_noise,
)

Floats = NDArray[np.float64]
Row = dict[str, object]
SIDE, N_PLANTED, N_FRAMES = 16, 64, 10_000
FIELD = VisualField(SIDE, SIDE, pixels_per_degree=SIDE)


def main() -> None:
    """Run, print and store the table."""
    rows: list[Row] = []
    for part in (from_noise, from_nature, on_an_lca):
        for row in part():
            rows.append(row)
            print("{what}, {of}: {value:.4g}".format(**row), flush=True)
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")


def planted(rng: np.random.Generator) -> tuple[Floats, pd.DataFrame]:
    """Gabor fields with n_x and n_y as simple cells have them, and their parameters."""
    frequency = rng.uniform(0.08, 0.25, N_PLANTED)
    shapes = {
        "x0": rng.uniform(5, 10, N_PLANTED),
        "y0": rng.uniform(5, 10, N_PLANTED),
        "orientation": rng.uniform(0, np.pi, N_PLANTED),
        "frequency": frequency,
        "phase": rng.uniform(0, 2 * np.pi, N_PLANTED),
        "sigma_x": np.maximum(rng.uniform(0.2, 0.5, N_PLANTED) / frequency, 1.0),
        "sigma_y": np.maximum(rng.uniform(0.2, 0.6, N_PLANTED) / frequency, 1.0),
        "amplitude": np.ones(N_PLANTED),
    }
    drawn = gabor(shapes, height=SIDE, width=SIDE)
    # Balanced, as cells are: patches differ in luminance more than in anything else.
    return drawn - drawn.mean(axis=(1, 2), keepdims=True), pd.DataFrame(shapes)


def likeness(found: Floats, wanted: Floats) -> Floats:
    """Cosine of each field with the one wanted."""
    a, b = found.reshape(len(found), -1), wanted.reshape(len(wanted), -1)
    return np.asarray((a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))


def from_noise() -> Iterator[Row]:
    """Linear units through the front end, by the average of white noise, and shuffled responses."""
    rng = np.random.default_rng(0)
    fields, _ = planted(rng)
    front_end = FrontEnd(OlshausenField())
    noise = white_noise(N_FRAMES, field=FIELD, rms=0.15, rng=1)
    responses = answers(feed_forward(fields, front_end=front_end), noise)
    wanted = front_end.adjoint(fields)
    found = likeness(map_fields(noise, responses).field.values, wanted)
    yield row("field from noise, cosine, least", "linear unit", found.min())
    yield row("field from noise, cosine, median", "linear unit", np.median(found))
    shuffled = map_fields(noise, rng.permutation(responses)).field.to_numpy()
    yield row("field from noise, cosine, mean size", "shuffled", np.abs(likeness(shuffled, wanted)).mean())


def from_nature() -> Iterator[Row]:
    """Rectified, noisy units, by natural patches."""
    rng = np.random.default_rng(2)
    fields, shapes = planted(rng)
    stimuli = natural(N_FRAMES)
    clean = answers(feed_forward(fields, threshold=0.0), stimuli)
    responses = clean + clean.std(axis=0) * rng.standard_normal(clean.shape)
    yield row("n_x, median", "planted", np.median(shapes["sigma_x"] * shapes["frequency"]))
    for method in ("average", "ridge", "power"):
        found = map_fields(stimuli, responses, method=method)
        cosine, fits = likeness(found.field.values, fields), fit_gabors(found.field.values)
        yield row("field from natural patches, cosine, least", method, cosine.min())
        yield row("field from natural patches, cosine, median", method, np.median(cosine))
        yield row("n_x, median", method, fits["nx"].median())
        yield row("R² of the Gabor fit, median", method, fits["r2"].median())


def on_an_lca() -> Iterator[Row]:
    """An LCA and its fields without interactions."""
    images = rescale_images(embedded_photographs(), factor=0.5)
    patches = sample_patches(images, n_patches=12_000, size=SIDE, rng=3).reshape(-1, SIDE, SIDE)
    front_end = FrontEnd(OlshausenField()).scaled_to(patches)
    network = LCA(256, n_epochs=3, random_state=0).fit(front_end.rows(patches))
    weights = network.dictionary_.reshape(-1, SIDE, SIDE)
    fits = fit_gabors(front_end.adjoint(weights))
    chosen = np.flatnonzero(
        (fits["r2"] > 0.7)
        & fits["frequency"].between(0.06, 0.4)
        & fits[["x0", "y0"]].gt(4).all(axis=1)
        & fits[["x0", "y0"]].lt(11).all(axis=1)
    )
    fields = front_end.adjoint(weights[chosen])
    units = units_of_fits(fits, field=FIELD).iloc[chosen].assign(contrast=0.4)
    strength = natural_strength(fields, patches)
    signed = network_units(network, front_end=front_end)
    arms: dict[str, Callable[[Floats], Floats]] = {
        "LCA": lambda shown: np.maximum(signed(shown)[:, chosen], 0.0),
        "no threshold": feed_forward(weights[chosen], front_end=front_end, threshold=0.0),
        "same threshold": feed_forward(weights[chosen], front_end=front_end, threshold=network.threshold_),
    }
    for name, respond in arms.items():
        bent = iso_response_curvature(respond, fields, field=FIELD, strength=strength).curvature.to_numpy()
        n_found = int(np.isfinite(bent).sum())
        yield row("iso-response curvature, median", name, np.nanmedian(bent), n_found)
        yield row("iso-response curvature, largest size", name, np.nanmax(np.abs(bent)), n_found)
        yield from around(respond, units, name)


def around(respond: Callable[[Floats], Floats], units: pd.DataFrame, name: str) -> Iterator[Row]:
    """Length, size and a mask across; units whose stimuli would reach beyond the patch are left out and counted."""
    for what, experiment, axis in (
        ("end-stopped by more than 10 %, share", length_tuning, "lengths_deg"),
        ("suppressed by more than 10 %, share", size_tuning, "diameters_deg"),
    ):
        sizes = {axis: np.arange(0.125, 0.7, 0.0625)}
        found = over_phases(
            experiment(respond, units, field=FIELD, impossible="mark", **sizes)
        ).modulation.to_numpy()
        found = found[np.isfinite(found).all(axis=1) & (np.nanmax(found, axis=1) > 0)]
        drop = 1 - found[:, -1] / found.max(axis=1)
        yield row(what, name, np.mean(drop > 0.1), len(drop))
    plaid = cross_orientation(
        respond, units, field=FIELD, contrasts=[0.4], mask_contrasts=[0.0, 0.4], n_phases=4
    )
    masked = over_phases(plaid)["mean"].mean("second_phase_rad").to_numpy()[:, 0]
    ratio = masked[masked[:, 0] > 0, 1] / masked[masked[:, 0] > 0, 0]
    yield row("response with a mask across / without, median", name, np.median(ratio), len(ratio))


def natural(n: int) -> ImageSeries:
    """Patches of the embedded photographs."""
    patches = sample_patches(embedded_photographs(), n_patches=n, size=SIDE, rng=4)
    return images_as_stimuli(patches.reshape(-1, SIDE, SIDE), pixels_per_degree=SIDE)


def row(what: str, of: str, value: float, n: int = N_PLANTED) -> Row:
    """One line of the table; n counts units, or units times directions."""
    return {"what": what, "of": of, "value": float(value), "n": n}


if __name__ == "__main__":
    main()

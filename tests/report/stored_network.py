"""Made-up runs whose network is stored: fields are Gabor functions, so that their fits leave nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from PIL import Image

from neurosim.analysis import gabor
from neurosim.networks.saving.network_file import write_dataset

SIDE, MARGIN = 16, 6
N_INHIBITORY = 9
_FITTED = ("orientation", "frequency", "phase", "sigma_x", "sigma_y", "amplitude", "r2", "nx", "ny")


def planted(n_neurons: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return parameters of Gabor functions with the columns that a run has of its neurons."""
    return pd.DataFrame(
        {
            "neuron": np.arange(n_neurons),
            "usage": rng.uniform(0, 0.2, n_neurons),
            "lifetime_sparseness": rng.uniform(0.8, 1, n_neurons),
            "x0": rng.uniform(4, 11, n_neurons),
            "y0": rng.uniform(4, 11, n_neurons),
            "orientation": rng.uniform(0, np.pi, n_neurons),
            "frequency": rng.uniform(0.1, 0.3, n_neurons),
            "phase": rng.uniform(-3, 3, n_neurons),
            "sigma_x": rng.uniform(1.5, 2.5, n_neurons),
            "sigma_y": rng.uniform(2, 4, n_neurons),
            "amplitude": rng.uniform(0.5, 2, n_neurons),
            "r2": np.ones(n_neurons),
            "nx": rng.uniform(0.2, 0.6, n_neurons),
            "ny": rng.uniform(0.2, 0.6, n_neurons),
            "gabor_like": np.ones(n_neurons, dtype=bool),
        }
    )


def in_the_image(table: pd.DataFrame) -> pd.DataFrame:
    """Return the same Gabor functions in a wider frame, of half the amplitude and another phase."""
    return table.assign(
        x0=table["x0"] + MARGIN,
        y0=table["y0"] + MARGIN,
        amplitude=table["amplitude"] / 2,
        phase=table["phase"] + 1,
    )


def stored(table: pd.DataFrame, rng: np.random.Generator, *, inhibitory: bool) -> xr.Dataset:
    """Return a network's file: fields, held-out stimuli, codes, weights."""
    n_neurons, n_stimuli = len(table), 300
    fields = gabor(table, height=SIDE, width=SIDE).reshape(n_neurons, -1)
    in_image = gabor(in_the_image(table), height=SIDE + 2 * MARGIN, width=SIDE + 2 * MARGIN)
    shown = rng.normal(size=(n_stimuli, SIDE * SIDE))
    variables: dict[str, Any] = {
        "dictionary": (("neuron", "pixel"), fields),
        "held_out": (("stimulus", "pixel"), shown),
        "image_field": (
            ("neuron", "image_row", "image_column"),
            in_image.astype(np.float32),
            {"long_name": "fields in the image, as planted"},
        ),
        "code": (("stimulus", "neuron"), np.maximum(shown @ fields.T - 3, 0)),
        "lateral": (
            ("neuron", "from_neuron"),
            fields @ fields.T * (1 - np.eye(n_neurons)),
            {
                "long_name": "lateral inhibition: what the activity or a spike of from_neuron takes from neuron"
            },
        ),
    }
    if inhibitory:
        excite = rng.uniform(size=(n_neurons, N_INHIBITORY))
        variables |= {
            "excite": (("neuron", "inhibitory"), excite, {"long_name": "what a spike gives"}),
            "inhibit": (
                ("inhibitory", "neuron"),
                rng.uniform(size=(N_INHIBITORY, n_neurons)),
                {"long_name": "what a spike of an inhibitory neuron takes from an excitatory one"},
            ),
            "inhibitory_threshold": (("inhibitory",), rng.uniform(1, 2, N_INHIBITORY)),
            "counts_inhibitory": (("stimulus", "inhibitory"), rng.poisson(2, (n_stimuli, N_INHIBITORY))),
        }
    return xr.Dataset(variables, attrs={"patch_height": SIDE, "patch_width": SIDE})


def tuned(n_neurons: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return tuning curves of all neurons, and of two pools behind them."""
    axes = {"orientation": np.arange(0, 180, 15.0), "frequency": 2.0 ** np.arange(5)}
    return pd.concat(
        pd.DataFrame({"unit": unit, "curve": name, "x": x, "rate": rng.uniform(0, 30, len(x)).round(3)})
        for unit in range(n_neurons + 2)
        for name, x in axes.items()
    )


def with_network(folder: Path, n_neurons: int, *, inhibitory: bool = False, sheet: bool = False) -> Path:
    """Add a network to a run's folder: the file, the rows of its neurons, their tuning, figures of usual size."""
    rng = np.random.default_rng(1)
    table = planted(n_neurons, rng)
    write_dataset(stored(table, rng, inhibitory=inhibitory), folder / "network.nc")
    image = in_the_image(table)[["x0", "y0", *_FITTED]].add_prefix("image_")
    table = pd.concat([table, image], axis=1)
    if sheet:
        table = table.assign(row=table["neuron"] // 8, column=table["neuron"] % 8)
    table.to_csv(folder / "fields.csv", index=False)
    tuned(n_neurons, rng).to_csv(folder / "tuning_curves.csv", index=False)
    rules = {"part": ["dictionary, from inputs to neurons"], "rule": ["w += eta*a_post*r_pre"]}
    pd.DataFrame(rules).to_csv(folder / "learning_rules.csv", index=False)
    equations = {"part": ["membranes"], "equations": ["du/dt = (drive - u) / tau : 1\ndrive : 1"]}
    pd.DataFrame(equations).to_csv(folder / "equations.csv", index=False)
    return folder


def with_figures_of_usual_size(folder: Path, *, mosaic: int) -> Path:
    """Put figures into a run's folder that no compression makes smaller than those of a real run."""
    rng = np.random.default_rng(2)
    for path in (folder / "figures").glob("*.png"):
        side = mosaic if path.stem in ("dictionary", "image_fields") else 110
        Image.fromarray(rng.integers(0, 255, (side, side, 3), dtype=np.uint8)).save(path)
    return folder


def summary_with(folder: Path, **numbers: float) -> None:
    """Add numbers to a run's summary."""
    path = folder / "summary.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | numbers), encoding="utf-8")

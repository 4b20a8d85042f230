"""Stimuli and autoencoders of `svae.py`: photographs and digits, models with their noise and prior scale, tables.

Photographs are Kodak's 24: the first 16 to learn from, the next four to tune on, the last four to be measured on.
"""

import os
import pickle
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.networks.svae.svae import SVAE
from neurosim.stimuli import OlshausenField, filter_images, load_mnist, sample_patches

HERE = Path(__file__).parent
WHITENING = OlshausenField(cutoff=0.4, ramp=0.5)
SIZE, N_NEURONS, N_TRAIN, N_TEST = 12, 169, 65_536, 16_384
PARTS = {"training": slice(0, 16), "validation": slice(16, 20), "test": slice(20, 24)}
HEURISTICS: dict[str, Any] = {"decoder_rate": 5.0, "initial_dictionary": "stimuli"}
N_EPOCHS = {"natural": 25, "mnist": 24}
# Of models that settle with correlations, and of those beside them: stimuli, and how many of them make a batch.
N_SETTLING, SETTLING_BATCH = 16_384, 16


def kodak(part: str) -> list[NDArray[np.float64]]:
    """Return whitened photographs of one part."""
    path = Path(os.environ["NEUROSIM_DATA"]) / "kodak" / "kodak24_gray_uint8.npz"
    images = [image.astype(float) / 255 for image in np.load(path)["images"][PARTS[part]]]
    return filter_images(images, by=WHITENING)


def stimuli(data: str, part: str, seed: int) -> NDArray[np.float32]:
    """Return stimuli of one part; patches without their means."""
    if data == "natural":
        rng = np.random.default_rng([seed, list(PARTS).index(part)])
        n_patches = N_TRAIN if part == "training" else N_TEST
        rows = sample_patches(kodak(part), n_patches=n_patches, size=SIZE, rng=rng, normalise="mean")
        return rows.astype(np.float32)
    digits = load_mnist("test" if part == "test" else "train").flat.astype(np.float32)
    return {"training": digits[:-10_000], "validation": digits[-10_000:], "test": digits}[part]


def tuned_shares(data: str, prior: str, norm: str) -> tuple[float, float]:
    """Return noise and prior scale that were best on tuning stimuli, over the stimuli's root mean square."""
    rows = stored("svae_tuning").query("best and posterior == 'factorised'")
    [row] = rows.query("data == @data and prior == @prior and norm == @norm").itertuples()
    return row.noise_tried, row.prior_tried


def network(data: str, prior: str, norm: str, seed: int, *, shares: tuple[float, float], rms: float) -> SVAE:
    """Return an unfitted model."""
    return SVAE(
        N_NEURONS,
        prior=prior,
        decoder_norm=norm,
        noise_sd=shares[0] * rms,
        prior_scale=shares[1] * rms,
        decoder_offset=data == "mnist",
        n_epochs=N_EPOCHS[data],
        random_state=seed,
        **HEURISTICS,
    )


def settling_network(
    data: str, posterior: str, norm: str, seed: int, *, n_epochs: int, noise_sd: float | None
) -> SVAE:
    """Return an unfitted model that learns its prior scale, and its noise if none is given."""
    return SVAE(
        N_NEURONS,
        decoder_norm=norm,
        posterior=posterior,
        learn_scales=True,
        noise_sd=noise_sd,
        decoder_offset=data == "mnist",
        learning_rate_schedule="cosine",
        n_epochs=n_epochs,
        batch_size=SETTLING_BATCH,
        random_state=seed,
        **HEURISTICS,
    )


def root_mean_square(rows: NDArray[np.float32]) -> float:
    """Return the size of a pixel."""
    return float(np.sqrt(np.mean(np.square(rows, dtype=np.float64))))


def fitted(data: str, prior: str, norm: str, seed: int, folder: Path) -> tuple[SVAE, NDArray[np.float32]]:
    """Return a model, from the folder if it is there, and the test stimuli."""
    path = folder / f"{data}_{prior}_{norm}_{seed}.pickle"
    if not path.exists():
        rows = stimuli(data, "training", seed)
        shares = tuned_shares(data, prior, norm)
        net = network(data, prior, norm, seed, shares=shares, rms=root_mean_square(rows))
        started = time.perf_counter()
        net.fit(rows)
        net.seconds_per_epoch_ = (time.perf_counter() - started - net.seconds_compile_) / net.n_epochs
        path.write_bytes(pickle.dumps(net))
    return pickle.loads(path.read_bytes()), stimuli(data, "test", seed)


def stored(name: str) -> pd.DataFrame:
    """Return a table kept beside this file; an empty one if there is none."""
    path = HERE / f"{name}.csv"
    return pd.read_csv(path) if path.exists() else pd.DataFrame()


def store(table: pd.DataFrame, name: str) -> None:
    """Print a table and keep it beside this file, dated unless its rows are."""
    dated = table if "date" in table else table.assign(date=datetime.now(UTC).date().isoformat())
    dated.to_csv(HERE / f"{name}.csv", index=False, float_format="%.5g")
    print(table.to_string(index=False, float_format="%.3f"), flush=True)

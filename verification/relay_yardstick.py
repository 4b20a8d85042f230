"""Local low dimensionality behind the relays of recipe `v1`: is it a yardstick there?

Printed by ``python verification/wlsc.py --relays``, one seed. `LocalLowDimensionality` is a reconstruction; behind
whitened patches it lies at .44 bits from macaque. Here it sees what ON and OFF relays answer to the same photographs,
named beforehand: the broad relays alone or both kinds, displacements of two pixels or of one, and half and twice the
weight of the dimensions overall. Fields are compared in the image, through the relays' adjoint, amplitude bound 1.5.
The row of no training has noise for fields: what relays alone give.
"""

import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor import fit_gabors
from neurosim.analysis.v1.model_comparison import seed_divergences
from neurosim.front_end import ParallelFrontEnd
from neurosim.networks.wlsc.local_low_dimensionality import LocalLowDimensionality, shifted_patches
from neurosim.recipes.recipe import load_recipe
from neurosim.stimuli.images.patches import sample_channels
from neurosim.stimuli.kinds.front_end import relays_of

SIZE, N_FIELDS, N_WINDOWS, MARGIN, BORDER = 12, 256, 4000, 6, 8


class Variant(NamedTuple):
    """What a population sees, and what it is to keep low and high."""

    relays: tuple[str, ...]
    step: int = 2
    global_weight: float = 1.0
    n_epochs: int = 30


VARIANTS = {
    "not trained": Variant(("broad",), n_epochs=0),
    "broad relays": Variant(("broad",)),
    "broad relays, steps of one pixel": Variant(("broad",), step=1),
    "broad relays, weight .5": Variant(("broad",), global_weight=0.5),
    "broad relays, weight 2": Variant(("broad",), global_weight=2.0),
    "both relays": Variant(("broad", "sharp")),
}


def relay_table(have: pd.DataFrame, images: list[NDArray[np.float64]]) -> pd.DataFrame:
    """Return a row for every variant: those that stand in the table, and what was missing."""
    missing = [name for name in VARIANTS if name not in set(have.get("variant", ()))]
    rows = [relayed(name, VARIANTS[name], images) for name in missing]
    return pd.concat([have, pd.DataFrame(rows)], ignore_index=True) if rows else have


def relayed(name: str, variant: Variant, images: list[NDArray[np.float64]]) -> dict[str, Any]:
    """Train a variant and return how far from macaque its fields are, as a row."""
    started = time.process_time()
    front_end, windows = _windows(variant, images)
    net = LocalLowDimensionality(
        N_FIELDS,
        n_epochs=max(variant.n_epochs, 1),
        learning_rate=0.02 if variant.n_epochs else 1e-12,
        global_weight=variant.global_weight,
        random_state=0,
    ).fit(windows if variant.n_epochs else windows[:200])
    local, overall = net.dimensionalities(windows[:200])
    channels = net.dictionary_.astype(float).reshape(N_FIELDS, -1, SIZE, SIZE)
    fits = fit_gabors(front_end.adjoint(channels, margin=MARGIN))
    like = fits[fits["gabor_like"]]
    row = {"variant": name, "relays": " ".join(variant.relays), "step": variant.step}
    row |= {"global_weight": variant.global_weight, "n_epochs": variant.n_epochs}
    row |= {"js_bits": float(seed_divergences(fits)[0]), "gabor_like_share": float(fits["gabor_like"].mean())}
    row |= {"nx_median": like["nx"].median(), "ny_median": like["ny"].median()}
    row |= {"local_dimensionality": local, "global_dimensionality": overall}
    row |= {"processor_s": time.process_time() - started, "date": datetime.now(UTC).date().isoformat()}
    print(row, flush=True)
    return row


def _windows(
    variant: Variant, images: list[NDArray[np.float64]]
) -> tuple[ParallelFrontEnd, NDArray[np.floating[Any]]]:
    """Return the relays, adapted to the photographs, and patches of their answers at small displacements."""
    background = float(np.mean([image.mean() for image in images]))
    named = {str(k): image - background for k, image in enumerate(images)}
    kinds = [relay for relay in load_recipe("v1").stimuli.relays if relay.name in variant.relays]
    front_end = relays_of(kinds, named)
    shown = {name: front_end.apply(image[None])[0] for name, image in named.items()}
    size = SIZE + 2 * variant.step
    how: Any = {"rng": np.random.default_rng(0), "border": BORDER, "dtype": np.float32}
    rows = sample_channels(shown, n_patches=N_WINDOWS, size=size, **how)
    windows = rows.reshape(N_WINDOWS, -1, size, size)
    cut = [shifted_patches(windows[:, k], size=SIZE, step=variant.step) for k in range(windows.shape[1])]
    return front_end, np.concatenate(cut, axis=2)

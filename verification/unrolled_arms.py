"""Where training by back-propagation differs from the local rule: layers of the encoder, and length of training.

Printed by ``python verification/wlsc.py --unrolled``. Where the code is settled, it minimises the objective, so the
slope through the encoder is the slope with the code held: that of the local rule. The rows say how far fifteen layers
are from that, and what three times as many updates change.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.gabor import fit_gabors
from neurosim.analysis.spaces import fields_in_both_spaces
from neurosim.analysis.v1_arms import seed_divergences
from neurosim.networks.backprop import UnrolledWLSC, batch_loss
from neurosim.networks.unrolled import Penalty, unrolled_code, wlsc_objective

LAYERS = (15, 50, 200, 1000)
SETTLED = 5000  # layers; the slope is the local rule's to seven digits
LONGER = 3
N_STIMULI = 500
Floats = NDArray[np.float64]


def local_rule(dictionary: Floats, stimuli: Floats, penalty: Penalty) -> Floats:
    """Return the mean of x(y − Φᵀx) + 2λ|x|(y − φ) over stimuli, x being the settled code."""
    code = unrolled_code(stimuli, dictionary, penalty, n_layers=SETTLED)
    size = np.abs(code)
    pull = size.T @ stimuli - size.sum(axis=0)[:, np.newaxis] * dictionary
    moved: Floats = (code.T @ (stimuli - code @ dictionary) + 2 * penalty.locality * pull) / len(stimuli)
    return moved


def slopes(dictionary: Floats, stimuli: Floats, penalty: Penalty, *, unit: bool) -> list[dict[str, Any]]:
    """Return for each number of layers how like the local rule the slope is, and the code's cost above the least."""
    import jax

    wanted = _learnable(local_rule(dictionary, stimuli, penalty), dictionary, unit=unit)
    least = wlsc_objective(
        stimuli, unrolled_code(stimuli, dictionary, penalty, n_layers=SETTLED), dictionary, penalty
    ).mean()
    rows = []
    for n_layers in LAYERS:
        slope, _ = jax.grad(batch_loss, has_aux=True)(
            dictionary.astype(np.float32), stimuli.astype(np.float32), penalty=penalty, n_layers=n_layers
        )
        found = -_learnable(np.asarray(slope, dtype=float), dictionary, unit=unit)
        code = unrolled_code(stimuli, dictionary, penalty, n_layers=n_layers)
        excess = wlsc_objective(stimuli, code, dictionary, penalty).mean() / least - 1
        cosine = (found * wanted).sum() / np.linalg.norm(found) / np.linalg.norm(wanted)
        rows.append({"n_layers": n_layers, "cosine": cosine, "objective_excess_percent": 100 * excess})
    return rows


def unrolled(
    arm: str, settings: dict[str, Any], stimuli: NDArray[np.float32], *, whitening: Any
) -> pd.DataFrame:
    """Train an arm three times as long; return its distance to macaque, its norms, its slopes before and after."""
    settings = settings | {"n_epochs": LONGER * settings["n_epochs"], "random_state": 0}
    penalty, unit = (
        Penalty(settings.get("threshold", 0.0), settings["locality"]),
        settings.get("norm") == "unit",
    )
    some = stimuli[:N_STIMULI].astype(float)
    start = UnrolledWLSC(**settings | {"n_epochs": 1, "learning_rate": 0.0}).fit(stimuli[:1000]).dictionary_
    net = UnrolledWLSC(**settings).fit(stimuli)
    tables = []
    for when, fields in (("start", start), ("end", net.dictionary_)):
        table = pd.DataFrame(slopes(fields.astype(float), some, penalty, unit=unit))
        tables.append(table.assign(arm=arm, fields=when))
    found = pd.concat(tables, ignore_index=True)
    return found.assign(n_updates=len(net.history_), **_distance(net.dictionary_, whitening))


def _distance(dictionary: NDArray[Any], whitening: Any) -> dict[str, float]:
    size = round(np.sqrt(dictionary.shape[1]))
    fields = fields_in_both_spaces(dictionary.astype(float).reshape(-1, size, size), whitening)["image"]
    fits = fit_gabors(fields)
    low, high = np.quantile(np.linalg.norm(dictionary, axis=1), (0.1, 0.9))
    share = float(fits["gabor_like"].mean())
    return {
        "js_bits": float(seed_divergences(fits)[0]),
        "gabor_like_share": share,
        "norm_10": low,
        "norm_90": high,
    }


def _learnable(slope: Floats, dictionary: Floats, *, unit: bool) -> Floats:
    """Return what is left of a slope where fields keep unit norm."""
    return slope - (slope * dictionary).sum(axis=1, keepdims=True) * dictionary if unit else slope

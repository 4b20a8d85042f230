"""Where training by back-propagation differs from the local rule: layers of the encoder, and length of training.

Printed by ``python verification/wlsc.py --unrolled``, one seed. A settled code minimises the objective, so the slope
through the encoder is then the slope with the code held: that of the local rule. Rows say how like the local rule's
the slope is after so many layers (`cosine_15` …), what the code then costs above the least (`excess_percent_15` …), and
how far from macaque the fields end that were trained longer, or through more layers.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor import fit_gabors
from neurosim.analysis.fields.spaces import fields_in_both_spaces
from neurosim.analysis.v1.model_comparison import seed_divergences
from neurosim.networks.wlsc.backprop import UnrolledWLSC, batch_loss
from neurosim.networks.wlsc.unrolled import Penalty, unrolled_code, wlsc_objective

# Layers trained through, and how many times as long as the model of the comparison; 0 are the fields at the start.
VARIANTS = ((15, 0), (15, 3), (50, 1))
LAYERS = (15, 50, 200, 1000)
SETTLED = 5000
N_STIMULI = 500
Floats = NDArray[np.float64]


def local_rule(dictionary: Floats, stimuli: Floats, penalty: Penalty) -> Floats:
    """Return the mean of x(y − Φᵀx) + 2λ|x|(y − φ) over stimuli, x being the settled code."""
    code = unrolled_code(stimuli, dictionary, penalty, n_layers=SETTLED)
    size = np.abs(code)
    pull = size.T @ stimuli - size.sum(axis=0)[:, np.newaxis] * dictionary
    moved: Floats = (code.T @ (stimuli - code @ dictionary) + 2 * penalty.locality * pull) / len(stimuli)
    return moved


def slopes(dictionary: Floats, stimuli: Floats, penalty: Penalty, *, unit: bool) -> dict[str, float]:
    """Return for each number of layers how like the local rule the slope is, and the code's cost above the least."""
    import jax

    def cost(n_layers: int) -> float:
        code = unrolled_code(stimuli, dictionary, penalty, n_layers=n_layers)
        return float(wlsc_objective(stimuli, code, dictionary, penalty).mean())

    wanted, found = _learnable(local_rule(dictionary, stimuli, penalty), dictionary, unit=unit), {}
    given = dictionary.astype(np.float32), stimuli.astype(np.float32)
    for n_layers in LAYERS:
        slope, _ = jax.grad(batch_loss, has_aux=True)(*given, penalty=penalty, n_layers=n_layers)
        down = -_learnable(np.asarray(slope, dtype=float), dictionary, unit=unit)
        cosine = (down * wanted).sum() / np.linalg.norm(down) / np.linalg.norm(wanted)
        found[f"cosine_{n_layers}"] = float(cosine)
        found[f"excess_percent_{n_layers}"] = 100 * (cost(n_layers) / cost(SETTLED) - 1)
    return found


def unrolled(
    model: str,
    settings: dict[str, Any],
    stimuli: NDArray[np.float32],
    *,
    whitening: Any,
    variant: tuple[int, int],
) -> dict[str, Any]:
    """Train a variant of a model and return where its fields ended and what the slope is there, as a row."""
    n_layers, times = variant
    penalty = Penalty(settings.get("threshold", 0.0), settings["locality"])
    longer = {"n_layers": n_layers, "n_epochs": max(1, times * settings["n_epochs"]), "random_state": 0}
    if times == 0:
        longer["learning_rate"] = 0.0
    net = UnrolledWLSC(**settings | longer).fit(stimuli if times else stimuli[:1000])
    fields = net.dictionary_.astype(float)
    row = {"arm": model, "trained_layers": n_layers, "times_as_long": times}
    row |= {"n_updates": len(net.history_) if times else 0} | shapes(fields, whitening)
    row |= slopes(fields, stimuli[:N_STIMULI].astype(float), penalty, unit=settings.get("norm") == "unit")
    print(row, flush=True)
    return row


def unrolled_table(
    have: pd.DataFrame, models: dict[str, dict[str, Any]], stimuli: NDArray[np.float32], *, whitening: Any
) -> pd.DataFrame:
    """Return a row for every model and variant: those that stand in the table, and what was missing."""
    keys = ("arm", "trained_layers", "times_as_long")
    stands = set(zip(*(have.get(key, ()) for key in keys), strict=True))
    missing = [(model, each) for model in models for each in VARIANTS if (model, *each) not in stands]
    rows = [
        unrolled(model, models[model], stimuli, whitening=whitening, variant=each) for model, each in missing
    ]
    today = pd.Timestamp.now("UTC").date().isoformat()
    return pd.concat([have, pd.DataFrame(rows).assign(date=today)], ignore_index=True) if rows else have


def shapes(dictionary: Floats, whitening: Any) -> dict[str, float]:
    """Return how far from macaque fields are in the image, the share that is like a Gabor function, and norms."""
    size = round(np.sqrt(dictionary.shape[1]))
    fits = fit_gabors(fields_in_both_spaces(dictionary.reshape(-1, size, size), whitening)["image"])
    low, high = np.quantile(np.linalg.norm(dictionary, axis=1), (0.1, 0.9))
    share, js = float(fits["gabor_like"].mean()), float(seed_divergences(fits)[0])
    return {"js_bits": js, "gabor_like_share": share, "norm_10": low, "norm_90": high}


def _learnable(slope: Floats, dictionary: Floats, *, unit: bool) -> Floats:
    """Return what is left of a slope where fields keep unit norm."""
    return slope - (slope * dictionary).sum(axis=1, keepdims=True) * dictionary if unit else slope

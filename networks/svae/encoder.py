"""The feed-forward network that infers activities from a stimulus: means and spreads of a normal posterior."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.estimator.jax_arrays import Arrays

__all__ = ["Encoder", "posterior", "starting_encoder"]

Encoder = dict[str, list[tuple[Any, Any]]]
"""Layers (weights, offsets) by part: ``shared``, ``means`` and ``spreads``."""

# Spreads start at a third of the prior's scale: near one, nothing of the stimulus would come through.
_FIRST_LOG_SD = float(np.log(1 / 3))
_LEAST_LOG_SD, _GREATEST_LOG_SD = -12.0, 6.0


def starting_encoder(
    n_pixels: int,
    n_neurons: int,
    *,
    hidden: Sequence[int],
    hidden_spread: int,
    rng: np.random.Generator,
) -> Encoder:
    """Return random float32 layers, by name: weights (n_in, n_out) and offsets (n_out,).

    The first of the `hidden` layers is shared with the spreads, which have one more of width `hidden_spread`. Weights
    have variance 2/n_in, which keeps the size of what rectified layers pass on; those of the last layers a hundredth of
    that, so that posterior means start near zero.
    """
    first, *others = hidden
    encoder = {
        "shared": _layers([n_pixels, first], rng),
        "means": _layers([first, *others, n_neurons], rng, last=0.1),
        "spreads": _layers([first, hidden_spread, n_neurons], rng, last=0.1),
    }
    encoder["spreads"][-1][1][:] = _FIRST_LOG_SD
    return encoder


def _layers(
    widths: Sequence[int], rng: np.random.Generator, *, last: float = 1.0
) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    layers = []
    for k, (n_in, n_out) in enumerate(pairwise(widths), start=2):
        factor = last if k == len(widths) else 1.0
        weights = rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in) * factor
        layers.append((weights.astype(np.float32), np.zeros(n_out, dtype=np.float32)))
    return layers


def posterior(encoder: Encoder, stimuli: Any, arrays: Arrays) -> tuple[Any, Any]:
    """Return means and standard deviations of the activities, in units of the prior's scale.

    Parameters
    ----------
    encoder : dict
        From `starting_encoder`, or learned.
    stimuli : array, shape (n_stimuli, n_pixels)
        In the unit the encoder was made for.
    arrays : Arrays
        Whose functions to use.

    Returns
    -------
    means, sds : arrays, shape (n_stimuli, n_neurons)
        Spreads are held between e⁻¹² and e⁶, where the bound is finite in single precision.
    """
    shared = _passed(encoder["shared"], stimuli, arrays)
    shared = arrays.math.maximum(shared, 0)
    log_sds = _passed(encoder["spreads"], shared, arrays)
    held = arrays.math.clip(log_sds, _LEAST_LOG_SD, _GREATEST_LOG_SD)
    return _passed(encoder["means"], shared, arrays), arrays.math.exp(held)


def _passed(layers: list[tuple[Any, Any]], values: Any, arrays: Arrays) -> Any:
    for k, (weights, offsets) in enumerate(layers):
        values = values @ weights + offsets
        if k + 1 < len(layers):
            values = arrays.math.maximum(values, 0)
    return values

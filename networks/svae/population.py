"""The membrane population behind an autoencoder: the same fields and prior, and activities that settle."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim.networks.estimator.training_data import validated_stimuli
from neurosim.networks.lca.lca import LCA
from neurosim.networks.svae.fitted import FittedSVAE
from neurosim.networks.wlsc.wlsc import WLSC

__all__ = [
    "WITHOUT_LATERAL_INHIBITION",
    "compare_inference",
    "log_joint",
    "log_joint_drop",
    "matching_threshold",
    "settled_population",
]

WITHOUT_LATERAL_INHIBITION = "+ inhibition"
"""``membrane_terms`` of a `WLSC` that take the lateral inhibition back: each neuron responds as if it were alone."""

# Fields this close to unit norm are those of an LCA.
_UNIT = 1e-4


def matching_threshold(*, noise_sd: float, prior_scale: float) -> float:
    """Return the threshold with which membranes settle at the most probable activities: σ²/b.

    −log p(x, a) = ‖x − Φᵀa‖²/2σ² + Σ|a|/b + const for a Laplace prior of scale b, which times σ² is the LASSO's
    objective with λ = σ²/b.

    Examples
    --------
    >>> matching_threshold(noise_sd=0.5, prior_scale=0.25)
    1.0
    """
    return noise_sd**2 / prior_scale


def settled_population(net: FittedSVAE, **options: Any) -> LCA | WLSC:
    """Return a population whose membranes settle at the most probable activities under an autoencoder's decoder.

    Parameters
    ----------
    net : SVAE
        Fitted, with the Laplace prior.
    **options
        Of the population: ``presentation``, ``tolerance``, ``backend`` and others.

    Returns
    -------
    LCA or WLSC
        An `LCA` if fields have unit norm, else a `WLSC` without locality, which takes fields of any norm.

    Raises
    ------
    ValueError
        If the prior is another one, which no threshold stands for, or the decoder has an offset.
    """
    check_is_fitted(net, "dictionary_")
    if net.prior != "laplace":
        raise ValueError(
            f"prior: expected 'laplace', whose most probable activities a threshold finds, got {net.prior!r}; train "
            "with the Laplace prior"
        )
    if np.any(net.decoder_offset_):
        raise ValueError(
            "decoder_offset: expected a decoder without an offset, which a population does not have; subtract "
            "decoder_offset_ from the stimuli and train with decoder_offset=False"
        )
    threshold = matching_threshold(noise_sd=net.noise_sd_, prior_scale=net.prior_scale_)
    if np.allclose(np.linalg.norm(net.dictionary_, axis=1), 1, atol=_UNIT):
        return LCA.from_dictionary(net.dictionary_, threshold=threshold, **options)
    return WLSC.from_dictionary(
        net.dictionary_, threshold=threshold, locality=0.0, code="signed", norm="free", **options
    )


def log_joint(
    stimuli: ArrayLike, code: ArrayLike, dictionary: ArrayLike, *, noise_sd: float, prior_scale: float
) -> NDArray[np.float64]:
    """Return log p(x, a) per stimulus under a Laplace prior, in nats, but for a constant."""
    activity = np.asarray(code, dtype=np.float64)
    residual = np.asarray(stimuli, dtype=np.float64) - activity @ np.asarray(dictionary)
    cost = np.abs(activity).sum(axis=1) / prior_scale
    joint: NDArray[np.float64] = -(residual**2).sum(axis=1) / (2 * noise_sd**2) - cost
    return joint


def log_joint_drop(
    stimuli: ArrayLike, code: ArrayLike, dictionary: ArrayLike, *, noise_sd: float
) -> NDArray[np.float64]:
    """Return how far log p(x, a) drops, in nats, if one field is zero and activities stay; (n_stimuli, n_neurons).

    What `neurosim.networks.svae.bounds.elbo_drop` is to a posterior with a spread, this is to settled activities.
    """
    activity, fields = np.asarray(code, dtype=np.float64), np.asarray(dictionary, dtype=np.float64)
    residual = np.asarray(stimuli, dtype=np.float64) - activity @ fields
    gained = 2 * activity * (residual @ fields.T) + activity**2 * (fields**2).sum(axis=1)
    drop: NDArray[np.float64] = gained / (2 * noise_sd**2)
    return drop


def compare_inference(net: FittedSVAE, X: ArrayLike, **options: Any) -> pd.DataFrame:
    """Return how far an autoencoder's posterior means are from what its population settles at, per stimulus.

    Parameters
    ----------
    net : SVAE
        Fitted, with the Laplace prior.
    X : array_like, shape (n_stimuli, n_pixels)
        Held-out stimuli.
    **options
        Of the population.

    Returns
    -------
    DataFrame
        ``cosine`` between posterior means and settled activities; ``distance``, the norm of their difference over that
        of the settled ones (zero or not a number where all are silent); ``gap_nats``, by how much more probable the
        settled activities are together with the stimulus; ``active_settled``, how many neurons are active.
    """
    stimuli = validated_stimuli(net, X, reset=False)
    means = net.transform(stimuli).astype(np.float64)
    settled = np.asarray(settled_population(net, **options).transform(stimuli), dtype=np.float64)
    how = {"noise_sd": net.noise_sd_, "prior_scale": net.prior_scale_}
    sizes = np.linalg.norm(settled, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = (means * settled).sum(axis=1) / (sizes * np.linalg.norm(means, axis=1))
        distance = np.linalg.norm(means - settled, axis=1) / sizes
    gap = log_joint(stimuli, settled, net.dictionary_, **how) - log_joint(
        stimuli, means, net.dictionary_, **how
    )
    return pd.DataFrame(
        {
            "cosine": cosine,
            "distance": distance,
            "gap_nats": gap,
            "active_settled": (settled != 0).sum(axis=1),
        }
    )

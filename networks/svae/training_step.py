"""One step of learning of the sparse-coding autoencoder: Adam on minus the bound, and the norm of the decoder."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from neurosim.networks.estimator.jax_arrays import Arrays, jax_and_optax, jax_arrays
from neurosim.networks.svae.bounds import (
    Decoder,
    divergence,
    expected_log_likelihood,
    log_likelihood_at,
)
from neurosim.networks.svae.encoder import posterior
from neurosim.networks.svae.posteriors import settled
from neurosim.networks.svae.priors import prior_named

__all__ = ["Objective", "Step", "negative_bound", "normed", "step_of"]

Step = Callable[..., tuple[Any, Any, Any]]


@dataclass(frozen=True)
class Objective:
    """What is minimised, in units of the stimuli's root mean square.

    Parameters
    ----------
    prior : str
    prior_scale, noise_sd : float
        Those at the start, if weights have ``scales``: logarithms of noise and prior scale over these.
    norm : {"unit", "free", "max"}
        Of the dictionary's rows: one, any, or at most one.
    offset : bool
        Whether the decoder learns an offset.
    n_samples : int
        Draws for the divergence from a prior without a closed form.
    decoder_rate : float
        Rate of the decoder over that of the encoder.
    posterior_steps : int
        Newton steps of the correlated posterior; zero for the factorised one.
    learned_scales : tuple of bool
        Which of noise and prior scale are learned, if weights have ``scales``.
    """

    prior: str
    prior_scale: float
    noise_sd: float
    norm: str
    offset: bool
    n_samples: int
    decoder_rate: float
    posterior_steps: int = 0
    learned_scales: tuple[bool, bool] = (True, True)

    def decoder(self, weights: dict[str, Any], arrays: Arrays) -> Decoder:
        """Return the generative half that weights are."""
        noise_sd, prior_scale = self.noise_sd, self.prior_scale
        if "scales" in weights:
            ratios = arrays.math.exp(weights["scales"])
            noise_sd, prior_scale = noise_sd * ratios[0], prior_scale * ratios[1]
        return Decoder(prior_scale * weights["dictionary"], weights["offset"], noise_sd)


def negative_bound(
    weights: dict[str, Any], stimuli: Any, draws: Any, warm: Any, *, objective: Objective, arrays: Arrays
) -> tuple[Any, Any]:
    """Return minus the mean bound of a batch, the divergence times `warm` in [0, 1]; and its two parts."""
    guess, decoder = posterior(weights["encoder"], stimuli, arrays), objective.decoder(weights, arrays)
    if objective.posterior_steps:
        return _of_correlated(stimuli, guess, decoder, objective=objective, arrays=arrays)
    likelihood = expected_log_likelihood(stimuli, *guess, decoder, arrays).mean()
    prior = prior_named(objective.prior)
    apart = divergence(*guess, draws, prior=prior, arrays=arrays).sum(axis=1).mean()
    return warm * apart - likelihood, (likelihood, apart)


def _of_correlated(
    stimuli: Any, guess: tuple[Any, Any], decoder: Decoder, *, objective: Objective, arrays: Arrays
) -> tuple[Any, Any]:
    """Return the same with correlations: the decoder learns from the settled posterior, the encoder to guess it.

    The settled posterior is where the bound is highest, so the decoder's slope is that at a posterior which is held.
    Added is what the encoder misses, the divergence of its normal densities from the marginals; no other part has
    a slope for the encoder, and this one none for the decoder.
    """
    held, prior = arrays.held, prior_named(objective.prior)
    fixed = Decoder(held(decoder.filters), held(decoder.offset), held(decoder.noise_sd))
    start = (held(guess[0]), held(guess[1]))
    found = settled(stimuli, start, fixed, prior=prior, n_steps=objective.posterior_steps, arrays=arrays)
    rows = found.inverse_root.reshape(-1, found.means.shape[1])
    covariance = rows.T @ rows / len(stimuli)
    spread = ((covariance @ decoder.filters) * decoder.filters).sum() / (2 * decoder.noise_sd**2)
    likelihood = log_likelihood_at(stimuli, found.means, decoder, arrays).mean() - spread
    apart = divergence(found.means, found.sds, None, prior=prior, arrays=arrays).sum(axis=1)
    apart = (apart + found.total_correlation(arrays)).mean()
    means, sds = guess
    square = (found.sds**2 + (found.means - means) ** 2) / sds**2
    missed = (arrays.math.log(sds / found.sds) + (square - 1) / 2).sum(axis=1).mean()
    return apart - likelihood + missed, (likelihood, apart)


def normed(dictionary: Any, *, norm: str, math: Any) -> Any:
    """Return a dictionary (n_neurons, n_pixels) with the norms that are allowed."""
    if norm == "free":
        return dictionary
    norms = math.linalg.norm(dictionary, axis=1, keepdims=True)
    return dictionary / (norms if norm == "unit" else math.maximum(norms, 1))


# Kept, because compiling takes seconds.
@lru_cache(maxsize=16)
def step_of(objective: Objective) -> tuple[Step, Callable[[Any], Any]]:
    """Return a compiled step of learning and what makes Adam's starting moments.

    ``step(weights, moments, stimuli, key=, number=, rate=, warm=)`` gives weights, moments and the two parts of the
    bound; draws follow from the key and the step's number.
    """
    jax, optax = jax_and_optax("svae")
    adam = optax.scale_by_adam()
    loss = partial(negative_bound, objective=objective, arrays=jax_arrays())

    def step(
        weights: Any, moments: Any, stimuli: Any, *, key: Any, number: Any, rate: Any, warm: Any
    ) -> tuple[Any, Any, Any]:
        shape = (objective.n_samples, len(stimuli), len(weights["dictionary"]))
        draws = _draws(jax, key, number, shape, prior=objective.prior)
        (_, parts), slope = jax.value_and_grad(loss, has_aux=True)(weights, stimuli, draws, warm)
        direction, moments = adam.update(slope, moments)
        rates = {
            "encoder": rate,
            "dictionary": rate * objective.decoder_rate,
            "offset": rate * objective.decoder_rate * objective.offset,
            "scales": rate
            * objective.decoder_rate
            * jax.numpy.asarray(objective.learned_scales, dtype="float32"),
        }
        moved = {
            name: jax.tree.map(lambda w, d, rate=rates[name]: w - rate * d, part, direction[name])
            for name, part in weights.items()
        }
        moved["dictionary"] = normed(moved["dictionary"], norm=objective.norm, math=jax.numpy)
        return moved, moments, parts

    return jax.jit(step, donate_argnums=(0, 1)), adam.init


def _draws(jax: Any, key: Any, number: Any, shape: tuple[int, ...], *, prior: str) -> Any:
    if prior_named(prior).divergence is not None:
        return jax.numpy.zeros((1, 1, 1))
    return jax.random.normal(jax.random.fold_in(key, number), shape)

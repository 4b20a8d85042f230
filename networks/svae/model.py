"""The sparse-coding autoencoder, its parameters stated once."""

from collections.abc import Callable, Sequence
from dataclasses import field
from itertools import pairwise
from math import prod
from typing import Annotated, Any

from neurosim.networks.parameters import LearnedParameters
from neurosim.registry.model import Learned, Model
from neurosim.registry.network_section import section_of
from neurosim.registry.parameters import Flag, Number, OneOf, Whole, parameters

PRIOR_NAMES = ("laplace", "cauchy", "gaussian", "student_t", "spike_and_slab")
NORMS = ("unit", "free", "max")
POSTERIORS = ("factorised", "correlated")
CONCAVE = ("laplace", "gaussian")
"""Priors whose log density is concave, so that what they add to a posterior's precision is not below zero."""


def _the_posterior_exists(values: Any, _: Callable[[str], Any]) -> None:
    if values.posterior != "correlated":
        return
    if values.prior not in CONCAVE:
        raise ValueError(
            "posterior: 'correlated' goes with prior='laplace' or 'gaussian', whose log density is concave, got "
            f"prior={values.prior!r}; take one of these, or posterior='factorised'"
        )
    if values.warm_up:
        raise ValueError(
            "posterior: 'correlated' goes with warm_up=0, as it settles with the divergence at its full weight, got "
            f"warm_up={values.warm_up!r}"
        )


@parameters(posterior=_the_posterior_exists)
class SVAEParameters(LearnedParameters):
    """What is assumed of stimuli, how large the encoder is, and how both learn."""

    n_neurons: int = field(default=169, kw_only=False)
    prior: Annotated[
        str,
        OneOf(PRIOR_NAMES),
        "Density of an activity before anything is seen. Student-t has three degrees of freedom; spike and slab is a "
        "spike of width .1 below a slab with a share of .2.",
    ] = "laplace"
    prior_scale: Annotated[
        float | None,
        Number(),
        "Scale of the prior, in the unit of the stimuli; .36 of their root mean square by default.",
    ] = None
    noise_sd: Annotated[
        float | None,
        Number(),
        "σ, the standard deviation of a pixel's noise, in the unit of the stimuli; .45 of their contrast by default, "
        "their root mean square after each one's own mean is taken away.",
    ] = None
    learn_scales: Annotated[
        bool,
        Flag(),
        "Learn noise and prior scale together with the fields, from the defaults on; one that is given is kept.",
    ] = False
    posterior: Annotated[
        str,
        OneOf(POSTERIORS),
        "What is inferred from a stimulus: independent activities, as the encoder says; or activities with the "
        "correlations that overlapping fields make, by Newton steps from there (Laplace and Gaussian prior).",
    ] = "factorised"
    posterior_steps: Annotated[
        int, Whole(), "Newton steps of the correlated posterior, in learning and afterwards."
    ] = 2
    decoder_norm: Annotated[
        str, OneOf(NORMS), "Norms of the fields after every step: one, any, or at most one."
    ] = "unit"
    hidden: Annotated[
        Sequence[int],
        Whole(several=True),
        "Widths of the encoder's layers; the first is shared by means and spreads.",
    ] = (128, 256, 256)
    hidden_spread: Annotated[int, Whole(), "Width of the further layer between that one and the spreads."] = (
        512
    )
    n_epochs: int = 20
    batch_size: int = 128
    learning_rate: Annotated[
        float,
        "Of Adam, a rule that makes about equal steps whatever the slope: how far a weight moves per batch, for "
        "stimuli of root mean square one, to which all are brought. So it is a pure number.",
    ] = 1e-3
    learning_rate_schedule: str = "cosine"
    decoder_rate: Annotated[float, Number(or_zero=True), "Rate of the decoder over that of the encoder."] = (
        1.0
    )
    warm_up: Annotated[
        float,
        Number(or_zero=True),
        "Epochs over which the weight of the divergence rises from zero to one.",
    ] = 0.0
    decoder_offset: Annotated[
        bool, Flag(), "Let the decoder learn an offset, for stimuli whose mean is not zero."
    ] = False
    n_samples: Annotated[int, Whole(), "Draws per stimulus for priors without a closed-form divergence."] = 1


SVAESection = section_of(SVAEParameters, model="svae")


def _encoder(section: Any, n_pixels: int) -> dict[str, tuple[str, int]]:
    widths = [n_pixels, *section.hidden, section.hidden_spread, section.n_neurons]
    return {"encoder": ("hidden", sum(prod(pair) for pair in pairwise(widths)))}


def _require_jax() -> None:
    from neurosim.networks.estimator.jax_arrays import jax_and_optax

    jax_and_optax("svae")


MODELS = (
    Model(
        section=SVAESection,
        estimator="neurosim.networks.svae.svae:SVAE",
        title="SVAE: a sparse-coding autoencoder with norms of its filters held or free",
        citation="Barello, Charles & Pillow 2018, doi:10.1101/399246; Jiang & de la Iglesia 2021, arXiv:2101.09453",
        capabilities=frozenset({"likelihood", "dense"}),
        learned=(
            Learned(
                "noise_sd_",
                "noise_sd",
                (),
                "standard deviation of a pixel about what the code stands for, in its unit",
            ),
            Learned(
                "prior_scale_", "prior_scale", (), "scale of an activity's prior, in the unit of the stimuli"
            ),
            Learned("decoder_offset_", "decoder_offset", ("pixel",), "what no activity stands for"),
        ),
        weights=_encoder,
        require=_require_jax,
        untiled="its codes come from an encoder of whole patches, not from neurons that inhibit each other",
    ),
)

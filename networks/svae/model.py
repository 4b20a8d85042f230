"""The sparse-coding autoencoder as recipes know it."""

from itertools import pairwise
from math import prod
from typing import Any

from neurosim.networks.svae.parameters import SVAEParameters
from neurosim.registry.model import Learned, Model
from neurosim.registry.network_section import section_of

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
    ),
)

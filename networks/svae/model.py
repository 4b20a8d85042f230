"""The sparse-coding autoencoder as recipes know it."""

from itertools import pairwise
from math import prod
from typing import Annotated, Literal

from pydantic import Field

from neurosim.registry.model import Learned, Model
from neurosim.registry.parameter_types import InitialDictionary, Schedule
from neurosim.registry.section import Section


class SVAESection(Section):
    """Parameters of `neurosim.networks.SVAE`; the recipe's seed takes the place of ``random_state``."""

    model: Literal["svae"] = "svae"
    """Which network."""
    n_neurons: int = Field(default=169, ge=1)
    """Size of the population."""
    prior: Literal["laplace", "cauchy", "gaussian", "student_t", "spike_and_slab"] = "laplace"
    """Density of an activity before anything is seen."""
    prior_scale: float | None = Field(default=None, gt=0)
    """Its scale, in the unit of the stimuli; left out, a share of their root mean square."""
    noise_sd: float | None = Field(default=None, gt=0)
    """Standard deviation of the noise of a pixel, in that unit; left out, a share of their contrast."""
    decoder_norm: Literal["unit", "free", "max"] = "unit"
    """Norms of the fields after every step: one, any, or at most one."""
    hidden: list[Annotated[int, Field(ge=1)]] = Field(default=[128, 256, 256], min_length=1)
    """Widths of the encoder's layers; the first is shared by means and spreads."""
    hidden_spread: int = Field(default=512, ge=1)
    """Width of the further layer between that one and the spreads."""
    n_epochs: int = Field(default=20, ge=1)
    """How often the training stimuli are gone through."""
    batch_size: int = Field(default=128, ge=1)
    """Stimuli that one step of learning averages over."""
    learning_rate: float = Field(default=0.001, gt=0)
    """Of Adam: how far a weight moves per step, for stimuli brought to a root mean square of one."""
    learning_rate_schedule: Schedule = "cosine"
    """How the rate falls in the course of training."""
    decoder_rate: float = Field(default=1.0, ge=0)
    """Rate of the decoder over that of the encoder."""
    warm_up: float = Field(default=0.0, ge=0)
    """Epochs over which the weight of the divergence rises from zero to one."""
    initial_dictionary: InitialDictionary = "noise"
    """Fields learning starts from: random directions, or randomly chosen stimuli."""
    decoder_offset: bool = False
    """Let the decoder learn an offset, for stimuli whose mean is not zero."""
    n_samples: int = Field(default=1, ge=1)
    """Draws per stimulus for priors without a closed-form divergence."""


def _encoder(section: SVAESection, n_pixels: int) -> dict[str, tuple[str, int]]:
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

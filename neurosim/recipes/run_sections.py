"""The sections of a recipe that say what is measured and what the run is called."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from neurosim.recipes.file_names import FileName
from neurosim.registry.section import Section


class AnalysisSection(Section):
    """How fields are fitted and compared with cortex."""

    amplitude_bound: float = Field(default=1.5, ge=1)
    """Largest Gabor amplitude, in units of the field's own peak."""
    bound_sweep: list[Annotated[float, Field(ge=1)]] = Field(default=[1.1, 1.5, 2.0, 3.0])
    """Amplitude bounds for which the distance to cortex is reported."""
    n_starts: int = Field(default=12, ge=1)
    """Starting points of every Gabor fit."""
    n_bootstrap: int = Field(default=1_000, ge=100)
    """Resamplings behind the interval of the distance to cortex."""
    margin: int = Field(default=8, ge=0, le=64)
    """Pixels by which a field in the image is wider than its patch on each side: the filter's reach."""
    fields: Literal["adjoint", "both", "reverse_correlation"] = "adjoint"
    """Which fields in the image are compared with cortex: those computed from the weights, through the adjoint of the
    filter; the same, with those mapped by reverse correlation beside them; or the mapped ones, the others beside."""
    noise_frames: int = Field(default=20_000, ge=1_000)
    """Frames of white noise that fields are mapped with."""


class LinkedSection(Section):
    """What is read out of the codes of modalities that were learned together."""

    present: list[str] | None = None
    """Modalities that codes are found from; left out, both eyes, or else the first modality alone."""
    want: str | None = None
    """Modality that is recalled from them; left out, the first of the others."""
    classifiers: list[Literal["logistic", "linear_svm", "rbf_svm"]] = Field(
        default=["logistic", "linear_svm", "rbf_svm"]
    )
    """What learns to tell classes from codes, where stimuli have classes; none if empty."""
    style: Literal["tuned", "paper"] = "tuned"
    """Classifiers with searched settings, or as they come, as a baseline taken without care."""
    raw: bool = True
    """Tell classes from the stimuli themselves too."""
    n_search: int = Field(default=10_000, ge=2)
    """Training stimuli that settings of classifiers are searched on."""
    clustering: bool = False
    """Cluster stimuli too, through the neurons that respond to them, into as many clusters as there are classes."""
    n_embedding: int = Field(default=1_000, ge=0)
    """Held-out stimuli in the figures of principal components and t-SNE; none if 0."""


class DisparitySection(Section):
    """How neurons that see with two eyes are tested with random dots."""

    largest: int = Field(default=6, ge=1, le=64)
    """Disparities from minus this to this, in steps of a pixel."""
    n_trials: int = Field(default=20, ge=2)
    """Trials at each disparity."""
    n_patterns: int = Field(default=10, ge=1)
    """Patterns shown one after the other in a trial, over which the response is averaged."""


class LikelihoodSection(Section):
    """How well a network explains held-out stimuli that is a model of their density."""

    n_samples: int = Field(default=100, ge=1)
    """Samples per stimulus behind the importance-weighted bound."""
    n_stimuli: int = Field(default=1_000, ge=1)
    """Held-out stimuli it is measured on, at most."""
    n_annealed: int = Field(default=32, ge=0)
    """Held-out stimuli for annealed importance sampling, at most, and stimuli of its own for its check; none if 0."""
    n_temperatures: int = Field(default=300, ge=1)
    """Steps of annealing."""
    n_chains: int = Field(default=8, ge=1)
    """Chains per stimulus."""


class TileSection(Section):
    """The larger field over which a network's fields are repeated."""

    stride: int = Field(ge=1)
    """Pixels from one copy of the fields to the next."""
    size: int = Field(ge=4)
    """Side of the larger field in pixels: the patch's and an even number of strides."""


class LaboratorySection(Section):
    """The experiments of the fourteen V1 properties; a recipe without this section leaves them out."""

    ppd: float | None = Field(default=None, gt=0)
    """Pixels per degree; left out or "auto", what brings the median peak frequency of fields to 2.8 cycles/degree."""
    tile: TileSection | None = None
    """Repeat the fields over a larger field; left out or "off", gratings are shown to the network on its patch."""
    control: Literal["all", "feedforward", "off"] = "all"
    """Controls beside the network: without interactions; also random fields, responses shuffled, Gabors drawn."""
    pools: Literal["off", "learned", "matched", "sheet", "random"] = "off"
    """Complex cells: pools learned from small shifts of the photographs, of like fields, of a sheet, or at random."""
    pool_size: int = Field(default=12, ge=2)
    """Units in a pool; those of a sheet have as many as the network's own."""
    pool_share: float = Field(default=0.6, gt=0, le=1)
    """Share of the units that stand for a pool around them; the others stay simple cells."""
    gain_control: float = Field(default=0.0, ge=0)
    """Strength of the inhibitory pool that divides all units by what those nearby answer; natural images divide by 1
    and this. 0 for none. Controls have none."""
    sensitivity: bool = False
    """Show the gratings three times more: pixels per degree × .7 and × 1.4, contrast × .3."""

    @field_validator("ppd", mode="before")
    @classmethod
    def _found_from_the_fields(cls, ppd: object) -> object:
        return None if ppd == "auto" else ppd

    @field_validator("tile", mode="before")
    @classmethod
    def _not_tiled(cls, tile: object) -> object:
        return None if tile == "off" else tile


class RunSection(Section):
    """What the run is called and the one number its randomness comes from."""

    name: FileName = "unnamed"
    """Letters, digits, dot, dash and underscore; names the default output folder."""
    description: str = ""
    """One line for `neurosim recipes` and the report."""
    expected_time: str = ""
    """How long the run takes and on what, in words."""
    seed: int = Field(default=0, ge=0)
    """Root of every random stream of the run."""
    checkpoint_seconds: float = Field(default=60.0, ge=0)
    """Seconds of training from one checkpoint to the next, from which `neurosim resume` goes on; 0 for none."""

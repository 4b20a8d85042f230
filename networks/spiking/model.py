"""The spiking networks, their parameters stated once."""

from collections.abc import Callable
from dataclasses import field
from typing import Annotated, Any

from neurosim.networks.lateral import LATERAL, lateral_weights
from neurosim.networks.parameters import CircuitParameters
from neurosim.registry.model import Learned, Model
from neurosim.registry.network_section import section_of
from neurosim.registry.parameters import Flag, Number, OneOf, Time, Whole, parameters

_HOMEOSTASES = ("threshold", "variance_gain", "equalisation", "none")


def _a_step_fits(values: Any, seconds: Callable[[str], Any]) -> None:
    if seconds("dt") > seconds("presentation"):
        raise ValueError(f"dt: expected at most the presentation {values.presentation!r}, got {values.dt!r}")


def _whole_steps(values: Any, seconds: Callable[[str], Any]) -> None:
    delay, dt = seconds("delay"), seconds("dt")
    if abs(round(delay / dt) * dt - delay) > 1e-9 * delay:
        raise ValueError(
            f"delay: expected a whole number of time steps of {values.dt!r}, got {values.delay!r}"
        )


def _the_leak_bears_the_step(values: Any, seconds: Callable[[str], Any]) -> None:
    if seconds("dt") > seconds("tau"):
        raise ValueError(
            f"dt: expected at most tau={values.tau!r}, which one step of the leak is a share of, got {values.dt!r}"
        )


@parameters(dt=_a_step_fits, delay=_whole_steps)
class SpikingParameters(CircuitParameters):
    """What all spiking networks have: steps, and what a user can add to the published equations."""

    dt: Annotated[Any, Time(), "Time step."] = "1 ms"
    presentation: Annotated[Any, Time(), "How long each stimulus is shown."] = "50 ms"
    refractory: Annotated[
        Any,
        Time(),
        "How long a neuron cannot fire after a spike, rounded up to whole steps; by default it can at once, as in the "
        "papers.",
    ] = None
    noise: Annotated[
        float,
        Number(or_zero=True),
        "Standard deviation of the membrane potential that noise alone would give, in its unit.",
    ] = 0.0
    delay: Annotated[
        Any,
        Time(),
        "How long spikes travel between neurons beyond the time step they always take: whole time steps, by default "
        "none.",
    ] = None


@parameters()
class StandardisedParameters(SpikingParameters):
    """What networks have that are shown standardised stimuli and keep their rates."""

    target_rate: Annotated[float, Number(), "Spikes per stimulus and neuron that homeostasis keeps to."] = (
        0.05
    )
    initial_threshold: Annotated[
        float,
        Number(),
        "Membrane threshold that learning starts from, in standard deviations of a stimulus' pixels, as is every "
        "potential.",
    ] = 2.0
    field_rate: Annotated[float, Number(or_zero=True), "Learning rate of the fields, the paper's β."] = 0.01
    homeostasis_rate: Annotated[
        float, Number(or_zero=True), "Learning rate of thresholds or gains, the paper's γ."
    ] = 0.1
    homeostasis: Annotated[
        str,
        OneOf(_HOMEOSTASES),
        "How neurons keep their rate (`neurosim.networks.spiking.homeostasis`); the first is the paper's.",
    ] = "threshold"
    standardise: Annotated[
        bool,
        Flag(),
        "Show each stimulus with mean 0 and standard deviation 1, as the paper assumes; a constant one is blank, all "
        "zeros. False: all are divided by their root mean square alone, measured at the first `fit`. Either way "
        "potentials, thresholds and noise are pure numbers, and learning does not depend on the stimuli's unit.",
    ] = True
    learning_rate: Annotated[float, "Factor of all learning rates."] = 1.0


@parameters(dt=_the_leak_bears_the_step)
class SAILnetParameters(StandardisedParameters):
    """Of SAILnet; defaults are those of Zylberberg et al. 2011."""

    lateral_rate: Annotated[
        float, Number(or_zero=True), "Learning rate of the lateral inhibition, the paper's α."
    ] = 1.0
    dt: Annotated[Any, "Time step. The paper's step of η = .1 is dt/tau."] = "1 ms"
    presentation: Annotated[
        Any, "How long each stimulus is shown: the paper's 50 steps, five time constants."
    ] = "50 ms"


@parameters()
class EINetParameters(StandardisedParameters):
    """Of E-I Net; defaults are those of King et al. 2013. Terms of the user's are for the excitatory cells."""

    n_neurons: Annotated[int, "Excitatory cells."] = field(default=400, kw_only=False)
    n_inhibitory: Annotated[int, Whole(), "Inhibitory cells."] = 49
    target_rate: Annotated[float, "Spikes of an excitatory cell per `tau` that homeostasis keeps to."] = 0.02
    inhibitory_rate: Annotated[
        float, Number(), "Spikes of an inhibitory cell per `tau` that homeostasis keeps to."
    ] = 0.04
    tau: Annotated[Any, "Membrane time constant of excitatory cells, the paper's unit of time."] = "10 ms"
    tau_inhibitory: Annotated[Any, Time(), "Membrane time constant of inhibitory cells."] = "5 ms"
    dt: Annotated[Any, "Time step; the paper's is .1 of `tau`."] = "1 ms"
    presentation: Annotated[Any, "How long each stimulus is shown: the paper's 50 steps."] = "50 ms"
    field_rate: Annotated[float, "Learning rate of the fields."] = 0.2
    excite_rate: Annotated[
        float,
        Number(or_zero=True),
        "Learning rate of the weights from excitatory to inhibitory cells.",
    ] = 0.7
    inhibit_rate: Annotated[
        float,
        Number(or_zero=True),
        "Learning rate of the weights from inhibitory to excitatory cells.",
    ] = 0.7
    disinhibit_rate: Annotated[
        float, Number(or_zero=True), "Learning rate of the weights among inhibitory cells."
    ] = 1.5
    homeostasis_rate: Annotated[float, "Learning rate of the thresholds."] = 1.0
    homeostasis: Annotated[str, OneOf(("threshold", "none")), "How neurons keep their rate."] = "threshold"
    learning_rate: Annotated[
        float,
        "Factor of all learning rates. The paper's schedule is .1 for two million patches, then .02 for one million.",
    ] = 0.1
    membrane_terms: Annotated[
        str, 'Added inside the bracket of the excitatory cells\' membrane equation, for example ``"- g"``.'
    ] = ""


@parameters()
class SpikingLCAParameters(SpikingParameters):
    """Of the spiking LCA."""

    n_neurons: Annotated[int, "Fields; with `pairs`, each has two neurons."] = field(
        default=256, kw_only=False
    )
    threshold: Annotated[
        str | float,
        Number(or_zero=True, automatic=True),
        'λ, what the current into a soma has to exceed, in the unit of the stimuli; "auto" is two standard deviations '
        "of the pixels of the stimuli of the first `fit`.",
    ] = "auto"
    pairs: Annotated[
        bool,
        Flag(),
        "Two neurons of opposite sign per field, so that codes are signed; else one, and codes are not negative.",
    ] = True
    charge: Annotated[
        str | float,
        Number(automatic=True),
        "Spike threshold, what a neuron integrates between two spikes, in the unit of the stimuli times `tau`: the "
        'smaller, the finer the rates. "auto" lets rates reach four times the root mean square norm of the stimuli of '
        "the first `fit`.",
    ] = "auto"
    tau: Annotated[Any, "Time constant of the synaptic currents."] = "1 ms"
    dt: Annotated[
        Any,
        "Time step. A neuron fires once a step at most, which bounds rates at ``charge * tau / dt``.",
    ] = "0.01 ms"
    presentation: Annotated[Any, "How long each stimulus is shown; rates are counted over all of it."] = (
        "50 ms"
    )
    noise: Annotated[
        float,
        "Standard deviation of what noise alone adds to a membrane potential in one time constant, in the unit of the "
        "stimuli; there is no leak.",
    ] = 0.0
    learning_rate: Annotated[
        float,
        "Step of the Hebbian rule, a pure number: relative to the mean square of the pixel values that the first `fit` "
        "is given.",
    ] = 0.5


SAILnetSection = section_of(SAILnetParameters, model="sailnet")
EINetSection = section_of(EINetParameters, model="einet")
SpikingLCASection = section_of(SpikingLCAParameters, model="spiking-lca")

_GAIN = Learned(
    "gain_", "gain", (), "what a unit of the code adds to the reconstruction, in multiples of the field"
)
_DRIVE = Learned("gains_", "drive_gain", ("neuron",), "factor of a neuron's feed-forward drive")
_INHIBITORY = (
    Learned(
        "excite_",
        "excite",
        ("neuron", "inhibitory"),
        "what a spike of an excitatory neuron gives an inhibitory one",
    ),
    Learned(
        "inhibit_",
        "inhibit",
        ("inhibitory", "neuron"),
        "what a spike of an inhibitory neuron takes from an excitatory one",
    ),
    Learned(
        "disinhibit_",
        "disinhibit",
        ("from_inhibitory", "inhibitory"),
        "what a spike of from_inhibitory takes from inhibitory",
    ),
    Learned(
        "inhibitory_thresholds_",
        "inhibitory_threshold",
        ("inhibitory",),
        "membrane threshold of inhibitory neurons",
    ),
)


def _weights_of_inhibitory_cells(section: Any, n_pixels: int) -> dict[str, tuple[str, int]]:
    number = section.n_inhibitory * (2 * section.n_neurons + section.n_inhibitory)
    return {"weights of inhibitory cells": ("n_inhibitory", number)}


_LEARNED_INHIBITION = (
    "its inhibition was learned between neurons of one patch, and is not known between two places"
)

MODELS = (
    Model(
        section=SpikingLCASection,
        estimator="neurosim.networks.spiking.spiking_lca:SpikingLCA",
        title="spiking LCA: rates of integrate-and-fire neurons that come to solve the LASSO",
        citation="Shapero, Zhu, Hasler & Rozell 2014, doi:10.1142/S0129065714400012",
        capabilities=frozenset({"spikes"}),
        learned=(LATERAL, _GAIN),
        threshold="threshold_",
        weights=lateral_weights,
        untiled="",
    ),
    Model(
        section=SAILnetSection,
        estimator="neurosim.networks.spiking.sailnet:SAILnet",
        title="SAILnet: spikes, local rules, homeostasis",
        citation="Zylberberg, Murphy & DeWeese 2011, doi:10.1371/journal.pcbi.1002250",
        capabilities=frozenset({"standardises", "spikes"}),
        learned=(LATERAL, _DRIVE, _GAIN),
        threshold="thresholds_",
        weights=lateral_weights,
        untiled=_LEARNED_INHIBITION,
    ),
    Model(
        section=EINetSection,
        estimator="neurosim.networks.spiking.einet:EINet",
        title="E-I Net: excitatory cells that inhibitory cells decorrelate",
        citation="King, Zylberberg & DeWeese 2013, doi:10.1523/JNEUROSCI.4188-12.2013",
        capabilities=frozenset({"standardises", "spikes"}),
        learned=(_GAIN, *_INHIBITORY),
        threshold="thresholds_",
        weights=_weights_of_inhibitory_cells,
        untiled=_LEARNED_INHIBITION,
    ),
)

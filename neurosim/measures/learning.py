"""Who learned, from what, how it went batch by batch, and how long the parts of a run took."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from neurosim.measures.context import Context
from neurosim.measures.modalities import shown_together
from neurosim.networks.models import MODELS
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

_TIMED = {"seconds_compile": "compiling", "seconds_train": "learning", "seconds_analyze": "analysis"}


def population_words(run: RunFolder) -> str:
    """Return who learned: how many neurons, of which model, and whether they were simulated."""
    network = run.section("network")
    what = f"A population of {_neurons(network, len(run.fields))}"
    return f"{what} ({model_words(str(network['model']))})" if network.get("model") else what


def model_words(name: str) -> str:
    """Return what a model is called, and how it learns, by its name in recipes.

    Examples
    --------
    >>> model_words("einet"), model_words("of-tomorrow")
    ('E-I Net, Brian2', 'of-tomorrow, Brian2')
    """
    model = next((model for model in MODELS if model.name == name), None)
    title = name if model is None else model.title.partition(":")[0]
    if model is not None and model.has("likelihood"):
        return f"{title}, a variational autoencoder, trained by back-propagation, not Brian2"
    return f"{title}, Brian2"


def _neurons(network: dict[str, Any], number: int) -> str:
    if "n_inhibitory" in network:
        return f"{number} excitatory and {network['n_inhibitory']} inhibitory neurons"
    return f"{number} pairs of neurons" if network.get("pairs") else f"{number} neurons"


def _opening(run: RunFolder) -> Iterator[str]:
    """Say who learned from what, of a run of one network, or what a recording holds."""
    if recording := run.section("recording"):
        files = ", ".join(map(str, recording.get("files", {})))
        yield f"Analyzed: {recording.get('words', 'a recording')}, from {files}."
        return
    if run.recipe.get("arms"):
        return
    learned = f"learned from {shown_together(run)}" if run.section("stimuli") else "was trained"
    yield f"{population_words(run)} {learned}."


def _curve(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.plots import learning_curve

    history = context.network.history_
    return Measured(figures={"learning_curve": lambda: learning_curve(history, held_out=context.objective)})


def _wall_time(run: RunFolder) -> Iterator[str]:
    """Say how long the parts took."""
    times = [f"{words} {run.summary[name]:.1f} s" for name, words in _TIMED.items() if name in run.summary]
    if times:
        yield f"Wall time: {', '.join(times)}."


POPULATION = Measure(name="population", sentences=_opening)

LEARNING = Measure(
    name="learning",
    applies=lambda context: context.network is not None,
    compute=_curve,
    figures={
        "learning_curve": Caption(
            "Learning",
            "Objective per stimulus, share of active neurons and learning rate, batch by batch, on training stimuli; "
            "dashed, the objective of held-out stimuli once all is learned. A "
            "spiking network works out its objective once per run of batches. Of an autoencoder, minus the bound on "
            "the log likelihood, and its two parts, the log likelihood given activities drawn from their posterior "
            "and the divergence of that posterior from the prior, in nats (1 nat is 1.44 bits).",
            "Line plots over the batches of training: objective or bound with its parts, active neurons in percent, "
            "learning rate.",
        ),
    },
)

# The time is taken by `neurosim.runs.execute`, that of all measures too.
WALL_TIME = Measure(
    name="wall_time",
    metrics={
        "seconds_compile": Metric("s", "Wall time of generating and compiling the simulation's code."),
        "seconds_train": Metric("s", "Wall time of learning, without the compilation."),
        "seconds_analyze": Metric("s", "Wall time of encoding the held-out stimuli, measuring and drawing."),
    },
    sentences=_wall_time,
)

"""The circuit as it ran: its equations, and the membranes of some neurons while a stimulus is shown."""

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NEURONS = 6


def _applies(context: Context) -> bool:
    # A model of a likelihood is trained by back-propagation, without membranes.
    return context.network is not None and not context.has("likelihood")


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.plots import plot_membranes

    stimulus = _typical(context)
    neurons = np.argsort(-np.abs(context.code[stimulus]), kind="stable")[:_NEURONS]
    traces = _traces(context, stimulus, neurons)

    def drawn() -> "Figure":
        return plot_membranes(traces, unit="in the unit of the threshold")

    return Measured(
        tables={
            "equations": pd.DataFrame(list(_equations(context.network)), columns=["part", "equations"]),
            "membranes": traces.rename_axis("time")
            .reset_index()
            .melt("time", None, "neuron", "u")
            .astype({"neuron": int}),
        },
        figures={"membranes": drawn},
    )


def _by_rows(traces: pd.DataFrame) -> pd.DataFrame:
    rows = traces.rename_axis("time").reset_index().melt("time", None, "neuron", "u")
    return rows.astype({"neuron": int})


def _equations(network: Any) -> Iterator[tuple[str, str]]:
    """Yield what each population is called, and its equations; where there are several, a heading names each."""
    parts = f"\n{network.equations.strip()}\n".split("\n# ")
    for part in parts:
        head, _, text = part.partition("\n") if len(parts) > 1 else ("membranes", "", part)
        if text.strip():
            yield head.strip(), text.strip()


def _typical(context: Context) -> int:
    """Return the held-out stimulus whose strongest answer is the median of all that are answered."""
    strongest = np.abs(context.code).max(axis=1)
    answered = np.flatnonzero(strongest) if strongest.any() else np.arange(len(strongest))
    return int(answered[np.argsort(strongest[answered], kind="stable")[len(answered) // 2]])


def _traces(context: Context, stimulus: int, neurons: Any) -> pd.DataFrame:
    """Return potentials by time (seconds) and neuron, stepped through in numpy: one stimulus is worth no compiler."""
    network = copy.copy(context.network)
    network.backend = "numpy"
    shown = context.shown(
        {name: rows[stimulus : stimulus + 1] for name, rows in context.stimuli.held_out.items()}
    )
    found = network.simulate(shown, record=("u",))
    potentials = context.of_neurons(found["u"].to_numpy()[:, 0])
    every = -(-len(potentials) // 400)
    return pd.DataFrame(
        potentials[::every, neurons],
        index=found["time"].to_numpy()[::every],
        columns=[int(n) for n in neurons],
    )


CIRCUIT = Measure(
    name="circuit",
    applies=_applies,
    compute=_measured,
    step=lambda context: "membranes of a stimulus",
    files=("equations", "membranes"),
    figures={
        "membranes": Caption(
            "Membranes while a stimulus is shown",
            "Membrane potentials of the six neurons that answer it most, from the onset, as Brian2 steps through the "
            "equations; the stimulus is the held-out one whose strongest answer is the median. membranes.csv has the "
            "values. Where each field has two neurons, those for its sign are drawn.",
            "Lines of membrane potential over time, one per neuron.",
        ),
    },
)

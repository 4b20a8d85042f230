"""The circuit as it ran: equations, learning rules, and the membranes of some neurons while a stimulus is shown."""

import copy
from collections.abc import Mapping
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
    stimulus = _typical(context)
    neurons = np.argsort(-np.abs(context.code[stimulus]), kind="stable")[:_NEURONS]
    traces = _traces(context, stimulus, neurons)
    rules = getattr(context.network, "learning_rules", "")
    return Measured(
        tables={
            "equations": _table(context.network.equations, alone="membranes", column="equations"),
            "learning_rules": _table(rules, alone="weights", column="rule"),
            "membranes": traces.rename_axis("time")
            .reset_index()
            .melt("time", None, "neuron", "u")
            .astype({"neuron": int}),
        },
        figures={"membranes": lambda: _drawn(traces)},
    )


def _drawn(traces: pd.DataFrame) -> "Figure":
    from neurosim.analysis.plots import plot_membranes

    return plot_membranes(traces, unit="in the unit of the threshold")


def _redrawn(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    if "membranes" not in tables:
        return {}
    traces = tables["membranes"].pivot_table(index="time", columns="neuron", values="u")
    # A line for each neuron in the order of the first drawing, the strongest first.
    order = list(dict.fromkeys(tables["membranes"]["neuron"]))
    return {"membranes": lambda: _drawn(traces[order])}


def _table(text: str, *, alone: str, column: str) -> pd.DataFrame:
    """Return text in parts, by what each is of; where there are several, a heading names each."""
    parts = f"\n{text.strip()}\n".split("\n# ")
    rows = []
    for part in parts:
        head, _, inside = part.partition("\n") if len(parts) > 1 else (alone, "", part)
        if inside.strip():
            rows.append((head.strip(), inside.strip()))
    return pd.DataFrame(rows, columns=["part", column])


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
    files=("equations", "learning_rules", "membranes"),
    redraw=_redrawn,
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

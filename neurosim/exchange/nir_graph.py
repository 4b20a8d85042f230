"""NIR: a trained spiking network as a graph that tools for neuromorphic hardware read."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurosim._version import __version__
from neurosim.exchange.extras import required
from neurosim.exchange.files import new_file
from neurosim.exchange.source import NetworkOrRun, Source, source_of
from neurosim.networks.estimator.parameters import seconds

if TYPE_CHECKING:
    import nir

__all__ = ["to_nir", "write_nir"]

Floats = NDArray[np.float64]

# What a membrane can be given beyond its paper's equations, and what it is where it is nothing.
_OPTIONS = {"refractory": None, "noise": 0.0, "delay": None, "membrane_terms": "", "extra_equations": ""}
_CONVENTIONS = {
    "spike": "1 for one time step; under a Dirac spike multiply what it carries by dt",
    "recurrent_delay": "1 step: spikes reach other nodes in the step after they were fired, and the output at once",
    "fires_when": "the membrane is at its threshold or above (NIR says above)",
    "reset_between_stimuli": "all state starts from 0 with each stimulus; NIR has no word for that",
    "not_expressed": "learning, homeostasis, dt, presentation, reset of state between stimuli",
}


def to_nir(network_or_run: NetworkOrRun) -> "nir.NIRGraph":
    """Return a SAILnet or SpikingLCA as a NIR graph that gives the same spikes.

    Parameters
    ----------
    network_or_run : estimator, str or Path
        A fitted network, a file that ``net.save`` wrote, or the folder of a run.

    Returns
    -------
    nir.NIRGraph
        From ``input``, the stimulus as a constant current, (n_pixels,), to ``output``, spikes, (n_neurons,) or, where
        fields have pairs of neurons, twice as many. ``metadata`` says under which conventions the spikes are the same:
        time step and presentation (seconds), what a spike is worth, when it arrives, what a stimulus has to be.

    Raises
    ------
    MissingExtraError
        Without the extra ``nir``.
    ValueError
        If it is another network, or one with what NIR cannot say: refractory period, noise, delay, added terms.

    Notes
    -----
    SAILnet: ``input → fields (Linear) → neurons (LIF) → output``, ``neurons → inhibition (Linear) → neurons``.

    SpikingLCA: ``input → drive (Affine) → somata (I) → neurons (Threshold) → output``; NIR's own integrate-and-fire
    node is set to its reset potential, which loses what a membrane had beyond its threshold. So the reset is subtracted
    by ``neurons → reset (Linear) → somata``; inhibition is ``neurons → synapses (LI) → overlaps (Linear) → somata``,
    whose time constant is such that a step of forward Euler is the decay of one time step, exactly.

    References
    ----------
    Pedersen et al. 2024, Nat Commun 15:8122, doi:10.1038/s41467-024-52259-9.
    """
    nir = required("nir", extra="nir", what="NIR graphs")
    source = source_of(network_or_run)
    builders: Mapping[str, Callable[[Source, Any], Any]] = {
        "sailnet": _sailnet,
        "spiking-lca": _spiking_lca,
    }
    name = source.model.name if source.spikes else ""
    if name not in builders:
        raise ValueError(
            f"expected a SAILnet or a SpikingLCA, got {source.kind}: NIR graphs are written of these two, whose every "
            "spike comes out the same"
        )
    added = [name for name, nothing in _OPTIONS.items() if getattr(source.network, name) != nothing]
    if added:
        said = ", ".join(f"{name}={getattr(source.network, name)!r}" for name in added)
        raise ValueError(f"NIR has no word for {said}; train a network without, and export that")
    return builders[name](source, nir)


def write_nir(network_or_run: NetworkOrRun, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write a SAILnet or SpikingLCA to a NIR file.

    Parameters
    ----------
    network_or_run : estimator, str or Path
        As for `to_nir`.
    path : str or Path
        Of the file, ``….nir`` (HDF5).
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    MissingExtraError, ValueError
        As for `to_nir`, or if the file is there already.
    """
    graph = to_nir(network_or_run)
    with new_file(path, ending=".nir", overwrite=overwrite) as aside:
        required("nir", extra="nir", what="NIR graphs").write(str(aside), graph)


def _sailnet(source: Source, nir: Any) -> "nir.NIRGraph":
    network = source.network
    ones = np.ones(len(network.dictionary_))
    # Stimuli that are not standardised one by one reach the membranes divided by their unit.
    unit = 1.0 if network.standardise else float(np.sqrt(network.mean_square_))
    shown = (
        "with mean 0 and standard deviation 1, a constant one all zeros"
        if network.standardise
        else "as it is"
    )
    nodes = {
        "fields": nir.Linear(_doubles(network.gains_)[:, None] * _doubles(network.dictionary_) / unit),
        "neurons": nir.LIF(
            tau=seconds("tau", network.tau) * ones,
            r=ones,
            v_leak=0 * ones,
            v_threshold=_doubles(network.thresholds_),
            v_reset=0 * ones,
        ),
        "inhibition": nir.Linear(-_doubles(network.lateral_)),
    }
    edges = [
        ("input", "fields"), ("fields", "neurons"), ("neurons", "output"),
        ("neurons", "inhibition"), ("inhibition", "neurons"),
    ]  # fmt: skip
    told = {
        "integration": "forward Euler",
        "stimulus": f"a constant current, {shown}",
        "code": "spike counts",
    }
    return _graph(source, nir, nodes=nodes, edges=edges, told=told)


def _spiking_lca(source: Source, nir: Any) -> "nir.NIRGraph":
    network = source.network
    dt, tau, charge = seconds("dt", network.dt), seconds("tau", network.tau), network.charge_
    fields = (
        np.concatenate([network.dictionary_, -network.dictionary_]) if network.pairs else network.dictionary_
    )
    # In the precision of the fields, as the network has them.
    overlaps = _doubles(fields @ fields.T - np.eye(len(fields), dtype=fields.dtype))
    ones = np.ones(len(fields))
    # A step of forward Euler with this time constant decays by exp(-dt/tau) and adds a spike whole. What a current
    # that decays within the step is worth on average is over_step of its value at the beginning.
    per_step, step = -np.expm1(-dt / tau), dt / tau
    nodes = {
        "drive": nir.Affine(_doubles(fields), bias=-network.threshold_ * ones),
        "somata": nir.I(r=ones / tau),
        "neurons": nir.Threshold(charge * ones),
        "reset": nir.Linear(-charge / step * np.eye(len(fields))),
        "synapses": nir.LI(tau=dt / per_step * ones, r=ones / per_step, v_leak=0 * ones),
        "overlaps": nir.Linear(-charge * per_step / step * overlaps),
    }
    edges = [
        ("input", "drive"), ("drive", "somata"), ("somata", "neurons"), ("neurons", "output"),
        ("neurons", "reset"), ("reset", "somata"),
        ("neurons", "synapses"), ("synapses", "overlaps"), ("overlaps", "somata"),
    ]  # fmt: skip
    n_steps = max(1, round(seconds("presentation", network.presentation) / dt))
    halves = ", neurons of the first half less those of the second" if network.pairs else ""
    told = {
        "integration": "forward Euler",
        "stimulus": "a constant current, as it is",
        "code": f"spike counts times per_spike{halves}",
        "per_spike": float(charge * tau / (dt * n_steps)),
    }
    return _graph(source, nir, nodes=nodes, edges=edges, told=told)


def _graph(
    source: Source, nir: Any, *, nodes: dict[str, Any], edges: list[tuple[str, str]], told: Mapping[str, Any]
) -> "nir.NIRGraph":
    network = source.network
    ends = {
        "input": nir.Input({"input": np.array([network.dictionary_.shape[1]])}),
        "output": nir.Output({"output": nodes["neurons"].output_type["output"]}),
    }
    metadata = {
        "network": source.kind,
        "citation": source.model.citation,
        "neurosim": __version__,
        "dt": seconds("dt", network.dt),
        "presentation": seconds("presentation", network.presentation),
        "precision": f"double; learned and stored in {network.dictionary_.dtype.name}",
        **_CONVENTIONS,
        **told,
    }
    return nir.NIRGraph(nodes={**ends, **nodes}, edges=edges, metadata=metadata)


def _doubles(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64)

"""Neo's objects of a network's spikes, and a file of them."""

import os
from typing import TYPE_CHECKING

from neurosim.analysis.spikes.spikes import to_neo
from neurosim.exchange.extras import required
from neurosim.exchange.files import new_file
from neurosim.exchange.source import NetworkOrRun, Stimuli, source_of
from neurosim.exchange.spikes import recorded

if TYPE_CHECKING:
    import neo

__all__ = ["neo_block", "write_neo"]


def neo_block(network_or_run: NetworkOrRun, *, stimuli: Stimuli = None) -> "neo.Block":
    """Show stimuli to a spiking network and return its spikes as Neo's objects.

    Parameters
    ----------
    network_or_run : estimator, str or Path
        A fitted network that spikes, a file that ``net.save`` wrote, or the folder of a run.
    stimuli : array, shape (n_stimuli, n_pixels), or int, optional
        What it is shown; of a run, how many of its held-out stimuli, by default all.

    Returns
    -------
    neo.Block
        As `neurosim.analysis.to_neo` makes it of one population: a Segment per stimulus, in it a SpikeTrain per neuron
        of all populations, called ``"excitatory 0"`` and so on.

    Raises
    ------
    MissingExtraError
        Without the extra ``spikes``.
    ValueError
        If the network does not spike, or nothing can be shown.
    """
    for package in ("neo", "elephant"):
        required(package, extra="spikes", what="Neo's objects")
    source = source_of(network_or_run, stimuli=stimuli)
    source.require_spikes("Neo's objects")
    found = recorded(source.network, source.shown)
    names = [f"{unit.population} {unit.neuron}" for unit in found.units.itertuples()]
    block = to_neo(found.spikes, names=names)
    block.name, block.description = (
        source.name,
        f"{len(source.shown)} stimuli shown to a simulated {source.kind}",
    )
    return block


def write_neo(
    network_or_run: NetworkOrRun,
    path: str | os.PathLike[str],
    *,
    stimuli: Stimuli = None,
    overwrite: bool = False,
) -> None:
    """Write spikes by Neo's own MATLAB format, which `neo.io.NeoMatlabIO` reads again.

    Neo's other formats, among them NIX and pickles, are written from `neo_block`.

    Parameters
    ----------
    network_or_run, stimuli
        As for `neo_block`.
    path : str or Path
        Of the file, ``….mat``.
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    MissingExtraError, ValueError
        As for `neo_block`, or if the file is there already.
    """
    with new_file(path, ending=".mat", overwrite=overwrite) as aside:
        block = neo_block(network_or_run, stimuli=stimuli)
        required("neo.io", extra="spikes", what="Neo's files").NeoMatlabIO(str(aside)).write_block(block)

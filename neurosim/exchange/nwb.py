"""Neurodata Without Borders: spikes of a network as those of recorded units."""

import os
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from neurosim._version import __version__
from neurosim.exchange.extras import required
from neurosim.exchange.files import new_file
from neurosim.exchange.nwb_tables import GAP, add_stimuli, add_trials, add_units
from neurosim.exchange.source import NetworkOrRun, Source, Stimuli, source_of
from neurosim.exchange.spikes import recorded

__all__ = ["write_nwb"]

_ABOUT = (
    "experimenter",
    "institution",
    "lab",
    "keywords",
    "related_publications",
    "notes",
    "session_description",
)


def write_nwb(
    network_or_run: NetworkOrRun,
    path: str | os.PathLike[str],
    *,
    stimuli: Stimuli = None,
    shape: tuple[int, int] | None = None,
    about: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> None:
    """Show stimuli to a spiking network and write its spikes as NWB, which tools for recorded cells read.

    Stimuli follow each other with gaps of 10 ms, as trials; the network's state starts afresh with each. Units are the
    neurons of all populations, with their fields, thresholds and, of a run, the columns of ``fields.csv``.

    Parameters
    ----------
    network_or_run : estimator, str or Path
        A fitted network that spikes, a file that ``net.save`` wrote, or the folder of a run.
    path : str or Path
        Of the file, ``….nwb``.
    stimuli : array, shape (n_stimuli, n_pixels), or int, optional
        What the network is shown; of a run, how many of its held-out stimuli, by default all.
    shape : tuple of int, optional
        Height and width of a stimulus in pixels (of one channel, where there are ON and OFF relays); by default that of
        the run's patches, or a square.
    about : mapping, optional
        What of NWB's fields only you know: ``experimenter`` ("Last, First"), ``institution``, ``lab``, ``keywords``,
        ``related_publications``, ``notes``, ``session_description``.
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    MissingExtraError
        Without the extra ``nwb``.
    FileNotFoundError
        If there is no such run.
    ValueError
        If the network does not spike, the run is not whole, nothing can be shown, or the file is there already.

    Notes
    -----
    NWB has no word for simulations: the subject's species is "In silico", its sex "U" (unknown) and its age P0D, which
    the NWB Inspector accepts; its description says that no animal was involved.

    References
    ----------
    Rübel et al. 2022, eLife 11:e78362, doi:10.7554/eLife.78362.
    """
    pynwb = required("pynwb", extra="nwb", what="NWB files")
    source = source_of(network_or_run, stimuli=stimuli)
    source.require_spikes("NWB files")
    with new_file(path, ending=".nwb", overwrite=overwrite) as aside:
        file = pynwb.NWBFile(**_described(source, about or {}))
        file.subject = pynwb.file.Subject(
            subject_id=source.name.replace("/", "-"),
            description=f"simulated network ({source.kind}), no animal",
            species="In silico",
            sex="U",
            age="P0D",
        )
        found = recorded(source.network, source.shown)
        add_trials(file, found)
        add_stimuli(file, source, found, shape=shape)
        add_units(file, source, found, shape=shape)
        with pynwb.NWBHDF5IO(str(aside), mode="w") as io:
            io.write(file)


def _described(source: Source, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands at the head of the file."""
    if unknown := sorted(set(about) - set(_ABOUT)):
        raise ValueError(f"about: expected {', '.join(_ABOUT)}, got {', '.join(unknown)}")
    model = source.model
    described = {
        "session_description": f"{len(source.shown)} stimuli shown to a simulated network: {model.title}",
        "experiment_description": (
            f"{source.network!r}, simulated by neurosim {__version__}. Stimuli were simulated one by one, membranes "
            f"and synapses from rest at each onset, and are laid one after the other with gaps of {1000 * GAP:g} ms; "
            "nothing is carried over from one to the next. Nothing learns meanwhile."
        ),
        "session_start_time": _start(source),
        "identifier": str(uuid.uuid4()),
        "session_id": source.name.replace("/", "-"),
        "keywords": ["simulation", "sparse coding", "primary visual cortex", model.name],
        "related_publications": _dois(model.citation),
        **about,
    }
    if source.recipe:
        described |= {"source_script": source.recipe, "source_script_file_name": "recipe.toml"}
    return described


def _start(source: Source) -> datetime:
    """Return when the run ended, or now."""
    found = source.provenance.get("finished_at")
    return datetime.now(UTC) if found is None else datetime.fromisoformat(found)


def _dois(citation: str) -> list[str]:
    return re.findall(r"doi:\S+[^\s,.;)]", citation)

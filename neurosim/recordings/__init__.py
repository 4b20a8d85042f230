"""Recordings of other groups: receptive fields, responses to a table of stimuli, spikes, tables of properties."""

from neurosim.recordings.nwb_files import NwbSpikes, read_nwb
from neurosim.recordings.read import read_recording
from neurosim.recordings.recording import Recording, Responses

__all__ = ["NwbSpikes", "Recording", "Responses", "read_nwb", "read_recording"]

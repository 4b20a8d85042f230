"""Recordings of other groups: receptive fields, responses to a table of stimuli, spikes, tables of properties."""

from neurosim.recordings.read import read_recording
from neurosim.recordings.recording import Recording, Responses

__all__ = ["Recording", "Responses", "read_recording"]

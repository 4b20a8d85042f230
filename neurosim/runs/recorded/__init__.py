"""From files of a recording to a folder and its page."""

from neurosim.runs.recorded.analyze_file import analyze_file, analyze_recording

__all__ = ["analyze_file", "analyze_recording"]

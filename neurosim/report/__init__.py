"""The report of a run: the HTML page that says what a run was and what came out."""

from neurosim.report.page import write_report

__all__ = ["write_report"]

"""The report of a run: figures, the documented metrics and the HTML page."""

from neurosim.report.metrics import METRICS, Metric
from neurosim.report.page import write_report

__all__ = ["METRICS", "Metric", "write_report"]

"""What is measured of responses that were recorded: tuning to gratings and its likeness to macaque V1, disparity."""

from neurosim.measures.recorded.disparity import RECORDED_DISPARITY
from neurosim.measures.recorded.tuning import RECORDED_TUNING

__all__ = ["RECORDED_DISPARITY", "RECORDED_TUNING"]

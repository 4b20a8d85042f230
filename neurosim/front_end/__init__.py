"""What lies between an image and a network: filter, gain, ON and OFF relays, and the way back. Arrays only."""

from neurosim.front_end.adaptation import adapted
from neurosim.front_end.front_end import FrontEnd
from neurosim.front_end.parallel import AnyFrontEnd, ParallelFrontEnd

__all__ = ["AnyFrontEnd", "FrontEnd", "ParallelFrontEnd", "adapted"]

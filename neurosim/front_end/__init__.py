"""What lies between an image and a network: filter, gain, ON and OFF relays, and the way back. Arrays only."""

from neurosim.front_end.front_end import FrontEnd

__all__ = ["FrontEnd"]

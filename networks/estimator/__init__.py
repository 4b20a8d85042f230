"""What all estimators share: parameters, training data at the door, the history of training, the choice of a circuit.

It comes first in every model, so that Brian2 is imported without what that does to the whole process.
"""

from neurosim.engine import quiet_brian2  # noqa: F401

"""What all estimators share: parameters, stimuli at the door, history, warnings.

It comes first in every model, so that Brian2 is imported without what that does to the whole process.
"""

from neurosim.engine import quiet_brian2  # noqa: F401

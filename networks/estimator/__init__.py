"""What all estimators share: parameters, stimuli at the door, history, warnings."""

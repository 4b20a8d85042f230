"""Films as stimuli: made of photographs that move, or given; clips of them, and their whitening in space and time."""

"""The published V1 protocol: which gratings, the properties read from them, and units drawn from the tables."""

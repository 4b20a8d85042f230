"""Stimuli of the laboratory: a table of conditions in, chunks of images out; degrees and radians, seeded, headless."""

"""Modalities from a file of one's own."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neurosim.recipes.stimuli_sections import ArraySection
from neurosim.results.provenance import file_record
from neurosim.stimuli.kinds.stimuli import Arrays, Labels, Stimuli, picture_shape
from neurosim.stimuli.modalities import paired_arrays, unit_norm
from neurosim.stimuli.npz import read_npz


def arrays(
    section: ArraySection, *, training_rng: np.random.Generator, held_out_rng: np.random.Generator
) -> Stimuli:
    """Load modalities and hold some samples out, as a recipe's ``[stimuli]`` says.

    Parameters
    ----------
    section : ArraySection
        The section, already checked.
    training_rng, held_out_rng : numpy.random.Generator
        The order that is learned from, and which samples are held out.

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is not there or not one of modalities, has a modality of which no name can be made, or
        holds too few samples.
    """
    path = Path(section.path)
    stored = read_npz(path)
    modalities, labels = paired_arrays(stored)
    for name in modalities:
        if not name.isidentifier():
            raise ValueError(
                f"stimuli.path: expected names of modalities in letters, digits and underscores, got {name!r}; "
                "rename that array"
            )
    n_samples = len(next(iter(modalities.values())))
    if section.n_test >= n_samples:
        raise ValueError(
            f"stimuli.n_test: expected fewer than the {n_samples} samples there are, got {section.n_test}"
        )
    order = held_out_rng.permutation(n_samples)
    held_out, training = order[: section.n_test], training_rng.permutation(order[section.n_test :])
    scaled = _scaled(modalities, section)
    # Pictures that were stored as pictures; `paired_arrays` has made rows of them.
    shapes = {name: each.shape[1:] for name, each in stored.items() if each.ndim == 3}
    return Stimuli(
        training={name: rows[training] for name, rows in scaled.items()},
        held_out={name: rows[held_out] for name, rows in scaled.items()},
        shapes={name: shapes.get(name, picture_shape(rows.shape[1])) for name, rows in scaled.items()},
        sources={
            "n_train": len(training),
            "n_test": len(held_out),
            "files": {path.name: file_record(path)},
        },
        labels=None if labels is None else Labels(labels[training], labels[held_out]),
    )


def _scaled(modalities: dict[str, NDArray[np.floating]], section: ArraySection) -> Arrays:
    rows = {
        name: unit_norm(each) if section.normalise == "norm" else each for name, each in modalities.items()
    }
    return {name: each.astype(section.dtype, copy=False) for name, each in rows.items()}

"""Modalities from a file of one's own: what a recipe says of them, and how they are prepared."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from neurosim.registry.section import Section
from neurosim.registry.stimulus import FilePath, StimulusKind, StimulusSizes
from neurosim.stimuli.kinds.patches import Precision

# What reads them is imported where it is used, so that reading a recipe stays quick.
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from neurosim.stimuli.kinds.stimuli import Arrays, Stimuli


class ArraySection(Section):
    """Modalities of one's own, sample by sample the same things."""

    kind: Literal["arrays"] = "arrays"
    """What is shown."""
    path: str = Field(min_length=1)
    """An .npz file: one array for each modality, under its name, and ``labels`` if there are classes."""
    n_test: int = Field(default=200, ge=2)
    """How many samples are held out, drawn at random."""
    normalise: Literal["none", "norm"] = "norm"
    """What is done to each sample of a modality: nothing, or unit norm."""
    dtype: Precision = "float32"
    """Precision of the samples, and so of the network."""


def arrays(
    section: ArraySection, *, training_rng: "np.random.Generator", held_out_rng: "np.random.Generator"
) -> "Stimuli":
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
    from neurosim.stimuli.kinds.sources import file_record
    from neurosim.stimuli.kinds.stimuli import Labels, Stimuli, picture_shape
    from neurosim.stimuli.modalities import paired_arrays
    from neurosim.stimuli.npz import read_npz

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


def _scaled(modalities: "dict[str, NDArray[np.floating]]", section: ArraySection) -> "Arrays":
    from neurosim.stimuli.modalities import unit_norm

    rows = {
        name: unit_norm(each) if section.normalise == "norm" else each for name, each in modalities.items()
    }
    return {name: each.astype(section.dtype, copy=False) for name, each in rows.items()}


KIND = StimulusKind(
    section=ArraySection,
    prepare="neurosim.stimuli.kinds.arrays:arrays",
    title="modalities from a file of one's own",
    sizes=lambda section: StimulusSizes(0, section.n_test, 0),
    origin=lambda section: f"stimuli.path = {section.path!r}",
    words=lambda table: "samples of the user's own",
    measures=frozenset({"linked"}),
    paths={"path": FilePath()},
)

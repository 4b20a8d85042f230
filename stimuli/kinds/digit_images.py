"""Handwritten digits with their class in print and as a sound beside them, to learn from and to be measured on."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.datasets.mnist import MNIST_FILES
from neurosim.stimuli.digits.digits import embedded_digits, split_digits
from neurosim.stimuli.digits.fonts import find_font
from neurosim.stimuli.digits.mnist import load_mnist
from neurosim.stimuli.digits.printed import PrintedDigits, printed_digits
from neurosim.stimuli.digits.tones import SPECTROGRAM_SHAPE, dialled_digits
from neurosim.stimuli.kinds.digits import DigitSection
from neurosim.stimuli.kinds.sources import file_record
from neurosim.stimuli.kinds.stimuli import Arrays, Labels, Stimuli
from neurosim.stimuli.labelled import LabelledImages
from neurosim.stimuli.modalities import unit_norm

# Of the embedded digits, one in so many is held out unless the recipe says otherwise.
_HELD_OUT = 5
# Share of an image's side that handwriting takes: all of it in the embedded digits, 20 of 28 pixels in MNIST.
_EMBEDDED_FRACTION, _MNIST_FRACTION = 1.0, 20 / 28


def digits(
    section: DigitSection, *, training_rng: np.random.Generator, held_out_rng: np.random.Generator
) -> Stimuli:
    """Load digits, hold some out, and print or dial the class of each, as a recipe's ``[stimuli]`` says.

    Handwriting is not centred, since a code that is never negative adds ink.

    Parameters
    ----------
    section : DigitSection
        The section, already checked.
    training_rng, held_out_rng : numpy.random.Generator
        Which digits are learned from, and which held out, where not all are used; then how each of them sounds.

    Raises
    ------
    ValueError
        If there are fewer digits than asked for, or the font cannot be used.
    FileNotFoundError
        If MNIST's files are not here.
    """
    training, held_out = _parts(section, training_rng, held_out_rng)
    labels = Labels(training.labels, held_out.labels)
    height, width = training.images.shape[1:]
    shown = [{"handwriting": part.flat} for part in (training, held_out)]
    sources: dict[str, Any] = {"stimuli": training.source, "n_train": len(training), "n_test": len(held_out)}
    sources["files"] = _files(section)
    if "printed" in section.modalities:
        printed = _printed(section, size=height)
        prints = _templates(printed, centre=section.centre)
        for part, classes in zip(shown, labels, strict=True):
            part["printed"] = prints[classes]
        sources["font"] = file_record(printed.font.path, family=printed.font.family)
    if "sound" in section.modalities:
        for part, classes, rng in zip(shown, labels, (training_rng, held_out_rng), strict=True):
            part["sound"] = dialled_digits(classes, rng=rng).reshape(len(classes), -1)
    shapes: dict[str, tuple[int, int]] = dict.fromkeys(section.modalities, (height, width))
    if "sound" in shapes:
        shapes["sound"] = SPECTROGRAM_SHAPE
    return Stimuli(
        training=_ordered(shown[0], section),
        held_out=_ordered(shown[1], section),
        shapes=shapes,
        sources=sources,
        labels=labels,
    )


def _parts(
    section: DigitSection, training_rng: np.random.Generator, held_out_rng: np.random.Generator
) -> tuple[LabelledImages, LabelledImages]:
    if section.source == "embedded":
        every = _of_classes(embedded_digits(), section)
        n_test = len(every) // _HELD_OUT if section.n_test is None else section.n_test
        training, held_out = split_digits(every, n_test=n_test, rng=held_out_rng)
    else:
        training, held_out = (_of_classes(part, section) for part in _mnist(section))
        held_out = _some(held_out, section.n_test, key="stimuli.n_test", rng=held_out_rng)
    return _some(training, section.n_train, key="stimuli.n_train", rng=training_rng), held_out


def _mnist(section: DigitSection) -> tuple[LabelledImages, LabelledImages]:
    folder = None if section.source == "mnist" else section.source
    try:
        return (
            load_mnist("train", folder=folder, download=section.download),
            load_mnist("test", folder=folder, download=section.download),
        )
    except FileNotFoundError as error:
        error.add_note("In a recipe that is stimuli.source = FOLDER or stimuli.download = true.")
        raise


def _of_classes(images: LabelledImages, section: DigitSection) -> LabelledImages:
    if section.classes is None:
        return images
    wanted = np.isin(images.labels, section.classes)
    return LabelledImages(images.images[wanted], images.labels[wanted], images.source)


def _some(
    images: LabelledImages, n_wanted: int | None, *, key: str, rng: np.random.Generator
) -> LabelledImages:
    """Return so many images drawn at random, or all of them in their order."""
    if n_wanted is None:
        return images
    if n_wanted > len(images):
        raise ValueError(f"{key}: expected at most the {len(images)} digits there are, got {n_wanted}")
    chosen = rng.permutation(len(images))[:n_wanted]
    return LabelledImages(images.images[chosen], images.labels[chosen], images.source)


def _printed(section: DigitSection, *, size: int) -> PrintedDigits:
    fraction = _EMBEDDED_FRACTION if section.source == "embedded" else _MNIST_FRACTION
    return printed_digits(size, font=find_font(section.font), fraction=fraction)


def _templates(printed: PrintedDigits, *, centre: bool) -> NDArray[np.float32]:
    return printed.flat - printed.flat.mean(axis=0) if centre else printed.flat


def _ordered(images: Arrays, section: DigitSection) -> Arrays:
    shown = {name: images[name] for name in section.modalities}
    if section.normalise == "norm":
        shown = {name: unit_norm(rows) for name, rows in shown.items()}
    return {name: rows.astype(section.dtype, copy=False) for name, rows in shown.items()}


def _files(section: DigitSection) -> dict[str, dict[str, Any]]:
    """Return the files read; those of MNIST by the checksum of their content, which `load_mnist` has tested."""
    if section.source != "embedded":
        return {file.name: {"sha256_of_content": file.sha256} for file in MNIST_FILES.values()}
    spec = find_spec("sklearn")
    package = Path(spec.origin if spec and spec.origin else "sklearn").parent
    return {"digits.csv.gz": file_record(package / "datasets" / "data" / "digits.csv.gz")}

"""Small handwritten digits that need no download, and splitting a labelled set in two."""

from __future__ import annotations

import numpy as np

from neurosim.stimuli.labelled import LabelledImages
from neurosim.stimuli.randomness import Randomness, generator


def embedded_digits() -> LabelledImages:
    """Return scikit-learn's 1,797 handwritten digits of 8 × 8 pixels; nothing is downloaded.

    Returns
    -------
    LabelledImages
        Images in [0, 1], ink bright: the stored counts (0 to 16 of the 4 × 4 pixels of a block that are ink) / 16.

    References
    ----------
    Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits (the test set), UCI Machine Learning
    Repository, doi:10.24432/C50P49.

    Examples
    --------
    >>> digits = embedded_digits()
    >>> digits.images.shape, digits.labels[:5].tolist()
    ((1797, 8, 8), [0, 1, 2, 3, 4])
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    source = "Optical Recognition of Handwritten Digits, test set (UCI), from scikit-learn's load_digits"
    return LabelledImages(digits.images / 16, digits.target, source)


def split_digits(
    digits: LabelledImages, *, n_test: int, rng: Randomness
) -> tuple[LabelledImages, LabelledImages]:
    """Return a labelled set split at random into training and test images, each class shared out alike.

    Parameters
    ----------
    digits : LabelledImages
        Any labelled set.
    n_test : int
        Number of test images; in either part there have to be as many images as there are classes.
    rng : numpy.random.Generator or int
        Source of all randomness.

    Returns
    -------
    train, test : LabelledImages
        Every image is in one of them, in random order. The share of each class is that in the whole set, to
        within one image.

    Raises
    ------
    ValueError
        If ``n_test`` leaves fewer images than classes in a part, or a class has a single image.
    TypeError
        If ``rng`` is neither a numpy Generator nor a seed.

    Examples
    --------
    >>> train, test = split_digits(embedded_digits(), n_test=360, rng=np.random.default_rng(0))
    >>> len(train), len(test), bool(np.ptp(np.bincount(test.labels)) <= 2)
    (1437, 360, True)
    """
    rng = generator(rng)
    classes, counts = np.unique(digits.labels, return_counts=True)
    if counts.min() < 2:
        raise ValueError(
            f"expected two images or more of every class, got one of class {classes[counts.argmin()]}; "
            "leave that class out"
        )
    most = len(digits) - len(classes)
    if not isinstance(n_test, int | np.integer) or not len(classes) <= n_test <= most:
        raise ValueError(
            f"expected n_test to be a whole number from {len(classes)} (the number of classes) to {most}, "
            f"got {n_test!r}"
        )
    from sklearn.model_selection import train_test_split

    parts = train_test_split(
        np.arange(len(digits)),
        test_size=int(n_test),
        stratify=digits.labels,
        random_state=int(rng.integers(2**32)),
    )
    train, test = (LabelledImages(digits.images[part], digits.labels[part], digits.source) for part in parts)
    return train, test

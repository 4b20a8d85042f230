"""Three modalities share one code, and whichever is missing is recalled
=====================================================================

Barari & Kim link two dictionaries by the activity of one population (an LCA, Rozell et al. 2008,
doi:10.1162/neco.2008.03-07-486). There may be more than two: here a digit is seen in handwriting, in print, and heard
as the tones by which a telephone dials it. Each of the three is left out in turn and recalled from the code of the
others; a network that learned wrong pairs recalls nothing. `neurosim run linked-three` has tables.

    python Barari_three_modalities.py [figure.png]
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from neurosim.networks import LinkedLCA
from neurosim.stimuli import (
    dialled_digits,
    embedded_digits,
    nearest_printed,
    printed_digits,
    split_digits,
    unit_norm,
)

rng = np.random.default_rng(2021)
train, test = split_digits(embedded_digits(), n_test=360, rng=rng)
prints = unit_norm(printed_digits(8, fraction=1.0).flat)


def shown(digits):
    """Return the same digits in three modalities, stimuli of unit norm."""
    sounds = dialled_digits(digits.labels, rng=rng).reshape(len(digits), -1)
    return {"handwriting": unit_norm(digits.flat), "print": prints[digits.labels], "sound": unit_norm(sounds)}


learned, asked = shown(train), shown(test)
shuffled = learned | {name: rng.permutation(learned[name]) for name in ("print", "sound")}
settings = {
    "threshold": 0.1, "batch_size": 100, "n_epochs": 6, "learning_rate": 0.3125,
    "initial_dictionary": "stimuli", "random_state": 0, "backend": "numpy",
}  # fmt: skip
net = LinkedLCA(100, **settings).fit(learned)
control = LinkedLCA(100, **settings).fit(shuffled)

picked = [np.flatnonzero(test.labels == digit)[0] for digit in range(10)]
figure, axes = plt.subplots(3, 3, figsize=(11, 5), layout="constrained")
for row, missing in zip(axes, learned, strict=True):
    present = {name: rows for name, rows in asked.items() if name != missing}
    # The mean of every digit in the missing modality is what a recall is compared with.
    means = np.array([learned[missing][train.labels == digit].mean(axis=0) for digit in range(10)])
    recalls = {
        "recalled": net.recall(present, want=missing),
        "wrong pairs": control.recall(present, want=missing),
    }
    right = {name: np.mean(nearest_printed(rows, means) == test.labels) for name, rows in recalls.items()}
    print(f"{missing} is missing:", {name: f"{share:.3f}" for name, share in right.items()})
    pictures = {f"{missing}, missing": asked[missing]} | {
        f"{name}: {right[name]:.2f} right": rows for name, rows in recalls.items()
    }
    for panel, (title, rows) in zip(row, pictures.items(), strict=True):
        images = rows[picked].reshape(2, 5, 8, 8)
        panel.imshow(images.transpose(0, 2, 1, 3).reshape(16, 40), cmap="gray")
        panel.set(title=title, xticks=[], yticks=[])
figure.savefig(sys.argv[1], dpi=120) if len(sys.argv) > 1 else plt.show()

"""Handwriting recalls print, and currents give blocks of neurons to classes: linked dictionaries
==============================================================================================

Barari & Kim: two dictionaries share the activity of one population (an LCA, Rozell et al. 2008,
doi:10.1162/neco.2008.03-07-486), so a digit seen in handwriting is recalled in print; currents sort the neurons by
class while they learn. Four codes are compared: raw pixels, one dictionary, linked and ordinal-linked dictionaries, of
the small digits that come with scikit-learn. MNIST: `neurosim run linked-mnist` and `neurosim run ordinal-mnist`.

    python Barari_linked_dictionaries.py [figure.png]
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from neurosim.analysis import classify, cluster_separation, pca, tsne
from neurosim.networks import LCA, LinkedLCA, OrdinalLinkedLCA
from neurosim.stimuli import embedded_digits, nearest_printed, printed_digits, split_digits, unit_norm

rng = np.random.default_rng(2021)
train, test = split_digits(embedded_digits(), n_test=360, rng=rng)
prints = printed_digits(8, fraction=1.0)
printed = unit_norm(prints.flat)
seen, unseen = unit_norm(train.flat), unit_norm(test.flat)
both = {"handwriting": seen, "printed": printed[train.labels]}

settings = {
    "batch_size": 100, "n_epochs": 4, "learning_rate": 0.3125, "learning_rate_schedule": "linear",
    "initial_dictionary": "stimuli", "random_state": 0, "backend": "numpy",
}  # fmt: skip
single = LCA(105, threshold=0.1, nonnegative=True, **settings).fit(seen)
linked = LinkedLCA(105, threshold=0.1, weights={"printed": 0.3}, **settings).fit(both)
ordinal = OrdinalLinkedLCA(105, threshold=0.2, current=0.15, weights={"printed": 0.3}, **settings)
ordinal.fit(both, train.labels)
given, asked = {"handwriting": seen}, {"handwriting": unseen}
codes = {
    "raw pixels": (seen, unseen),
    "single": (single.transform(seen), single.transform(unseen)),
    "linked": (linked.transform(given), linked.transform(asked)),
    "ordinal": (ordinal.transform(given), ordinal.transform(asked)),
}
recalled = linked.recall(asked, want="printed")
print(f"recalled print is the right digit: {np.mean(nearest_printed(recalled, prints) == test.labels):.3f}")

figure, axes = plt.subplots(4, 4, figsize=(11, 11), layout="constrained")
for row, (_, unlearned) in zip(axes[:2].T, codes.values(), strict=True):
    for panel, points in zip(row, (pca(unlearned), tsne(unlearned, rng=rng)), strict=True):
        panel.scatter(*points.coordinates.T, c=test.labels[points.points], cmap="tab10", s=6)
        panel.set(xticks=[], yticks=[])
for panel, (name, (learned, unlearned)) in zip(axes[0], codes.items(), strict=True):
    table = classify(learned, train.labels, unlearned, test.labels, rng=rng, n_search=600)
    apart = cluster_separation(unlearned, test.labels, rng=rng)["silhouette"]
    panel.set(title=f"{name}, silhouette {apart:.2f}", ylabel="PCA" if name == "raw pixels" else "")
    print(f"{name:10}", dict(zip(table["classifier"], table["accuracy"].round(3), strict=True)))
axes[1, 0].set_ylabel("t-SNE")

picked = [np.flatnonzero(test.labels == digit)[0] for digit in range(10)]
images = {"seen": unseen[picked], "recalled": recalled[picked], "printed": printed}
fields = {f"{name} fields": values[:100:10] for name, values in linked.dictionaries_.items()}
for panel, (name, rows) in zip(axes[2:].ravel(), (images | fields).items(), strict=False):
    panel.imshow(rows.reshape(2, 5, 8, 8).transpose(0, 2, 1, 3).reshape(16, 40), cmap="gray")
    panel.set(title=name, xticks=[], yticks=[])
blocks = np.array([codes["ordinal"][1][test.labels == digit].mean(axis=0) for digit in range(10)])
axes[3, 1].imshow(blocks, aspect="auto", cmap="magma")
axes[3, 1].set(title="ordinal: activity", xlabel="neuron", ylabel="digit")
for panel, name in zip(axes[3, 2:], ("linked", "ordinal"), strict=True):
    panel.hist((codes[name][1] > 0).mean(axis=1), bins=20, color="0.5")
    panel.set(title=f"{name}: neurons active", xlabel="share", yticks=[])
figure.savefig(sys.argv[1], dpi=120) if len(sys.argv) > 1 else plt.show()

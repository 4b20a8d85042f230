"""Neurons that pool their energy with neighbours arrange themselves in a map of orientations
==========================================================================================

Hyvärinen & Hoyer 2001, Vision Research 41:2413, doi:10.1016/S0042-6989(01)00114-6, here with reconstruction in the
place of independence: on a torus of neurons, each lowers the thresholds of the eight around it by being active, and
inhibits all others by the overlap of their fields. Neighbours come to prefer similar orientations, and pinwheels form
where all orientations meet. Without pools, the same network learns the same kind of fields in no order.

    python Hyvarinen_topographic_maps.py [figure.png]
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from neurosim.analysis import (
    Sheet,
    activity_similarity,
    find_pinwheels,
    fit_gabors,
    gabor_maps,
    map_vectors,
    neighbour_difference,
    similarity_with_distance,
    smoothed_vectors,
)
from neurosim.networks import TopographicLCA
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

SIDE, SIZE = 14, 14
rng = np.random.default_rng(2001)
photographs = dict(embedded_photographs())
del photographs["brick"]  # Its joints, all alike, give patch-long bars.
whitened = filter_images(photographs, by=OlshausenField(cutoff=0.26, ramp=1.75))
patches = sample_patches(whitened, n_patches=42_000, size=SIZE, rng=rng, variance_floor=0.1, normalise="std")
seen, unseen = np.split(patches.astype(np.float32), [40_000])

sheet = Sheet(SIDE, SIDE, torus=True)
figure, axes = plt.subplots(2, 3, figsize=(12, 8), layout="constrained")
for (tiles, plane, decay), pooling, threshold in zip(axes, (3, 1), (5.0, 2.5), strict=True):
    net = TopographicLCA(
        SIDE * SIDE, pooling=pooling, threshold=threshold, softening=0.06 * threshold, batch_size=200,
        learning_rate=4.0, learning_rate_schedule="cosine", random_state=0,
    ).fit(seen)  # fmt: skip
    fields = net.dictionary_.reshape(-1, SIZE, SIZE).astype(float)
    maps = gabor_maps(fit_gabors(fields), sheet)
    degrees = np.degrees(maps["orientation"])
    apart = neighbour_difference(degrees, sheet, period=180)
    print(f"pools of {pooling}×{pooling}: neighbours differ by {apart:.0f}° (45° by chance)")

    scaled = fields / np.abs(fields).max(axis=(1, 2), keepdims=True)
    framed = np.pad(scaled, ((0, 0), (0, 1), (0, 1)), constant_values=np.nan).reshape(
        SIDE, SIDE, SIZE + 1, -1
    )
    tiles.imshow(framed.transpose(0, 2, 1, 3).reshape(SIDE * (SIZE + 1), -1), cmap="gray")
    tiles.set(title=f"Fields, pools of {pooling}×{pooling}", xticks=[], yticks=[])

    shown = plane.imshow(sheet.as_map(degrees), cmap="hsv", vmin=0, vmax=180)
    plane.set(title=f"Orientation: neighbours differ by {apart:.0f}°", xticks=[], yticks=[])
    figure.colorbar(shown, ax=plane, label="degrees", ticks=[0, 45, 90, 135, 180])
    if pooling > 1:
        pinwheels = find_pinwheels(smoothed_vectors(map_vectors(maps), sheet, width=1), sheet)
        row, column = ((pinwheels[name] + 0.5) % SIDE - 0.5 for name in ("row", "column"))
        plane.scatter(column, row, s=90, c=pinwheels["sign"], cmap="gray", edgecolors="0.5")

    alike = activity_similarity(net.transform(unseen), absolute=True)
    table = similarity_with_distance(alike, sheet, rng=rng, n_draws=50)
    decay.fill_between(*table[["distance", "shuffled_low", "shuffled_high"]].to_numpy().T, color="0.85")
    decay.plot(table["distance"], table["similarity"], "o-", label="neurons, against shuffled places")
    decay.set(title="Active together", xlabel="distance on the sheet", ylim=(-0.1, 0.5))
    decay.legend(frameon=False)

figure.savefig(sys.argv[1], dpi=120) if len(sys.argv) > 1 else plt.show()
# sphinx_gallery_thumbnail_path = "../verification/topographic_map.png"

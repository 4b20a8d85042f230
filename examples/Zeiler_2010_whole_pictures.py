"""The same fields at every position explain a picture with less
=============================================================

Zeiler, Krishnan, Taylor & Fergus 2010, CVPR, doi:10.1109/CVPR.2010.5539957: sparse coding of whole pictures,
½‖I − Φ∗a‖² + λ‖a‖₁, in place of patches that know nothing of each other.

Fields are learned from crops of photographs. A photograph that was not learned from is then coded twice: tile by tile,
as a patch network does, and with the same fields at every fourth pixel, whose neurons inhibit each other across what
were the borders of tiles.

    python Zeiler_2010_whole_pictures.py [figure.png]
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from neurosim import embedded_photographs, sample_patches
from neurosim.networks import ConvolutionalLCA
from neurosim.stimuli import OlshausenField

SIDE, N_CROPS, THRESHOLD = 12, 600, 0.5
whitening = OlshausenField(cutoff=0.35)
pictures = {
    name: whitening.apply(p)
    for name, p in embedded_photographs(["chelsea", "coffee", "china", "camera"]).items()
}
pictures = {name: (0.3 * p / p.std()).astype(np.float32) for name, p in pictures.items()}
held_out = pictures.pop("camera")[np.newaxis, 100:220, 160:280]

crops = sample_patches(pictures, n_patches=N_CROPS, size=36, rng=0, dtype=np.float32)
net = ConvolutionalLCA(
    36, field=SIDE, stride=4, threshold=THRESHOLD, learning_rate=4.0, learning_rate_schedule="linear",
    initial_dictionary="stimuli", random_state=0,
)  # fmt: skip
net.fit(crops)

figure, axes = plt.subplots(1, 4, figsize=(13, 3.6), layout="constrained")
mosaic = np.full((6 * (SIDE + 1), 6 * (SIDE + 1)), np.nan)
for k, field in enumerate(net.fields_):
    row, column = divmod(k, 6)
    largest = np.abs(field).max()
    mosaic[row * (SIDE + 1) :, column * (SIDE + 1) :][:SIDE, :SIDE] = field / largest
axes[0].imshow(mosaic, cmap="gray")
axes[0].set_title("Fields, learned from crops")
axes[1].imshow(held_out[0], cmap="gray")
axes[1].set_title("Held out, whitened")
for axis, stride in zip(axes[2:], (SIDE, 4), strict=True):
    coder = ConvolutionalLCA.from_dictionary(net.fields_, stride=stride, threshold=THRESHOLD)
    code = coder.transform(held_out)
    cost = coder.objective(held_out, code)[0] / held_out.size
    active = np.count_nonzero(code) / held_out.size
    axis.imshow(coder.reconstruct(code)[0], cmap="gray")
    name = "tile by tile" if stride == SIDE else f"whole, stride {stride}"
    axis.set_title(f"{name}: cost {cost:.4f} a pixel")
    print(f"{name}: {code.size} neurons, {active:.3f} active and a cost of {cost:.4f} a pixel")
for axis in axes:
    axis.set_axis_off()

if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=150)
else:
    plt.show()

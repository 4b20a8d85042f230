"""Three local rules make spiking neurons sparse, independent and tuned to edges
=============================================================================

Zylberberg, Murphy, DeWeese 2011, PLoS Comput Biol 7:e1002250, doi:10.1371/journal.pcbi.1002250: leaky
integrate-and-fire neurons see whitened patches of photographs. Thresholds keep every neuron at the same low rate,
inhibition grows between neurons that fire together, and each field follows the patches its neuron responds to.

The first batches raise the rates, the thresholds follow, and the fields come out meanwhile. With the paper's 256
neurons, 16×16 pixels and 25,000 batches: `neurosim run sailnet-paper`.

    python Zylberberg_2011_sparse_and_independent.py [figure.png]
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from neurosim.networks import SAILnet
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

N_NEURONS, SIDE, N_BATCHES = 64, 10, 1500
rng = np.random.default_rng(2011)
photographs = filter_images(embedded_photographs(), by=OlshausenField(cutoff=0.26, ramp=1.75))
patches = sample_patches(
    photographs, n_patches=100 * N_BATCHES, size=SIDE, rng=rng, variance_floor=0.1, normalise="std"
).astype(np.float32)

net = SAILnet(N_NEURONS, random_state=0).fit(patches)
fresh = patches[:2000]
counts = net.transform(fresh)
spikes = net.simulate(fresh[:10], record="spikes")
together = np.corrcoef(counts.T)[np.triu_indices(N_NEURONS, k=1)]

figure, axes = plt.subplots(2, 2, figsize=(9, 8), layout="constrained")
(fields, rates), (raster, pairs) = axes
size = np.abs(net.dictionary_).max(axis=1).reshape(-1, 1, 1)
mosaic = (net.dictionary_.reshape(-1, SIDE, SIDE) / size).reshape(8, 8, SIDE, SIDE)
fields.imshow(mosaic.transpose(0, 2, 1, 3).reshape(8 * SIDE, 8 * SIDE), cmap="gray", vmin=-1, vmax=1)
fields.set(title="Fields", xticks=[], yticks=[])

rates.plot(net.history_["batch"], net.history_["spikes"], color="0.4", linewidth=0.7)
rates.axhline(net.target_rate, color="tab:red", label="target")
rates.set(title="Spikes per patch and neuron", xlabel="batch", ylim=(0, None))
rates.legend(frameon=False)

raster.plot(1000 * spikes["time"] + 50 * spikes["stimulus"], spikes["neuron"], "k|")
raster.set(title="Ten patches, 50 ms each", xlabel="time (ms)", ylabel="neuron", ylim=(-1, N_NEURONS))
raster.vlines(50 * np.arange(11), -1, N_NEURONS, color="0.85", linewidth=0.7)

pairs.hist(together, bins=40, color="0.6")
pairs.set(title="Correlation of spike counts", xlabel="of two neurons", yticks=[])

print(f"spikes per patch and neuron: {counts.mean():.3f} (target {net.target_rate})")
print(
    f"silent neurons: {(counts.sum(axis=0) == 0).sum()}; median correlation of counts: {np.median(together):.4f}"
)
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=150)
else:
    plt.show()
# sphinx_gallery_thumbnail_path = "../verification/sailnet_fields.png"

"""Inhibitory neurons decorrelate excitatory ones, and edges come out, with every synapse keeping its sign
=======================================================================================================

King, Zylberberg, DeWeese 2013, J Neurosci 33:5475, doi:10.1523/JNEUROSCI.4188-12.2013: in SAILnet a neuron inhibits
others directly, which no excitatory cell does. Here excitatory cells excite a smaller inhibitory population, which
inhibits them and itself. All three sets of weights learn by one rule that measures how much more often two neurons
fire together than chance would have it.

With the paper's 400 and 49 neurons and three million patches: `neurosim run einet-paper`.

    python King_2013_inhibition_decorrelates.py [figure.png]
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from neurosim.networks import EINet
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

N_EXCITATORY, N_INHIBITORY, SIDE, N_BATCHES = 100, 16, 8, 2000
rng = np.random.default_rng(2013)
photographs = filter_images(embedded_photographs(), by=OlshausenField(cutoff=0.26, ramp=1.75))
patches = sample_patches(
    photographs, n_patches=100 * N_BATCHES, size=SIDE, rng=rng, variance_floor=0.1, normalise="std"
).astype(np.float32)

net = EINet(
    N_EXCITATORY,
    n_inhibitory=N_INHIBITORY,
    learning_rate=0.4,
    learning_rate_schedule="linear",
    random_state=0,
)
net.fit(patches)
counts = net.spike_counts(patches[:5000])
rates = {name: values.mean() / 5 for name, values in counts.items()}
pairs = np.triu_indices(N_EXCITATORY, k=1)
together = np.corrcoef(counts["excitatory"].T)[pairs]

figure, axes = plt.subplots(2, 2, figsize=(9, 8), layout="constrained")
(fields, weights), (course, correlation) = axes
size = np.abs(net.dictionary_).max(axis=1).reshape(-1, 1, 1)
mosaic = (net.dictionary_.reshape(-1, SIDE, SIDE) / size).reshape(10, 10, SIDE, SIDE)
fields.imshow(mosaic.transpose(0, 2, 1, 3).reshape(10 * SIDE, 10 * SIDE), cmap="gray", vmin=-1, vmax=1)
fields.set(title="Fields of excitatory cells", xticks=[], yticks=[])

for name, label in (("excite_", "E → I"), ("inhibit_", "I → E"), ("disinhibit_", "I → I")):
    weights.hist(getattr(net, name).ravel(), bins=40, histtype="step", density=True, label=label)
weights.set(title="Weights: none crosses zero", xlabel="strength", yscale="log", yticks=[])
weights.legend(frameon=False)

course.plot(net.history_["batch"], net.history_["spikes"] / 5, color="0.4", linewidth=0.7)
course.axhline(net.target_rate, color="tab:red", label="target")
course.set(title="Excitatory spikes per time constant", xlabel="batch", ylim=(0, None))
course.legend(frameon=False)

correlation.hist(together, bins=40, color="0.6")
correlation.set(title="Correlation of spike counts", xlabel="of two excitatory cells", yticks=[])

print("spikes per time constant:", {name: f"{rate:.3f}" for name, rate in rates.items()})
print(f"root mean square correlation: {np.sqrt(np.mean(together**2)):.3f}")
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=150)
else:
    plt.show()
# sphinx_gallery_thumbnail_path = "../verification/einet_fields.png"

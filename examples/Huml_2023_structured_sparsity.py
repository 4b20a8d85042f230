"""Structured sparsity: a graph-Laplacian penalty between stimuli and neurons, beside ℓ1 sparsity
==============================================================================================

Huml, Tasissa & Ba 2023, doi:10.48550/arXiv.2402.10213, replace the ℓ1 penalty by ``λ Σ_j |x_j| ‖y − φ_j‖²``: a neuron
whose field is far from the stimulus has a high threshold. As membranes: the drive lowers a neuron's own threshold.
Fields of free length then adapt to the stimuli they are active for, and the shapes of their image-space fields are
compared with macaque V1.

    python Huml_2023_structured_sparsity.py [figure.png]
"""

import sys

import numpy as np
from matplotlib.figure import Figure

from neurosim.analysis import compare_nx_ny, fields_in_both_spaces, fit_gabors
from neurosim.networks import WLSC
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

SIZE, N_NEURONS = 10, 100

whitening = OlshausenField(cutoff=0.4, ramp=0.5)
photographs = embedded_photographs(["camera", "chelsea", "coffee", "grass", "gravel"])
rng = np.random.default_rng(0)
patches = sample_patches(
    filter_images(photographs, by=whitening), n_patches=20000, size=SIZE, rng=rng, normalise="mean"
)
patches /= np.sqrt(np.square(patches).sum(axis=1).mean())

shared = {"batch_size": 200, "learning_rate_schedule": "cosine", "random_state": 0, "backend": "numpy"}
models = {
    "l1": WLSC(N_NEURONS, locality=0.0, threshold=0.2, norm="unit", **shared),
    "WLSC": WLSC(N_NEURONS, locality=0.1, learning_rate=1.0, **shared),
}
print(f"membranes of WLSC:\n{models['WLSC'].equations}")

figure = Figure(figsize=(9, 5.4), layout="constrained")
for row, (name, net) in zip(figure.subplots(2, 2, width_ratios=(1.4, 1)), models.items(), strict=True):
    net.fit(patches)
    fields = net.dictionary_.reshape(-1, SIZE, SIZE)
    fits = fit_gabors(fields_in_both_spaces(fields, whitening)["image"])
    match = compare_nx_ny(fits, rng=rng, n_bootstrap=200)
    norms = np.linalg.norm(net.dictionary_, axis=1)
    active = net.history_["active_fraction"].tail(10).mean()
    print(
        f"{name}: {active:.3f} active, field norms {norms.min():.2f} to {norms.max():.2f}, {match.n_units} Gabor-like, "
        f"JS to macaque {match.js_bits:.2f} bits, corrected {match.js_bits_corrected:.2f} "
        f"[{match.interval[0]:.2f}, {match.interval[1]:.2f}]"
    )
    shown = fields[np.argsort(-net.usage_)[:50]] / np.abs(fields).max()
    tiles = shown.reshape(5, 10, SIZE, SIZE).transpose(0, 2, 1, 3).reshape(5 * SIZE, 10 * SIZE)
    row[0].imshow(tiles, cmap="gray")
    row[0].set(title=f"{name}: the 50 most active neurons' fields", xticks=[], yticks=[])
    like = fits[fits["gabor_like"]]
    row[1].scatter(like["nx"], like["ny"], s=10)
    row[1].set(title=f"JS {match.js_bits:.2f} bits", xlabel="$n_x$ (cycles)", ylabel="$n_y$ (cycles)")
    row[1].set(xlim=(0, 1.2), ylim=(0, 1.5))
    row[1].axhspan(0, 0.302, xmax=0.302 / 1.2, alpha=0.15, label="broadly tuned: 24 % of macaque cells")
row[1].legend(fontsize=7)
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "structured_sparsity.png", dpi=150)
# sphinx_gallery_thumbnail_path = "../verification/wlsc_arms.png"

"""Filters that stay in use: the decoder of a sparse-coding autoencoder with free and with unit norms
==================================================================================================

Barello, Charles & Pillow 2018, doi:10.1101/399246, learn sparse coding end to end with an encoder that infers the
activities; with the Laplace prior used here most filters fall silent. Jiang & de la Iglesia 2021,
doi:10.48550/arXiv.2101.09453, bring every filter back to unit norm after each step, and all become active. A filter
counts as active here if the bound on the log likelihood of held-out patches, how probable the network takes them to be,
falls by more than .05 nats (a twentieth of a factor of e) when it is set to zero.

    python Jiang_2021_unit_norm.py [figure.png]        (needs the extra `svae`)
"""

import sys

import numpy as np
from matplotlib.figure import Figure

from neurosim.networks import SVAE
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

SIZE, N_NEURONS, N_TRAIN = 12, 169, 30_000

photographs = embedded_photographs(["camera", "chelsea", "coffee", "grass", "gravel", "china"])
patches = sample_patches(
    filter_images(photographs, by=OlshausenField(cutoff=0.4, ramp=0.5)),
    n_patches=N_TRAIN + 3000,
    size=SIZE,
    rng=np.random.default_rng(0),
    normalise="mean",
).astype(np.float32)
training, held_out = patches[:N_TRAIN], patches[N_TRAIN:]

figure = Figure(figsize=(9, 6.2), layout="constrained")
mosaics, curves = figure.subplots(2, 2, height_ratios=(2.2, 1))
shared = {"decoder_rate": 5.0, "initial_dictionary": "stimuli", "n_epochs": 8, "random_state": 0}
for norm, mosaic in zip(("free", "unit"), mosaics, strict=True):
    net = SVAE(N_NEURONS, decoder_norm=norm, **shared).fit(training)
    filters = net.filters(held_out)
    order = filters["fall_nats"].to_numpy().argsort()[::-1]
    print(
        f"{norm} norm: {filters['active'].sum()} of {N_NEURONS} filters active, "
        f"{filters['active_norm'].sum()} by norm; bound {net.score(held_out):.1f} nats, of 50 samples "
        f"{net.importance_bound(held_out[:300], n_samples=50, random_state=0).mean():.1f}"
    )
    fields = net.dictionary_[order].reshape(13, 13, SIZE, SIZE)
    fields /= np.abs(fields).max(axis=(2, 3), keepdims=True)
    tiles = np.pad(fields, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=1)
    mosaic.imshow(tiles.transpose(0, 2, 1, 3).reshape(13 * (SIZE + 2), -1), cmap="gray")
    mosaic.set(title=f"{norm} norm: {filters['active'].sum()} filters active", xticks=[], yticks=[])
    curves[0].semilogy(np.maximum(filters["fall_nats"].to_numpy()[order], 1e-4), label=f"{norm} norm")
    curves[1].plot(np.sort(filters["norm"])[::-1], label=f"{norm} norm")
curves[0].axhline(0.05, color="gray", linestyle=":")
curves[0].set(xlabel="filter, by rank", ylabel="ELBO drop without it\n(nats, at least 1e-4)")
curves[1].set(xlabel="filter, by rank", ylabel="norm")
curves[0].legend()
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "unit_norm.png", dpi=150)

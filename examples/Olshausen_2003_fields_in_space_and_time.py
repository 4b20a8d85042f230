"""Fields learned from a film prefer motion, those from its still pictures do not
==============================================================================

Olshausen 2003, IEEE International Conference on Image Processing, doi:10.1109/ICIP.2003.1246893: a sparse code of films
has fields in space and time, many of which drift.

The film is made: a window moves over photographs as an eye does. The same network learns from clips of it and from the
same clips without their motion. Random numbers are as selective for direction as the film's fields, by chance; what
they are not is separable, a picture times a course in time. And as in simple cells (McLean & Palmer 1989), inseparable
fields are selective and separable ones are not.

    python Olshausen_2003_fields_in_space_and_time.py [figure.png]
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from neurosim.analysis import motion_properties, motion_shares, space_time_slices
from neurosim.networks import LCA
from neurosim.stimuli import Film, SpaceTimeWhitening, embedded_photographs, stilled

N_CLIPS, N_NEURONS, N_EPOCHS = 20_000, 200, 5
rng = np.random.default_rng(2003)
photographs = embedded_photographs(["camera", "chelsea", "coffee", "astronaut", "china", "flower"])
film = Film.from_photographs(photographs, shape=(N_CLIPS, 8, 12, 12), motion="eye", rng=rng)
clips = {"film": film.frames, "the same without motion": stilled(film.frames, rng=rng)}

tables, slices = {}, {}
for name, shown in clips.items():
    whiten = SpaceTimeWhitening(n_kept=200, loudest=1.5).fit(shown)
    net = LCA(
        N_NEURONS, threshold=0.14, batch_size=200, learning_rate=15.0, n_epochs=N_EPOCHS, random_state=0
    )
    net.set_params(learning_rate_schedule="linear").fit(whiten.apply(shown))
    fields = whiten.clips_of(net.dictionary_)
    tables[name] = motion_properties(fields)
    slices[name] = space_time_slices(fields, orientations_deg=tables[name]["orientation_deg"])
    slices[name] = slices[name][np.argsort(-net.usage_)[:35]]
noise = rng.standard_normal((N_NEURONS, whiten.n_kept))
tables["random numbers"] = motion_properties(whiten.clips_of(noise))

figure, panels = plt.subplots(1, 3, figsize=(12, 4), layout="constrained", width_ratios=(1, 1, 1.2))
for panel, (name, pictures) in zip(panels, slices.items(), strict=False):
    scaled = pictures / np.abs(pictures).max(axis=(1, 2), keepdims=True)
    tiles = np.pad(scaled, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
    rows = [np.hstack(tiles[start : start + 5]) for start in range(0, len(tiles), 5)]
    panel.imshow(np.vstack(rows), cmap="gray", vmin=-1, vmax=1)
    panel.set(title=name, xlabel="position across the bars", ylabel="time downwards", xticks=[], yticks=[])

for name, table in tables.items():
    panels[2].plot(table["separability"], table["direction_selectivity"], ".", alpha=0.5, label=name)
    shares = motion_shares(table)
    among = {kind: shares[f"selective_of_{kind}"] for kind in ("separable", "inseparable")}
    known = [f"{share:.0%} of the {kind} ones" for kind, share in among.items() if np.isfinite(share)]
    print(
        f"{name}: {shares['separable']:.0%} separable, {shares['selective']:.0%} selective for direction",
        end=", ",
    )
    print(" and ".join(known))
panels[2].set(title="Each field", xlabel="separability in space and time", ylabel="direction selectivity")
panels[2].legend(frameon=False, loc="upper right")
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=150)
else:
    plt.show()

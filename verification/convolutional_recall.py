"""Several modalities on grids: what is recalled of a picture that is missing, with its controls.

    python verification/convolutional_recall.py [--pairs thumbnail cells eyes] [--seeds 0]

One modality of what nothing was learned from is recalled from the other. ``thumbnail``: a photograph and its thumbnail
of half its size, whitened each at its own size, fields of 12 × 12 and 6 × 6 pixels, strides 4 and 2. ``cells``: what ON
and OFF cells make of a photograph. ``eyes``: the motorcycle of the Middlebury benchmark at a quarter of its size, the
right picture moved by the median disparity; learned on its left half, asked on its right half, one scene. 64 fields of
12 × 12 at stride 4 have been learned from 800 crops of 44 × 44 pixels, two epochs; λ is one standard deviation, codes
are non-negative, weights one. Of the photographs `camera` is held out: 40 crops; of the eyes' right half 40 crops.

``explained`` is 1 − Σ(I − Î)² / Σ(I − m)² over pixels that are a field's length from the rim, and m the mean of that
modality in what was learned from: the control of the mean picture, whose own share is none. ``correlation`` is that of
pixels. The other control has learned from the same crops in shuffled pairs. ``both shown`` is the reconstruction while
nothing is missing. The dated table is kept beside this file, in ``convolutional_recall.csv``, where a pair that is run
replaces its rows.
"""

import argparse
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from convolutional import DEVIATION, whitened
from convolutional_several import crops, photographs, pictures_and_thumbnails
from numpy.typing import NDArray

from neurosim.networks import ConvolutionalLinkedLCA
from neurosim.stimuli import stereo_pair

Floats = NDArray[Any]
Shown = dict[str, Floats]
Row = dict[str, Any]
FIELD, SIZE, N_LEARNED, N_HELD_OUT = 12, 44, 800, 40
SMALLER = {"thumbnail": 2}


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", nargs="+", default=list(PAIRS), choices=list(PAIRS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    options = parser.parse_args()
    path = Path(__file__).with_suffix(".csv")
    for pair in options.pairs:
        before = pd.read_csv(path) if path.exists() else pd.DataFrame({"pair": []})
        before, rows = before[before["pair"] != pair], []
        learned, held_out = PAIRS[pair]()
        for seed in options.seeds:
            for row in recalled(learned, held_out, seed=seed):
                rows.append({"pair": pair, "seed": seed, **row})
                print(rows[-1], flush=True)
            table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
            pd.concat([before, table]).to_csv(path, index=False, float_format="%.4g")


def thumbnail() -> tuple[Shown, Shown]:
    """A photograph and its thumbnail."""
    learned, held_out = photographs()
    return (
        pictures_and_thumbnails(learned, n=N_LEARNED, size=SIZE),
        pictures_and_thumbnails(held_out, n=N_HELD_OUT, size=SIZE),
    )


def cells() -> tuple[Shown, Shown]:
    """ON and OFF cells."""
    learned, held_out = (
        crops(list(whitened(p).values()), size=SIZE, n=n)
        for p, n in zip(photographs(), (N_LEARNED, N_HELD_OUT), strict=True)
    )
    return ({"on": np.maximum(p, 0), "off": np.maximum(-p, 0)} for p in (learned, held_out))  # type: ignore[return-value]


def eyes() -> tuple[Shown, Shown]:
    """Two eyes that look at one scene."""
    pair = stereo_pair(factor=0.25)
    turned = round(float(np.nanmedian(pair.disparity)))
    seen = whitened({"left": pair.left, "right": pair.right})
    both = np.stack([seen["left"][:, turned:], seen["right"][:, : pair.right.shape[1] - turned]], axis=-1)
    middle = both.shape[1] // 2
    halves = ((both[:, :middle], N_LEARNED), (both[:, middle:], N_HELD_OUT))
    cut = [crops([half], size=SIZE, n=n) for half, n in halves]
    return ({"left": each[..., 0], "right": each[..., 1]} for each in cut)  # type: ignore[return-value]


def recalled(learned: Shown, held_out: Shown, *, seed: int) -> Iterator[Row]:
    """Recall each modality from the other, with a network that has learned pairs and one that has learned others."""
    rng = np.random.default_rng(seed)
    first, second = learned
    arms = {
        "pairs": learned,
        "shuffled pairs": {first: learned[first], second: rng.permutation(learned[second])},
    }
    for arm, shown in arms.items():
        began = sum(os.times()[:4])
        net = network(list(learned), seed=seed).fit(shown)
        seconds = sum(os.times()[:4]) - began
        for want, given in ((first, second), (second, first)):
            alone = {given: held_out[given]}
            found = net.recall(alone, want=want)
            both = net.reconstruct(net.transform(held_out))[want]
            kept = {"learned_from": arm, "recalled": want, "from": given, "processor_seconds": seconds}
            mean = float(learned[want].mean())
            yield (
                kept
                | judged(found, held_out[want], mean=mean, rim=rim(want))
                | {
                    "explained_both_shown": judged(both, held_out[want], mean=mean, rim=rim(want))[
                        "explained"
                    ],
                    "active_fraction": float(np.mean(net.transform(alone) != 0)),
                }
            )


def network(names: list[str], *, seed: int) -> ConvolutionalLinkedLCA:
    """Return a network for pictures of these names that has not learned."""
    return ConvolutionalLinkedLCA(
        64, field={name: rim(name) for name in names},
        stride={name: 4 // SMALLER.get(name, 1) for name in names}, threshold=DEVIATION,
        learning_rate=4.0, learning_rate_schedule="linear", n_epochs=2, initial_dictionary="stimuli",
        random_state=seed, backend="cython",
    )  # fmt: skip


def rim(name: str) -> int:
    """Return the length of a modality's fields in pixels."""
    return FIELD // SMALLER.get(name, 1)


def judged(found: Floats, truth: Floats, *, mean: float, rim: int) -> Row:
    """Return how much of pictures is explained, off their rim."""
    inside = (slice(None), slice(rim, -rim), slice(rim, -rim))
    got, right = found[inside].astype(np.float64), truth[inside].astype(np.float64)
    left, all_there_is = np.sum((right - got) ** 2), np.sum((right - mean) ** 2)
    return {
        "explained": float(1 - left / all_there_is),
        "correlation": float(np.corrcoef(got.ravel(), right.ravel())[0, 1]),
    }


PAIRS = {"thumbnail": thumbnail, "cells": cells, "eyes": eyes}

if __name__ == "__main__":
    main()

"""Films, several channels and several modalities on grids: how near the minimum.

    python verification/convolutional_several.py [--cases film channels modalities] [--backends numpy cython]

Objective of codes above that of an accelerated proximal gradient method (FISTA with restarts, float64, numpy), at the
default `epsilon` and at a tenth of it, .001 λ. What is coded, of photographs that nothing was learned from: ``film``, 8
frames of 24 × 24 pixels of a photograph that drifts, fields of 4 × 8 × 8; ``channels``, ON and OFF cells at 32 × 32
pixels, which fields of 8 × 8 see together; ``modalities``, 32 × 32 pixels and their thumbnail of 16 × 16, whitened at
its own size, fields of 8 × 8 and 4 × 4, of weights 1 and .5. 32 fields have been learned from crops of other
photographs at the longest of the strides; what is held out is, of 40 pieces, that whose contrast is nearest to its
photograph's. λ is twice the photographs' standard deviation, codes have both
signs. Cython codes both forms at all strides; numpy, which would take minutes, and C++ standalone, which compiles for
each size, the lateral form at the first stride.
The dated table is kept beside this file, in ``convolutional_several.csv``, where a case that is run replaces its rows.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from convolutional import DEVIATION, THRESHOLD, whitened
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from neurosim.networks import ConvolutionalLCA, ConvolutionalLinkedLCA
from neurosim.stimuli import Film, embedded_photographs, rescale_images

Floats = NDArray[Any]
Row = dict[str, Any]
HELD_OUT = "camera"
N_FIELDS, N_CROPS = 32, 400
LEARNING: dict[str, Any] = {
    "threshold": THRESHOLD, "learning_rate": 4.0, "learning_rate_schedule": "linear", "batch_size": 16,
    "initial_dictionary": "stimuli", "random_state": 0, "backend": "cython",
}  # fmt: skip
Strides = tuple[tuple[int, int, int], ...]


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--backends", nargs="+", default=["numpy", "cython", "cpp_standalone"])
    options = parser.parse_args()
    path = Path(__file__).with_suffix(".csv")
    for name in options.cases:
        before = pd.read_csv(path) if path.exists() else pd.DataFrame({"case": []})
        before, rows = before[before["case"] != name], []
        for row in above_minimum(CASES[name](), options.backends):
            rows.append({"case": name, **row})
            print(rows[-1], flush=True)
            table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
            pd.concat([before, table]).to_csv(path, index=False, float_format="%.4g")


@dataclass(frozen=True)
class Case:
    """What is coded, by whom: fields and pictures as a network takes them, and with all four axes for the other side.

    `strides` has for each that is tried what the network is told, and the steps in every picture.
    """

    network: Any
    fields: Any
    shown: Any
    strides: dict[str, tuple[Any, Strides]]
    weights: tuple[float, ...] = (1.0,)
    options: dict[str, Any] = field(default_factory=dict)
    axes: Callable[[Any], list[Floats]] = lambda array: [array]

    def of_four_axes(self, given: Any) -> list[Floats]:
        """Return pictures or fields with frames and channels, times the roots of their weights."""
        parts = zip(self.weights, self.axes(given), strict=True)
        return [np.sqrt(weight) * np.asarray(each, dtype=np.float64) for weight, each in parts]


def photographs() -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return photographs to learn from, and the one that is held out."""
    found = embedded_photographs()
    return {name: p for name, p in found.items() if name not in ("brick", HELD_OUT)}, {
        HELD_OUT: found[HELD_OUT]
    }


def crops(pictures: list[Floats], *, size: int, n: int = N_CROPS) -> Floats:
    """Return squares cut at random from pictures (height, width, …), at even pixels."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(n):
        whole = pictures[rng.integers(len(pictures))]
        row, column = (2 * int(rng.integers(4, (side - size) // 2 - 4)) for side in whole.shape[:2])
        found.append(whole[row : row + size, column : column + size])
    return np.array(found, dtype=np.float32)


def ordinary(pieces: Floats) -> slice:
    """Return which one of some pieces has the contrast that is nearest to that of photographs."""
    contrast = pieces.reshape(len(pieces), -1).std(axis=1)
    nearest = int(np.argmin(np.abs(contrast - DEVIATION)))
    return slice(nearest, nearest + 1)


def film() -> Case:
    """A film of one channel."""
    learned, held_out = (
        Film.from_photographs(whitened(pictures), shape=(n, 8, 24, 24), motion="move", rng=n).frames
        for pictures, n in zip(photographs(), (N_CROPS, 40), strict=True)
    )
    strides = {str(s): (s, (s,)) for s in ((1, 4, 4), (1, 2, 2), (2, 2, 2), (4, 4, 4))}
    net = ConvolutionalLCA(N_FIELDS, field=(4, 8, 8), stride=(1, 4, 4), **LEARNING).fit(learned)
    return Case(
        ConvolutionalLCA, net.fields_, held_out[ordinary(held_out)], strides,
        axes=lambda array: list(array[np.newaxis, ..., np.newaxis]),
    )  # fmt: skip


def channels() -> Case:
    """ON and OFF cells, seen together."""
    learned, held_out = (
        crops([np.stack([np.maximum(p, 0), np.maximum(-p, 0)], axis=-1) for p in pictures.values()], size=32, n=n)
        for pictures, n in zip(map(whitened, photographs()), (N_CROPS, 40), strict=True)
    )  # fmt: skip
    net = ConvolutionalLCA(N_FIELDS, field=8, stride=4, channels=2, **LEARNING).fit(learned)
    strides = {str(s): (s, ((1, s, s),)) for s in (4, 2, 1)}
    return Case(
        ConvolutionalLCA, net.fields_, held_out[ordinary(held_out)], strides, options={"channels": 2},
        axes=lambda array: list(array[np.newaxis, :, np.newaxis]),
    )  # fmt: skip


def modalities() -> Case:
    """A photograph and its thumbnail."""
    learned, held_out = (
        pictures_and_thumbnails(pictures, n=n)
        for pictures, n in zip(photographs(), (N_CROPS, 40), strict=True)
    )
    which = ordinary(held_out["picture"])
    held_out = {name: each[which] for name, each in held_out.items()}
    sizes = {"picture": 8, "thumbnail": 4}
    weights = {"picture": 1.0, "thumbnail": 0.5}
    net = ConvolutionalLinkedLCA(
        N_FIELDS, field=sizes, stride={"picture": 4, "thumbnail": 2}, weights=weights, nonnegative=False, **LEARNING
    ).fit(learned)  # fmt: skip
    strides = {
        f"{s} and {s // 2}": ({"picture": s, "thumbnail": s // 2}, ((1, s, s), (1, s // 2, s // 2))) for s in (4, 2)
    }  # fmt: skip
    return Case(
        ConvolutionalLinkedLCA, net.fields_, held_out, strides, weights=tuple(weights.values()),
        options={"weights": weights, "nonnegative": False},
        axes=lambda by_name: [each[:, np.newaxis, ..., np.newaxis] for each in by_name.values()],
    )  # fmt: skip


def pictures_and_thumbnails(pictures: dict[str, Floats], *, n: int, size: int = 32) -> dict[str, Floats]:
    """Return crops of photographs and of their thumbnails of half the size, whitened each."""
    even = {name: p[: len(p) // 2 * 2, : p.shape[1] // 2 * 2] for name, p in pictures.items()}
    small = whitened(rescale_images(even, factor=0.5))
    # Enlarged, so that both are cut at the same places.
    wide = {name: np.repeat(np.repeat(p, 2, axis=0), 2, axis=1) for name, p in small.items()}
    both = [np.stack([p, wide[name]], axis=-1) for name, p in whitened(even).items()]
    cut = crops(both, size=size, n=n)
    return {"picture": cut[..., 0], "thumbnail": np.ascontiguousarray(cut[:, ::2, ::2, 1])}


class Problem:
    """Pictures (frames, rows, columns, channels) that one code explains together, in numpy."""

    def __init__(self, fields: list[Floats], shapes: list[Any], strides: Strides, *, torus: bool) -> None:
        self.fields, self.shapes, self.strides, self.torus = fields, shapes, strides, torus
        sizes = zip(shapes[0][:3], fields[0].shape[1:4], strides[0], strict=True)
        self.positions = tuple(-(-(n if torus else n - p + 1) // s) for n, p, s in sizes)

    def pictures(self, code: Floats) -> list[Floats]:
        """Add up the fields, cell by cell."""
        found = []
        for fields, shape, stride in zip(self.fields, self.shapes, self.strides, strict=True):
            boxes, cells = np.tensordot(code, fields, axes=1), fields.shape[1:4]
            whole = np.zeros(shape)
            for cell in np.ndindex(*cells):
                places = [
                    (i + s * np.arange(m)) % n
                    for i, s, m, n in zip(cell, stride, self.positions, shape[:3], strict=True)
                ]
                # No two positions have the same cell at the same place.
                whole[np.ix_(*places)] += boxes[(slice(None),) * 3 + cell]
            found.append(whole)
        return found

    def drive(self, pictures: list[Floats]) -> Floats:
        """Return the products of all fields with what lies under them."""
        total = np.zeros((*self.positions, len(self.fields[0])))
        for fields, stride, whole in zip(self.fields, self.strides, pictures, strict=True):
            size = fields.shape[1:4]
            wide = np.pad(whole, [*((0, p - 1) for p in size), (0, 0)], mode="wrap") if self.torus else whole
            boxes = sliding_window_view(wide, size, axis=(0, 1, 2))
            total += np.tensordot(
                boxes[tuple(slice(None, None, s) for s in stride)], fields, axes=([4, 5, 6, 3], [1, 2, 3, 4])
            )
        return total

    def objective(self, pictures: list[Floats], code: Floats) -> float:
        """Return what is minimised."""
        left = sum(np.sum((p - q) ** 2) for p, q in zip(pictures, self.pictures(code), strict=True))
        return float(left / 2 + THRESHOLD * np.abs(code).sum())

    def least(self, pictures: list[Floats], *, n: int = 500) -> float:
        """Return the minimum (Beck & Teboulle 2009), with restarts (O'Donoghue & Candès 2015)."""
        code = np.random.default_rng(0).standard_normal((*self.positions, len(self.fields[0])))
        for _ in range(40):
            code = self.drive(self.pictures(code / np.linalg.norm(code)))
        step, t = 1 / (1.02 * float(np.linalg.norm(code))), 1.0
        code = ahead = np.zeros_like(code)
        for _ in range(n):
            left = [p - q for p, q in zip(pictures, self.pictures(ahead), strict=True)]
            moved = ahead + step * self.drive(left)
            new = np.sign(moved) * np.maximum(np.abs(moved) - step * THRESHOLD, 0)
            if np.sum((ahead - new) * (new - code)) > 0:
                t = 1.0
            later = (1 + np.sqrt(1 + 4 * t**2)) / 2
            code, ahead, t = new, new + (t - 1) / later * (new - code), later
        return self.objective(pictures, code)


def above_minimum(case: Case, backends: list[str]) -> Iterator[Row]:
    """Compare codes with FISTA's minimum."""
    boxes, pictures = case.of_four_axes(case.fields), case.of_four_axes(case.shown)
    pictures = [each[0] for each in pictures]
    first = next(iter(case.strides))
    for boundary in ("valid", "torus"):
        for stride, (told, steps) in case.strides.items():
            problem = Problem(boxes, [p.shape for p in pictures], steps, torus=boundary == "torus")
            lowest = problem.least(pictures)
            for backend in backends:
                for form in ("lateral", "residual"):
                    if backend != "cython" and (form == "residual" or stride != first):
                        continue
                    for share in (None, 0.001):
                        net = case.network.from_dictionary(
                            case.fields, stride=told, boundary=boundary, form=form, threshold=THRESHOLD,
                            epsilon=None if share is None else share * THRESHOLD, backend=backend, **case.options,
                        )  # fmt: skip
                        code = np.asarray(net.transform(case.shown)[0], dtype=np.float64)
                        yield {
                            "backend": backend, "form": form, "boundary": boundary, "stride": stride,
                            "neurons": code.size, "active_fraction": np.mean(code != 0),
                            "epsilon": "default" if share is None else f"{share:g} λ",
                            "excess": problem.objective(pictures, code.reshape(*problem.positions, -1)) / lowest - 1,
                        }  # fmt: skip


CASES: dict[str, Callable[[], Case]] = {"film": film, "channels": channels, "modalities": modalities}

if __name__ == "__main__":
    main()

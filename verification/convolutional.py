"""Whole pictures: how near the minimum of convolutional sparse coding, how fast, and what it saves against tiles.

    python verification/convolutional.py [--parts minimum speed tiles streaming] [--pictures kodak24_gray_uint8.npz]

Photographs are whitened (Olshausen & Field) to a standard deviation of .3; λ is twice that. Fields are 128 of 16 × 16
pixels that an LCA has learned on patches of the photographs of the package without the one that is coded.

``minimum``: objective of codes with default arguments above that of an accelerated proximal gradient method (FISTA with
restarts, float64, numpy), on a picture of 64 × 64 pixels with 64 fields of 8 × 8: strides 1, 2 and 4, valid and torus,
lateral and residual, on every backend. ``speed``: processor seconds of one 512 × 512 photograph (``camera``) at strides
8 and 4, memory, and of it and of 256 × 256 pixels of it against FISTA in float32, whose convolutions are products of
BLAS.
``tiles``: the objective per pixel of held-out photographs, coded whole at strides 8 and 4 and tile by tile, with fields
learned on tiles or on crops of whole pictures. Held out is ``camera``, or the pictures of an .npz file (256 × 256
pixels of each). ``streaming``: films of windows of 96 × 96 pixels that drift over the photographs, 20 ms a frame, at
stride 4: excess of the objective over that at rest (``epsilon`` .001 λ), of all frames but the first four, with
membranes that start each frame at rest (``excess``) or go on (``excess_carried``).
The dated table is kept beside this file, in ``convolutional.csv``, where a part that is run replaces its rows.
"""

import argparse
import os
import resource
import time
import warnings
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.networks import LCA, ConvolutionalLCA
from neurosim.stimuli import Film, Motion, OlshausenField, embedded_photographs, sample_patches

Floats = NDArray[Any]
DEVIATION, THRESHOLD, SIDE, N_FIELDS = 0.3, 0.6, 16, 128
HELD_OUT = "camera"
Row = dict[str, Any]


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--backends", nargs="+", default=["numpy", "cython", "cpp_standalone"])
    parser.add_argument("--pictures", type=Path, help="held-out grey pictures (.npz) for the part `tiles`")
    options = parser.parse_args()
    path = Path(__file__).with_suffix(".csv")
    for part in options.parts:
        rows = []
        for row in PARTS[part](options):
            rows.append({"part": part, **row})
            print(rows[-1], flush=True)
        table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
        if path.exists():
            before = pd.read_csv(path)
            table = pd.concat([before[before["part"] != part], table])
        table.to_csv(path, index=False, float_format="%.4g")


def whitened(pictures: dict[str, Floats]) -> dict[str, Floats]:
    """Return pictures behind the filter, of one standard deviation."""
    filtered = {name: OlshausenField(cutoff=0.4).apply(picture) for name, picture in pictures.items()}
    return {name: (DEVIATION * p / p.std()).astype(np.float32) for name, p in filtered.items()}


def photographs() -> tuple[dict[str, Floats], Floats]:
    """Return photographs to learn from, and the one that is held out."""
    found = whitened(embedded_photographs())
    return {name: p for name, p in found.items() if name not in ("brick", HELD_OUT)}, found[HELD_OUT]


def learned_fields(
    pictures: dict[str, Floats], *, n: int = N_FIELDS, side: int = SIDE, seed: int = 0
) -> Floats:
    """Return fields that an LCA has learned on patches."""
    patches = sample_patches(pictures, n_patches=30_000, size=side, rng=seed, dtype=np.float32)
    net = LCA(
        n, threshold=THRESHOLD, learning_rate=1.0, learning_rate_schedule="linear",
        initial_dictionary="stimuli", random_state=seed, backend="cython",
    )  # fmt: skip
    return net.fit(patches).dictionary_


class Problem:
    """A picture to be explained by fields at every position, in numpy: valid or on a torus."""

    def __init__(self, fields: Floats, shape: tuple[int, int], stride: int, *, torus: bool) -> None:
        self.fields, self.side, self.stride, self.torus = fields, int(fields.shape[1] ** 0.5), stride, torus
        room = shape if torus else tuple(n - self.side + 1 for n in shape)
        self.positions = tuple(-(-n // stride) for n in room)
        self.shape = shape

    def picture(self, code: Floats) -> Floats:
        """Add up the fields: all positions' boxes, cell by cell."""
        boxes = (code.reshape(-1, len(self.fields)) @ self.fields).reshape(
            *self.positions, self.side, self.side
        )
        whole = np.zeros([m * self.stride + self.side for m in self.positions], dtype=code.dtype)
        for i, j in np.ndindex(self.side, self.side):
            rows = slice(i, i + self.positions[0] * self.stride, self.stride)
            columns = slice(j, j + self.positions[1] * self.stride, self.stride)
            whole[rows, columns] += boxes[:, :, i, j]
        if not self.torus:
            return whole[: self.shape[0], : self.shape[1]]
        height, width = self.shape
        whole[: whole.shape[0] - height] += whole[height:]
        whole[:, : whole.shape[1] - width] += whole[:, width:]
        return whole[:height, :width]

    def drive(self, picture: Floats) -> Floats:
        """Return the products of all fields with what lies under them."""
        if self.torus:
            picture = np.pad(picture, ((0, self.side - 1), (0, self.side - 1)), mode="wrap")
        boxes = np.lib.stride_tricks.sliding_window_view(picture, (self.side, self.side))
        boxes = boxes[:: self.stride, :: self.stride].reshape(-1, self.side**2)
        return (boxes @ self.fields.T).reshape(*self.positions, -1)

    def objective(self, picture: Floats, code: Floats) -> float:
        """Return what is minimised, added up in double precision."""
        residual = (picture - self.picture(code)).astype(np.float64)
        return float((residual**2).sum() / 2 + THRESHOLD * np.abs(code).sum(dtype=np.float64))

    def strength(self) -> float:
        """Return a bound on the largest eigenvalue, by power iteration."""
        code = np.random.default_rng(0).standard_normal((*self.positions, len(self.fields)))
        code = code.astype(self.fields.dtype)
        for _ in range(40):
            code = self.drive(self.picture(code / np.linalg.norm(code)))
        return 1.02 * float(np.linalg.norm(code))


def fista(problem: Problem, picture: Floats) -> Iterator[Floats]:
    """Yield a code after every step (Beck & Teboulle 2009), with restarts (O'Donoghue & Candès 2015)."""
    step = 1 / problem.strength()
    code = ahead = np.zeros((*problem.positions, len(problem.fields)), dtype=picture.dtype)
    t = 1.0
    while True:
        moved = ahead + step * problem.drive(picture - problem.picture(ahead))
        new = moved - np.clip(moved, -step * THRESHOLD, step * THRESHOLD)
        if np.vdot(ahead - new, new - code) > 0:
            t = 1.0
        later = (1 + np.sqrt(1 + 4 * t**2)) / 2
        code, ahead, t = new, (new + (t - 1) / later * (new - code)).astype(picture.dtype), later
        yield code


def least(problem: Problem, picture: Floats, *, n: int) -> float:
    """Return the minimum, in double precision, after so many steps."""
    exact = Problem(problem.fields.astype(np.float64), problem.shape, problem.stride, torus=problem.torus)
    shown = picture.astype(np.float64)
    return exact.objective(shown, deque(islice(fista(exact, shown), n), maxlen=1).pop())


def minimum(options: argparse.Namespace) -> Iterator[Row]:
    """Compare default codes with the minimum."""
    pictures, camera = photographs()
    fields, picture = learned_fields(pictures, n=64, side=8), np.ascontiguousarray(camera[200:264, 200:264])
    for stride in (1, 2, 4):
        for boundary in ("valid", "torus"):
            problem = Problem(fields, picture.shape, stride, torus=boundary == "torus")
            lowest = least(problem, picture, n=800)
            for backend in options.backends:
                for form in ("lateral", "residual"):
                    if form == "residual" and backend == "numpy" and stride < 4:
                        continue  # minutes
                    net = ConvolutionalLCA.from_dictionary(
                        fields,
                        stride=stride,
                        boundary=boundary,
                        form=form,
                        threshold=THRESHOLD,
                        backend=backend,
                    )
                    code = net.transform(picture[np.newaxis])[0]
                    yield {
                        "backend": backend,
                        "form": form,
                        "boundary": boundary,
                        "stride": stride,
                        "neurons": code.size,
                        "active_per_pixel": (code != 0).sum() / picture.size,
                        "excess": problem.objective(picture, code) / lowest - 1,
                    }


def timed(net: ConvolutionalLCA, picture: Floats) -> tuple[Floats, float]:
    """Return a code and the processor seconds it took, once everything is compiled: the median of five."""
    net.transform(picture[np.newaxis])
    taken = []
    for _ in range(5):
        began = time.process_time()
        code = net.transform(picture[np.newaxis])[0]
        taken.append(time.process_time() - began)
    return code, float(np.median(taken))


def speed(options: argparse.Namespace) -> Iterator[Row]:
    """Time whole photographs, and a part of one against FISTA."""
    pictures, camera = photographs()
    fields = learned_fields(pictures)
    for stride in (8, 4):
        net = ConvolutionalLCA.from_dictionary(fields, stride=stride, threshold=THRESHOLD, backend="cython")
        code, seconds = timed(net, camera)
        yield {
            "method": "ConvolutionalLCA",
            "side": len(camera),
            "stride": stride,
            "neurons": code.size,
            "active_per_pixel": (code != 0).sum() / camera.size,
            "processor_seconds": seconds,
            "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        }
    part = np.ascontiguousarray(camera[128:384, 128:384])
    yield from _against_fista(fields, part, shares=(0.03, None, 0.002), n=500)
    yield from _against_fista(fields, camera, shares=(0.03,), n=200)


def _against_fista(
    fields: Floats, picture: Floats, *, shares: tuple[float | None, ...], n: int
) -> Iterator[Row]:
    """Time both on one picture; the minimum is where so many steps of FISTA in double precision come to."""
    problem = Problem(fields, picture.shape, 4, torus=False)
    lowest = least(problem, picture, n=n)
    for share in shares:
        epsilon = None if share is None else share * THRESHOLD
        net = ConvolutionalLCA.from_dictionary(
            fields, stride=4, threshold=THRESHOLD, epsilon=epsilon, backend="cython"
        )
        code, seconds = timed(net, picture)
        method = "ConvolutionalLCA" + ("" if share is None else f", epsilon {share:g} λ")
        yield {"method": method, "side": len(picture), "stride": 4, "neurons": code.size} | {
            "active_per_pixel": (code != 0).sum() / picture.size,
            "processor_seconds": seconds,
            "excess": problem.objective(picture, code) / lowest - 1,
        }
    yield from _by_fista(problem, picture, lowest)


def _by_fista(problem: Problem, picture: Floats, lowest: float) -> Iterator[Row]:
    # The step, which power iteration finds, is the dictionary's: it counts as nothing.
    wanted, spent, steps = [1e-2, 1e-3, 1e-4], 0.0, fista(problem, picture)
    next(steps)
    began = time.process_time()
    for code in steps:
        spent += time.process_time() - began
        excess = problem.objective(picture, code) / lowest - 1
        while wanted and excess < wanted[0]:
            row = {
                "method": f"FISTA, float32, to {wanted.pop(0):g}",
                "side": len(picture),
                "stride": problem.stride,
            }
            yield row | {"neurons": code.size, "processor_seconds": spent, "excess": excess}
        if not wanted or spent > 600:
            return
        began = time.process_time()


def tiles(options: argparse.Namespace) -> Iterator[Row]:
    """Compare whole pictures with their tiles, held out."""
    pictures, camera = photographs()
    if options.pictures is None:
        shown = camera[np.newaxis]
    else:
        with np.load(options.pictures) as file:
            grey = next(iter(file.values()))
        cut = [np.asarray(p, dtype=float)[:512, :512] for p in grey]
        shown = np.stack([p[128:384, 128:384] for p in whitened(dict(enumerate(cut))).values()])  # type: ignore[arg-type]
    fields = {"tiles": learned_fields(pictures)}
    crops = sample_patches(pictures, n_patches=1600, size=64, rng=0, dtype=np.float32)
    for stride in (8, 4):
        net = ConvolutionalLCA(
            N_FIELDS, field=SIDE, stride=stride, threshold=THRESHOLD, learning_rate=4.0,
            learning_rate_schedule="linear", n_epochs=2, initial_dictionary=fields["tiles"], random_state=0,
            backend="cython",
        )  # fmt: skip
        began = sum(os.times()[:4])
        fields[f"crops, stride {stride}"] = net.fit(crops).dictionary_
        print(f"learned at stride {stride} in {sum(os.times()[:4]) - began:.1f} s", flush=True)
    for name, each in fields.items():
        for stride in (SIDE, 8, 4):
            net = ConvolutionalLCA.from_dictionary(each, stride=stride, threshold=THRESHOLD, backend="cython")
            codes = net.transform(shown)
            yield {
                "method": "tile by tile" if stride == SIDE else "whole",
                "fields": f"learned on {name}",
                "stride": stride,
                "pictures": len(shown),
                "neurons": codes[0].size,
                "active_per_pixel": (codes != 0).sum() / shown.size,
                "objective_per_pixel": net.objective(shown, codes).sum() / shown.size,
            }


def streaming(options: argparse.Namespace) -> Iterator[Row]:
    """Follow films of whole pictures, with 20 ms a frame."""
    pictures, _ = photographs()
    fields = learned_fields(pictures)
    given: dict[str, Any] = {"stride": 4, "threshold": THRESHOLD, "backend": "cython"}
    still = ConvolutionalLCA.from_dictionary(fields, **given, epsilon=0.001 * THRESHOLD)
    brief = ConvolutionalLCA.from_dictionary(fields, **given, presentation="20 ms")
    for drift in (0.1, 0.3, 1.0, 3.0):
        motion = Motion(translating=1.0, speed=(drift, drift))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a film that aliases
            film = Film.from_photographs(
                pictures, shape=(4, 12, 96, 96), motion=motion, rng=np.random.default_rng(1)
            )
        frames = np.asarray(film.frames, dtype=np.float32)
        frames *= DEVIATION / frames.std()
        shown = frames[:, 4:].reshape(-1, *frames.shape[2:])
        lowest = still.objective(shown, still.transform(shown)).mean()
        codes = brief.settle_film(frames, frame_seconds=0.02).code[:, 4:]
        found = {
            "excess": brief.settle(shown).code,
            "excess_carried": codes.reshape(len(shown), *codes.shape[2:]),
        }
        yield {
            "side": 96,
            "stride": 4,
            "neurons": codes[0, 0].size,
            "drift": drift,
            "pictures": len(shown),
        } | {name: brief.objective(shown, code).mean() / lowest - 1 for name, code in found.items()}


PARTS = {"minimum": minimum, "speed": speed, "tiles": tiles, "streaming": streaming}

if __name__ == "__main__":
    main()

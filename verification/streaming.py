"""Codes of a film whose frames take little time: from rest each time, or from the membranes of the frame before.

    python verification/streaming.py [--seeds 0 1 2] [--speeds 0.1 0.3 0.5 1 3] [--frame-ms 5 10 20 40]

A made film: 50 windows of 16×16 pixels drift over photographs in the filter of Olshausen & Field, each in a direction
of its own; 384 fields were learned from still patches. Of every frame but the first four, the excess of the objective
over the least one (scikit-learn's coordinate descent) is taken, as a share of it: ``cold`` with membranes that start
each frame at rest, ``carried`` with `transform_film`. ``unsettled_…`` is the share of frames whose time was up before
the population was at rest. The dated table is kept beside this file, in ``streaming.csv``; the picture is
``docs/pictures/streaming.png``.
"""

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso

from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.style import house_style
from neurosim.networks import LCA
from neurosim.stimuli import Film, Motion, OlshausenField, embedded_photographs, filter_images, sample_patches

SIDE, N_NEURONS, N_TRAINING = 16, 384, 40_000
N_PLACES, N_FRAMES, FIRST = 50, 14, 4
DEVIATIONS = 1.0
PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "streaming.png"


def main() -> None:
    """Measure, print, store and draw the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--speeds", type=float, nargs="+", default=[0.1, 0.3, 0.5, 1.0, 3.0])
    parser.add_argument("--frame-ms", type=float, nargs="+", default=[5.0, 10.0, 20.0, 40.0])
    parser.add_argument("--deviations", type=float, default=DEVIATIONS, help="threshold, in deviations")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for seed in options.seeds:
        fields, images, scale = learned(seed)
        for speed in options.speeds:
            film = drifting(images, scale, speed=speed, seed=seed)
            for row in compared(fields, film, options.frame_ms, level=options.deviations):
                rows.append({"seed": seed, "speed": speed, "aliased": film.aliased} | row)
                print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")
    print(summary(table).to_string())
    drawn(table).savefig(PICTURE, dpi=110, metadata={"Software": None})


def learned(seed: int) -> tuple[NDArray[Any], dict[str, NDArray[Any]], float]:
    """Return fields learned from still patches, the filtered photographs, and what makes their deviation 1."""
    images = filter_images(embedded_photographs(), by=OlshausenField())
    rng = np.random.default_rng(seed)
    patches = sample_patches(images, n_patches=N_TRAINING, size=SIDE, variance_floor=0.1, rng=rng)
    scale = 1 / float(patches.std())
    start: dict[str, Any] = {"initial_dictionary": "stimuli", "learning_rate_schedule": "linear"}
    net = LCA(N_NEURONS, threshold=1.0, batch_size=200, random_state=seed, **start)
    return net.fit(scale * patches).dictionary_, images, scale


def drifting(images: dict[str, NDArray[Any]], scale: float, *, speed: float, seed: int) -> Film:
    """Return a film of windows that drift steadily, in pixels per frame."""
    motion = Motion(translating=1.0, speed=(speed, speed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a film that aliases: the table says how much
        made = Film.from_photographs(
            images,
            shape=(N_PLACES, N_FRAMES, SIDE, SIDE),
            motion=motion,
            rng=np.random.default_rng([seed, 1]),
        )
    return replace(made, frames=scale * made.frames.astype(float))


def compared(
    fields: NDArray[Any], film: Film, frame_ms: list[float], *, level: float
) -> Iterator[dict[str, float]]:
    """Yield one row for each time per frame."""
    shown = film.frames[:, FIRST:].swapaxes(0, 1).reshape(-1, fields.shape[1])
    network = LCA.from_dictionary(fields, threshold=level, backend="numpy")
    least = network.objective(shown, optimal(fields, shown, level)).mean()
    for milliseconds in frame_ms:
        carried = network.settle_film(film, frame_seconds=milliseconds / 1000)
        network.set_params(presentation=f"{milliseconds} ms")
        cold = network.settle(shown)
        codes = {"cold": cold.code, "carried": carried.code[FIRST:].reshape(len(shown), -1)}
        excess = {
            f"excess_{name}": network.objective(shown, code).mean() / least - 1
            for name, code in codes.items()
        }
        yield {
            "frame_ms": milliseconds,
            **excess,
            "unsettled_cold": float(np.mean(cold.unsettled)),
            "unsettled_carried": float(np.mean(carried.unsettled[FIRST:])),  # type: ignore[index]
        }


def optimal(fields: NDArray[Any], stimuli: NDArray[Any], level: float) -> NDArray[Any]:
    """Return the codes of the least objective."""
    solver = Lasso(alpha=level / fields.shape[1], fit_intercept=False, max_iter=200_000, tol=1e-8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # past rounding it cannot converge further
        found: NDArray[Any] = solver.fit(fields.T, stimuli.T).coef_
    return found


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean excess over seeds in per cent, cold and carried, and how many seeds gained."""
    by = table.assign(gained=table["excess_carried"] < table["excess_cold"]).groupby(["speed", "frame_ms"])
    means = 100 * by[["excess_cold", "excess_carried"]].mean()
    return means.round(2).assign(gained=by["gained"].sum(), seeds=by.size())


def drawn(table: pd.DataFrame) -> Any:
    """Draw the excess against the drift, and its ratio: below 1 carrying over pays, above it costs."""
    with house_style():
        figure = canvas(width=9.0, height=3.6)
        excess, ratio = figure.subplots(1, 2)
        for number, (milliseconds, rows) in enumerate(table.groupby("frame_ms")):
            by = rows.assign(ratio=rows["excess_carried"] / rows["excess_cold"]).groupby("speed")
            means, least, most = by.mean(numeric_only=True), by["ratio"].min(), by["ratio"].max()
            line: dict[str, Any] = {"color": f"C{number}", "marker": "o", "ms": 4}
            excess.loglog(means.index, 100 * means["excess_cold"], "--", color=line["color"])
            excess.loglog(means.index, 100 * means["excess_carried"], **line)
            ratio.fill_between(means.index, least, most, color=line["color"], alpha=0.2, lw=0)
            ratio.loglog(means.index, means["ratio"], label=f"{milliseconds:g} ms", **line)
        ratio.axhline(1, color="0.5", lw=0.8)
        ratio.legend(title="time per frame", loc="lower right")
        excess.set(ylabel="excess of the objective (%)", title="dashed: each frame from rest")
        ratio.set(ylabel="excess, carried over / from rest", title="below 1 it pays, above it costs")
        for panel, ticks in ((excess, (0.1, 0.3, 1, 3, 10, 30)), (ratio, (0.1, 0.2, 0.5, 1, 1.5))):
            panel.minorticks_off()
            panel.set_xticks(speeds := sorted(table["speed"].unique()), [f"{each:g}" for each in speeds])
            panel.set_yticks(ticks, [f"{each:g}" for each in ticks])
            panel.set_xlabel("drift (pixels per frame)")
    return figure


if __name__ == "__main__":
    main()

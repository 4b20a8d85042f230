"""The figures of Barari & Kim on MNIST: activities, reconstructions with their errors, and codes in the plane.

    NEUROSIM_DATA=… python verification/linked_figures.py [--seeds 1] [--digits 20000] [--pictures DIR] [--keep DIR]

Networks learn training digits of MNIST, the first 20,000, as in `linked.py`, or are those that ``linked.py --keep DIR``
has kept. Drawn, of seed 0, into ``docs/pictures``: for the linked and the ordinal dictionary, activities of test
digits, their handwriting rebuilt and their print recalled, with relative squared errors (``linked_rebuilt_….png``);
mean activity of each neuron for each digit (``linked_activity.png``); raw pixels and codes of one dictionary, linked
and ordinal ones in the plane, and of linked dictionaries that see the print too (``linked_pca.png``,
``linked_tsne.png``). Errors of all 10,000 test digits are kept in ``linked_rebuilt.csv``, and how far classes of 1,000
test digits lie apart in the plane in ``linked_plane.csv``: silhouettes of Euclidean distance, by the class of the
handwriting, by that of the print that was shown, and with classes shuffled. A few minutes on one core.
"""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

# One thread, before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from linked_networks import handwriting, trained
from matplotlib.figure import Figure
from numpy.typing import NDArray

from neurosim.analysis import pca, silhouette, tsne
from neurosim.analysis.codes.recall import recall_error
from neurosim.analysis.plots import plot_embedding
from neurosim.stimuli import load_mnist, printed_digits, unit_norm

HERE = Path(__file__)
PICTURES = HERE.parents[1] / "docs" / "pictures"
LINKED = ("linked", "ordinal")
N_DRAWN = 1_000
# Test digits in the figure of reconstructions: the first of each of these classes.
EXAMPLES = (0, 2, 3, 4, 8, 9)
# Panels of the figures in the plane.
PANELS = ("raw", "single", "linked", "ordinal", "linked, print shown")

Row = dict[str, Any]


class Points(NamedTuple):
    """Test digits as pixels or codes."""

    rows: NDArray[Any]
    """Shape (n_drawn, n)."""
    shown: NDArray[Any] | None = None
    """Classes of the prints that were shown with them, if any were."""


def main() -> None:
    """Train, measure, draw seed 0, and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--digits", type=int, default=20_000)
    parser.add_argument("--pictures", type=Path, default=PICTURES)
    parser.add_argument("--keep", type=Path, help="folder of trained networks")
    options = parser.parse_args()
    options.pictures.mkdir(exist_ok=True)
    rebuilt: list[Row] = []
    plane: list[Row] = []
    for seed in range(options.seeds):
        nets = _networks(seed, n_digits=options.digits, keep=options.keep)
        rebuilt += [row for code in LINKED for row in errors(code, seed, nets[code])]
        rows, planes = placed(seed, nets)
        plane += rows
        _store(rebuilt, "linked_rebuilt.csv")
        _store(plane, "linked_plane.csv")
        if seed == 0:
            _draw(nets, planes, rows, options.pictures)


def _networks(seed: int, *, n_digits: int, keep: Path | None) -> dict[str, Any]:
    training = load_mnist("train")
    given, labels = unit_norm(training.flat[:n_digits]), training.labels[:n_digits]
    return {code: trained(code, seed, given, labels, keep=keep) for code in ("single", *LINKED)}


def errors(code: str, seed: int, net: Any) -> list[Row]:
    """Return relative squared error and cosine of what codes of all test digits make of handwriting and print."""
    test, printed = load_mnist("test"), unit_norm(printed_digits().flat)
    unseen = unit_norm(test.flat)
    activity = net.transform(handwriting(code, unseen))
    made = {
        "handwriting": (net.dictionaries_["handwriting"], unseen),
        "print": (net.dictionaries_["printed"], printed[test.labels]),
    }
    if net.completion:
        made["print, weights of recall"] = (net.recall_weights_["printed"], printed[test.labels])
    rows = []
    for what, (fields, wanted) in made.items():
        found = recall_error(activity @ fields, wanted, test.labels).loc["all", ["relative_error", "cosine"]]
        rows.append({"code": code, "seed": seed, "made": what, **found.to_dict()})
    return rows


def placed(seed: int, nets: dict[str, Any]) -> tuple[list[Row], dict[str, dict[str, NDArray[Any]]]]:
    """Return how far classes lie apart in the plane, and where each digit lies, by embedding and points."""
    test = load_mnist("test")
    drawn = np.random.default_rng(seed).permutation(len(test))[:N_DRAWN]
    labels = test.labels[drawn]
    rows: list[Row] = []
    planes: dict[str, dict[str, NDArray[Any]]] = {"pca": {}, "tsne": {}}
    for name, points in _points(seed, nets, unit_norm(test.flat[drawn]), labels).items():
        planes["pca"][name] = pca(points.rows).coordinates
        planes["tsne"][name] = tsne(points.rows, rng=seed, max_points=N_DRAWN).coordinates
        for embedding in planes:
            by = {
                "silhouette": labels,
                "silhouette_of_print": points.shown,
                "silhouette_shuffled": np.random.default_rng(seed).permutation(labels),
            }
            found = {
                key: silhouette(planes[embedding][name], classes, rng=seed, metric="euclidean")
                for key, classes in by.items()
                if classes is not None
            }
            rows.append({"embedding": embedding, "points": name, "seed": seed, **found})
            print(rows[-1], flush=True)
    return rows, planes


def _points(
    seed: int, nets: dict[str, Any], unseen: NDArray[Any], labels: NDArray[np.int64]
) -> dict[str, Points]:
    """Return pixels, codes from handwriting, and codes while a print is seen too: the right one, or any."""
    printed = unit_norm(printed_digits().flat)
    any_class = np.random.default_rng([seed, 1]).permutation(labels)
    points = {"raw": Points(unseen)}
    points |= {code: Points(net.transform(handwriting(code, unseen))) for code, net in nets.items()}
    for words, classes in (("print shown", labels), ("any print shown", any_class)):
        both = {"handwriting": unseen, "printed": printed[classes]}
        points[f"linked, {words}"] = Points(nets["linked"].transform(both), classes)
    return points


def _store(rows: list[Row], name: str) -> None:
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    table.to_csv(HERE.with_name(name), index=False, float_format="%.4f")


def _draw(
    nets: dict[str, Any], planes: dict[str, dict[str, NDArray[Any]]], rows: list[Row], folder: Path
) -> None:
    test = load_mnist("test")
    labels = test.labels[np.random.default_rng(0).permutation(len(test))[:N_DRAWN]]
    found = {(row["embedding"], row["points"]): row["silhouette"] for row in rows}
    for embedding, coordinates in planes.items():
        titled = {f"{name} ({found[embedding, name]:.2f})": coordinates[name] for name in PANELS}
        plot_embedding(titled, labels).savefig(folder / f"linked_{embedding}.png", dpi=80)
    for code in ("linked", "ordinal"):
        _rebuilt(code, nets[code]).savefig(folder / f"linked_rebuilt_{code}.png", dpi=80)
    _activity(nets).savefig(folder / "linked_activity.png", dpi=80)


def _rebuilt(code: str, net: Any) -> Figure:
    """Draw what is given, its activity, and what that makes of handwriting and print, a digit in each column."""
    test, printed = load_mnist("test"), unit_norm(printed_digits().flat)
    unseen = unit_norm(test.flat[[np.flatnonzero(test.labels == digit)[0] for digit in EXAMPLES]])
    activity = net.transform(handwriting(code, unseen))
    images = {
        "given": unseen,
        "rebuilt": activity @ net.dictionaries_["handwriting"],
        "recalled": activity @ net.dictionaries_["printed"],
        "print": printed[list(EXAMPLES)],
    }
    figure = Figure(figsize=(1.6 * len(EXAMPLES), 8), layout="constrained")
    panels = figure.subplots(5, len(EXAMPLES))
    for column, codes in zip(panels[0], activity, strict=True):
        column.vlines(np.arange(len(codes)), 0, codes, lw=0.8)
        column.set(ylim=(0, 1.05 * activity.max()), xlabel="neuron")
        column.label_outer()
    for row, (name, rows) in zip(panels[1:], images.items(), strict=True):
        goals = images["given" if name in ("given", "rebuilt") else "print"]
        for panel, picture, goal in zip(row, rows, goals, strict=True):
            panel.imshow(picture.reshape(28, 28), cmap="gray", vmin=0, vmax=goal.max())
            panel.set(xticks=[], yticks=[])
            if name in ("rebuilt", "recalled"):
                panel.set_title(f"error {np.square(picture - goal).sum():.2f}", fontsize=9)
        row[0].set_ylabel(name)
    panels[0, 0].set_ylabel("activity")
    figure.suptitle(f"{code}: codes of unseen handwriting")
    return figure


def _activity(nets: dict[str, Any]) -> Figure:
    """Draw each neuron's mean activity for each digit, neurons in the order of the digit that they answer most."""
    test = load_mnist("test")
    figure = Figure(figsize=(9, 5), layout="constrained")
    for panel, code in zip(figure.subplots(3), ("single", "linked", "ordinal"), strict=True):
        activity = nets[code].transform(handwriting(code, unit_norm(test.flat)))
        means = np.stack([activity[test.labels == digit].mean(axis=0) for digit in range(10)])
        order = np.arange(means.shape[1])
        if code != "ordinal":  # its neurons stand in their blocks already
            order = np.lexsort([-means.max(axis=0), means.argmax(axis=0)])
        panel.imshow(means[:, order] / means.max(), aspect="auto", cmap="magma", vmax=0.5)
        panel.set(ylabel=f"{code}\ndigit", yticks=range(0, 10, 3))
    panel.set_xlabel("neuron")
    return figure


if __name__ == "__main__":
    main()

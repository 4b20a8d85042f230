"""What a page's script is given: numbers of every cell as JSON, and one sprite of all small pictures."""

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim import measures
from neurosim.report.explorer.cells import Cells, Stored, cut_to_fields, stored_cells
from neurosim.report.explorer.sprite import Sprite, sprite
from neurosim.report.explorer.tuning import measured_in_laboratory, tuning_of
from neurosim.report.pictures import data_address
from neurosim.results.run_folder import RunFolder

__all__ = ["Explorer", "explorer_of"]

_FIT = ("x0", "y0", "orientation", "frequency", "phase", "sigma_x", "sigma_y", "amplitude")
_USED = {
    "usage": "share of the held-out stimuli it answers",
    "fall_nats": "how much worse the model explains a stimulus without it (log likelihood, nats; 1 nat is 1.44 bits)",
    "lifetime_sparseness": "lifetime sparseness",
    "threshold": "threshold",
}
_IMAGES = 320  # held-out stimuli that a page carries at most
_BEST = 6
_PARTNERS = 6
_IN_IMAGE = (
    "Shown are {how}: what a neuron looks for in a photograph. Beside it stand the weights it learned, on the patch as "
    "the filter before the network leaves it."
)
_ON_STIMULI = "Shown are fields as learned: the weights on the stimulus as the network is given it."
_ON_CLIPS = (
    "Shown are fields as learned, the weights on whitened clips: of each the frame of most contrast, and beside it all "
    "{frames} frames, the first on the left."
)


class Explorer(NamedTuple):
    """The explored part of a page."""

    data: dict[str, Any]
    """JSON, without NaN."""
    sheets: list[str]
    """The ``data:`` address of each picture of small pictures."""
    words: str
    """What the fields are, in a sentence or two."""


def explorer_of(run: RunFolder) -> Explorer | None:
    """Return what there is to explore of a finished run, or None if its network is not there.

    Parameters
    ----------
    run : RunFolder

    Raises
    ------
    ValueError
        If its network file cannot be read.
    """
    stored = stored_cells(run)
    if stored is None:
        return None
    stored = stored._replace(groups=[cut_to_fields(group) for group in stored.groups])
    shown = _images(stored)
    on_stimuli = [group.fields for group in stored.groups]
    pictures = [_alike([*on_stimuli, stored.images[shown]])]
    in_image = [group.image_fields for group in stored.groups if group.image_fields is not None]
    whole = len(in_image) == len(stored.groups)
    if whole:
        pictures.append(_alike(in_image))
    elif stored.groups[0].frames > 1:
        pictures.append(stored.groups[0].strongest_frames)
    sheets = [sprite(each) for each in pictures]
    first, groups = 0, []
    for group in stored.groups:
        views = list(_views(group, first=first, in_image=whole))
        groups.append(_group(group, views=views, shown=shown) | _of_laboratory(group, run))
        first += len(group.fields)
    data = {
        "sheets": [_cut(sheet, each) for sheet, each in zip(sheets, pictures, strict=True)],
        "images": {"first": first, "numbers": shown.tolist()},
        "groups": groups,
    }
    return Explorer(data, [data_address(sheet.png) for sheet in sheets], _words(stored, in_image=whole))


def _words(stored: Stored, *, in_image: bool) -> str:
    if in_image:
        return _IN_IMAGE.format(how=stored.in_the_image)
    frames = stored.groups[0].frames
    return _ON_STIMULI if frames == 1 else _ON_CLIPS.format(frames=frames)


def _cut(sheet: Sprite, pictures: NDArray[np.floating]) -> dict[str, Any]:
    """Return how a sheet is cut into its pictures."""
    _, height, width = pictures.shape
    return {
        "across": sheet.across,
        "down": sheet.down,
        "height": height,
        "width": width,
        "scales": numbers(sheet.scales),
    }


def numbers(values: Iterable[Any]) -> list[float | None]:
    """Return numbers with three digits, and None for those that are not there.

    Examples
    --------
    >>> numbers([0.12345, float("nan"), 1234.5])
    [0.123, None, 1230.0]
    """
    return [float(f"{value:.3g}") if math.isfinite(value) else None for value in map(float, values)]


def _alike(parts: list[NDArray[np.floating]]) -> NDArray[np.floating]:
    """Return pictures of one size in one array; smaller ones get a grey margin below and to the right."""
    height, width = (max(part.shape[axis] for part in parts) for axis in (1, 2))
    return np.concatenate(
        [np.pad(part, ((0, 0), (0, height - part.shape[1]), (0, width - part.shape[2]))) for part in parts]
    )


def _images(stored: Stored) -> NDArray[np.intp]:
    """Return which held-out stimuli the page carries: the best of each cell, of the most active cells first."""
    best: dict[int, float] = {}
    for group in stored.groups:
        if group.activity is None or not len(stored.images):
            continue
        size = np.abs(group.activity)
        scale = size.max() or 1.0
        for number, value in zip(size.argmax(axis=0), size.max(axis=0) / scale, strict=True):
            best[int(number)] = max(best.get(int(number), 0.0), float(value))
    kept = sorted(best, key=lambda number: -best[number])[:_IMAGES]
    return np.sort(np.array(kept, dtype=np.intp))


def _views(group: Cells, *, first: int, in_image: bool) -> Iterator[dict[str, Any]]:
    """Yield the ways to look at a group's fields, the one of the mosaic first."""
    if in_image and group.image_fields is not None:
        words = "fields it pools, in the image" if group.pools else "field in the image"
        yield _view(group.image_fields, sheet=1, first=first, words=words) | _fit(group.table, "image_")
        words = "the same on the filtered patch" if group.pools else "weights on the filtered patch"
    elif group.frames > 1:
        yield _view(group.strongest_frames, sheet=1, first=first, words="frame of most contrast")
        words = "field, frame after frame"
    else:
        words = "fields it pools, by their weights" if group.pools else "field"
    yield _view(group.fields, sheet=0, first=first, words=words) | _fit(group.table, "")


def _view(fields: NDArray[np.floating], *, sheet: int, first: int, words: str) -> dict[str, Any]:
    _, height, width = fields.shape
    return {"sheet": sheet, "first": first, "height": height, "width": width, "words": words}


def _fit(table: pd.DataFrame, prefix: str) -> dict[str, Any]:
    """Return the Gabor functions that were fitted to fields in one space, where they are known."""
    columns = {name: f"{prefix}{name}" for name in (*_FIT, "r2")}
    if not set(columns.values()) <= set(table.columns):
        return {}
    return {"fit": {name: numbers(table[column]) for name, column in columns.items()}}


def _group(group: Cells, *, views: list[dict[str, Any]], shown: NDArray[np.intp]) -> dict[str, Any]:
    table = group.table
    found: dict[str, Any] = {
        "key": group.key,
        "one": group.one,
        "many": group.many,
        "count": len(group.fields),
        "views": views,
        "weights": [_strongest(each.meaning, each.other, each.values) for each in group.weights],
    }
    if {"row", "column"} <= set(table.columns):
        found["sheet"] = {name: table[name].astype(int).tolist() for name in ("row", "column")}
    if group.activity is not None and len(shown):
        found["answers"] = _answers(np.asarray(group.activity)[shown])
    return found


def _facts(table: pd.DataFrame) -> list[dict[str, Any]]:
    words = _USED | measures.columns()
    known = [name for name in words if name in table.columns]
    return [{"words": words[name], "values": numbers(table[name])} for name in known]


def _answers(activity: NDArray[np.floating]) -> list[list[list[float | None]]]:
    """Return of each cell the stimuli that it answers most, as places among those on the page, with its activity."""
    best = np.argsort(-np.abs(activity), axis=0, kind="stable")[:_BEST]
    return [
        [[int(place), *numbers([activity[place, cell]])] for place in best[:, cell] if activity[place, cell]]
        for cell in range(activity.shape[1])
    ]


def _strongest(meaning: str, other: str, values: NDArray[np.floating]) -> dict[str, Any]:
    ranked = np.argsort(-np.abs(values), axis=1, kind="stable")[:, :_PARTNERS]
    strongest = [
        [[int(number), *numbers([values[cell, number]])] for number in ranked[cell] if values[cell, number]]
        for cell in range(len(values))
    ]
    return {"words": meaning, "to": other, "strongest": strongest}


def _of_laboratory(group: Cells, run: RunFolder) -> dict[str, Any]:
    if group.key != "n":
        return {"facts": _facts(group.table)}
    n_cells = len(group.fields)
    measured = [
        {"words": words, "values": numbers(values)}
        for words, values in measured_in_laboratory(run, n_cells=n_cells).items()
    ]
    curves = tuning_of(run, n_cells=n_cells)
    return {"facts": _facts(group.table) + measured} | ({} if curves is None else {"tuning": curves})

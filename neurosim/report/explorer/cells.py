"""The cells of a finished run as its network file holds them: fields, activity on held-out stimuli, weights."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.window import field_window
from neurosim.report.explorer.weights import NEURONS, Weights, through_others, weights_of
from neurosim.results.run_folder import RunFolder

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Cells", "Stored", "cut_to_fields", "stored_cells"]

Array = NDArray[np.floating]

_IMAGE_FIELD = "image_field"


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of one kind.

    Parameters
    ----------
    key : str
        Before a cell's number in the page's address: ``n`` in ``#n17``.
    one, many : str
        What one is called, and all of them.
    fields : ndarray (n_cells, height, width)
        Weights on the stimulus.
    image_fields : ndarray (n_cells, height, width), optional
        The same in the image, where there is one behind the stimuli; wider.
    frames : int
        Of a film that stand side by side in every field.
    table : DataFrame
        What is known of each: its row of ``fields.csv``.
    activity : ndarray (n_stimuli, n_cells), optional
        On held-out stimuli.
    weights : list of Weights
    pools : bool
        Whether `fields` are sums of other cells' fields, by the weights from them.
    """

    key: str
    one: str
    many: str
    fields: Array
    table: pd.DataFrame
    image_fields: Array | None = None
    activity: Array | None = None
    weights: list[Weights] = field(default_factory=list)
    pools: bool = False
    frames: int = 1

    @property
    def strongest_frames(self) -> Array:
        """Of each field the frame of most contrast (n_cells, height, width of a frame)."""
        cut = np.stack(np.split(self.fields, self.frames, axis=2), axis=1)
        strongest: NDArray[np.intp] = (cut**2).sum(axis=(2, 3)).argmax(axis=1)
        return np.asarray(cut[np.arange(len(cut)), strongest])


class Stored(NamedTuple):
    """All cells of a run."""

    groups: list[Cells]
    images: Array
    """Held-out stimuli as pictures (n_stimuli, height, width)."""
    in_the_image: str
    """How fields in the image were found, in words; empty where there are none."""


def stored_cells(run: RunFolder) -> Stored | None:
    """Return the cells of a run, or None if it has no network file or one without fields.

    Parameters
    ----------
    run : RunFolder

    Raises
    ------
    ValueError
        If the file cannot be read.
    """
    import xarray as xr

    path = run.path / "network.nc"
    if not path.is_file():
        return None
    try:
        with xr.open_dataset(path, engine="h5netcdf") as file:
            return _cells(file, run)
    except (OSError, RuntimeError, KeyError) as error:
        raise ValueError(f"{path} cannot be read ({error}): restore it or run the recipe again") from error


def cut_to_fields(cells: Cells) -> Cells:
    """Return cells with the part of the pictures that their fields are in, and places of fits counted from there."""
    table = cells.table.copy()
    cut = {}
    for name, prefix in (("fields", ""), ("image_fields", "image_")):
        fields = getattr(cells, name)
        if fields is None or cells.frames > 1:
            continue
        rows, columns = field_window(fields)
        cut[name] = fields[:, rows, columns]
        for axis, window in (("x0", columns), ("y0", rows)):
            if f"{prefix}{axis}" in table:
                table[f"{prefix}{axis}"] -= window.start
    return replace(cells, table=table, **cut)


def _cells(file: "xr.Dataset", run: RunFolder) -> Stored | None:
    conditions = [str(arm.get("name")) for arm in run.recipe.get("arms", [])]
    if conditions:
        groups = [_of_condition(file, name, run.fields) for name in conditions if f"code_{name}" in file]
    else:
        groups = list(_of_one(file, run.fields))
    groups = [group for group in groups if len(group.fields)]
    return Stored(groups, _pictures(file, "held_out"), _how(file)) if groups else None


def _frames(file: "xr.Dataset") -> int:
    counted = [int(array.attrs["frames"]) for array in file.data_vars.values() if "frames" in array.attrs]
    return max(counted, default=1)


def _how(file: "xr.Dataset") -> str:
    found = [array for name, array in file.data_vars.items() if str(name).startswith(_IMAGE_FIELD)]
    return str(found[0].attrs.get("long_name", _IMAGE_FIELD)) if found else ""


def _of_one(file: "xr.Dataset", table: pd.DataFrame) -> Iterator[Cells]:
    """Yield the neurons, then the other populations that have weights with them."""
    fields = _pictures(file, "dictionary")
    if not len(fields):
        return
    others = [
        str(name)
        for name in file.sizes
        if (f"counts_{name}" in file or f"{name}_threshold" in file) and name != NEURONS
    ]
    keys = {NEURONS: "n"} | {name: name[0] for name in others}
    image_fields = _array(file, _IMAGE_FIELD)
    yield Cells(
        "n", "neuron", "neurons", fields, table, image_fields, _array(file, "code"),
        [*weights_of(file, NEURONS, keys), *through_others(file, keys)], frames=_frames(file),
    )  # fmt: skip
    for name in others:
        yield Cells(
            keys[name], f"{name} cell", f"{name} cells", _pooled(file, name, fields), _own(file, name),
            None if image_fields is None else _pooled(file, name, image_fields),
            _array(file, f"counts_{name}"), list(weights_of(file, name, keys)), pools=True,
        )  # fmt: skip


def _of_condition(file: "xr.Dataset", name: str, table: pd.DataFrame) -> Cells:
    own = table[table["arm"] == name] if "arm" in table else table.iloc[:0]
    fields = _pictures(file, f"dictionary_{name}")
    own = own.reset_index(drop=True) if len(own) == len(fields) else pd.DataFrame(index=range(len(fields)))
    image_fields, code = _array(file, f"{_IMAGE_FIELD}_{name}"), _array(file, f"code_{name}")
    return Cells(f"{name}-", f"{name}, neuron", f"{name}: neurons", fields, own, image_fields, code)


def _array(file: "xr.Dataset", name: str) -> Array | None:
    return np.asarray(file[name].values, dtype=np.float64) if name in file else None


def _pooled(file: "xr.Dataset", name: str, fields: Array) -> Array:
    """Return what cells without a field of their own pool: fields of the neurons, by the weights from them."""
    for array in file.data_vars.values():
        if tuple(array.dims) == (NEURONS, name):
            weights = np.asarray(array.values, dtype=np.float64)
            return np.asarray(np.tensordot(weights.T, fields, axes=1))
    return fields[:0]


def _own(file: "xr.Dataset", name: str) -> pd.DataFrame:
    columns = {"threshold": f"{name}_threshold"}
    found = {words: np.asarray(file[stored].values) for words, stored in columns.items() if stored in file}
    counts = _array(file, f"counts_{name}")
    if counts is not None:
        found["usage"] = (counts > 0).mean(axis=0)
    return pd.DataFrame(found, index=range(int(file.sizes[name])))


def _pictures(file: "xr.Dataset", name: str) -> Array:
    """Return rows as pictures: ON minus OFF, relays added up, modalities and frames of a film side by side."""
    shapes = {
        key.removeprefix("shape_"): value for key, value in file.attrs.items() if key.startswith("shape_")
    }
    patch = [file.attrs[key] for key in ("patch_height", "patch_width") if key in file.attrs]
    if not patch and not shapes:  # rows that are no pictures as they are
        return _turned(file, name)
    # A network of several modalities keeps its own weights, side by side, by the same name.
    parts = [
        _signed(np.asarray(file[f"{name}_{modality}"].values, dtype=np.float64), _shape(shape))
        for modality, shape in shapes.items()
        if f"{name}_{modality}" in file
    ]
    if not parts and name in file:
        shape = _shape(patch or next(iter(shapes.values())))
        return _signed(np.asarray(file[name].values, dtype=np.float64), shape)
    if not parts:
        return np.empty((0, 1, 1))
    height = max(part.shape[1] for part in parts)
    padded = [np.pad(part, ((0, 0), (0, height - part.shape[1]), (0, 0))) for part in parts]
    return np.concatenate(padded, axis=2)


def _turned(file: "xr.Dataset", name: str) -> Array:
    """Return rotated rows as pictures, by what the file says each of their entries looks like."""
    for key in map(str, file.data_vars):
        rows = f"{name}_{key.removeprefix('picture_')}"
        if key.startswith("picture_") and rows in file:
            entries, looks = (np.asarray(file[each].values, dtype=np.float64) for each in (rows, key))
            return np.tensordot(entries, looks, axes=1)
    return np.empty((0, 1, 1))


def _shape(given: Any) -> tuple[int, int]:
    height, width = (int(number) for number in np.atleast_1d(given))
    return height, width


def _signed(rows: Array, shape: tuple[int, int]) -> Array:
    channels = rows.reshape(len(rows), -1, *shape)
    if channels.shape[1] == 1:
        return channels[:, 0]
    return np.asarray(channels[:, 0::2].sum(axis=1) - channels[:, 1::2].sum(axis=1))

"""Draw and save every figure of a run."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.plots import (
    amplitude_bound_sweep,
    dictionary_mosaic,
    learning_curve,
    nx_ny_against_macaque,
    orientation_frequency,
    plot_raster,
    plot_rates,
    reconstruction_examples,
    sparsity_overview,
)
from neurosim.analysis.plots.canvas import withdraw
from neurosim.analysis.plots.filters import filter_usage
from neurosim.analysis.plots.style import house_style
from neurosim.report.sheet_figures import sheet_figures
from neurosim.report.svae_figures import filter_figures, guesses

__all__ = ["code_unit", "saved", "spike_figures", "write_figures"]

# How the columns of `fields` that belong to a space begin.
_PREFIX = {"image": "image_", "whitened": ""}
# Stimuli whose spikes are drawn.
_RASTERS = 4


def write_figures(
    directory: str | Path,
    *,
    dictionary: ArrayLike,
    image_fields: ArrayLike | None,
    code: ArrayLike,
    stimuli: ArrayLike,
    reconstructions: ArrayLike,
    history: pd.DataFrame,
    fields: pd.DataFrame,
    comparison: Mapping[str, Any],
    counts: ArrayLike | None = None,
    spikes: xr.Dataset | None = None,
    topography: Mapping[str, Any] | None = None,
    silence: float = 0.0,
) -> list[Path]:
    """Draw every figure of a run and save them as PNG files.

    The arguments are what a run holds, one file or array each; more than the house's six on purpose.

    Parameters
    ----------
    directory : str or Path
        The run's ``figures`` folder; made if it is not there, files of the same name are replaced.
    dictionary : array_like, shape (n_neurons, height, width)
        Fields as learned, on whitened patches.
    image_fields : array_like, shape (n_neurons, image_height, image_width), or None
        The same neurons' fields in image space; None leaves that mosaic out.
    code : array_like, shape (n_stimuli, n_neurons)
        Held-out code: activity in the stimuli's unit, or spikes per stimulus.
    stimuli, reconstructions : array_like, shape (n_stimuli, height, width) or (n_stimuli, size * size)
        Held-out stimuli and what the code makes of them.
    history : DataFrame
        What `learning_curve` takes.
    fields : DataFrame
        One row per neuron, in the dictionary's order: the columns of `fit_gabors`, and those of the fields in
        image space with ``image_`` before each name. Of a network all of whose neurons answer every stimulus also those
        of `plot_filters`, whose fall stands for usage, and there is no figure of sparsity.
    comparison : mapping
        ``"image"`` and ``"whitened"``, either may be missing: each a mapping with ``"js_bits"`` and
        ``"js_bits_corrected"`` (float) and ``"interval"`` (low, high), in bits. Optional ``"sweep"``: DataFrame
        with ``space``, ``amplitude_bound``, ``js_bits`` and optional ``js_bits_corrected``, ``low``, ``high``.
        Optional ``"amplitude_bound"`` (float): the bound used for the claim, 1.5 if missing.
    counts : array_like, shape (n_stimuli, n_spiking_neurons), optional
        Spikes of each held-out stimulus, of a network that spikes; where they are the code, it is drawn as spikes.
    spikes : Dataset, optional
        Spikes of some held-out stimuli, as `simulate` records them.
    topography : mapping, optional
        What `sheet_figures` takes, of a network whose neurons sit on a sheet.
    silence : float
        Activity up to which a neuron counts as silent.

    Returns
    -------
    list of Path
        The files written: ``dictionary``, ``image_fields``, ``learning_curve``, ``nx_ny``,
        ``amplitude_bound``, ``orientation_frequency``, ``sparsity``, ``filters``, ``rates``,
        ``raster``, ``reconstructions`` and those of `sheet_figures`, each ``.png``; those that what was given does
        not allow are left out.

    Raises
    ------
    ValueError
        If an array or table is not what its entry above says, or the numbers of neurons differ; nothing is
        written then.
    """
    usage = _checked_usage(
        code, dictionary=dictionary, image_fields=image_fields, fields=fields, silence=silence
    )
    unit = code_unit(code, counts)
    figures: dict[str, Figure] = {
        "dictionary": dictionary_mosaic(dictionary, usage=usage, title="Fields on whitened patches"),
        "learning_curve": learning_curve(history),
        "orientation_frequency": orientation_frequency(fields, usage=usage),
        **({} if guesses(fields) else {"sparsity": sparsity_overview(code, unit=unit, silence=silence)}),
        **dict(filter_figures(fields)),
        "reconstructions": reconstruction_examples(stimuli, reconstructions),
        **dict(spike_figures(counts, spikes)),
        **dict(_comparison_figures(fields, comparison)),
        **(dict(sheet_figures(**topography)) if topography else {}),
    }
    if image_fields is not None:
        figures["image_fields"] = dictionary_mosaic(image_fields, usage=usage, title="Fields in the image")
    return [saved(figure, Path(directory) / f"{stem}.png") for stem, figure in figures.items()]


def _checked_usage(
    code: ArrayLike,
    *,
    dictionary: ArrayLike,
    image_fields: ArrayLike | None,
    fields: pd.DataFrame,
    silence: float,
) -> NDArray[np.float64]:
    """Return by how much each neuron is used, after comparing the numbers of neurons."""
    if np.ndim(code) != 2:
        raise ValueError(f"`code` must have shape (n_stimuli, n_neurons), got {np.shape(code)}")
    n_neurons = {"code": np.shape(code)[1], "dictionary": len(np.asarray(dictionary)), "fields": len(fields)}
    if image_fields is not None:
        n_neurons["image_fields"] = len(np.asarray(image_fields))
    if len(set(n_neurons.values())) > 1:
        found = ", ".join(f"{name} {number}" for name, number in n_neurons.items())
        raise ValueError(f"everything must be about the same neurons, got different numbers of them: {found}")
    if guesses(fields):
        return filter_usage(fields)
    return np.asarray(np.mean(np.abs(np.asarray(code)) > silence, axis=0), dtype=np.float64)


def code_unit(code: ArrayLike, counts: ArrayLike | None) -> str:
    """Return the unit a code is drawn in.

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Held-out code.
    counts : array_like, optional
        Spikes of each held-out stimulus, of a network that spikes.
    """
    return "spikes" if counts is not None and np.array_equal(code, counts) else "stimulus unit"


def spike_figures(counts: ArrayLike | None, spikes: xr.Dataset | None) -> Iterator[tuple[str, Figure]]:
    """Yield name and figure of what can be drawn of a network's spikes.

    Parameters
    ----------
    counts, spikes : optional
        As for `write_figures`.
    """
    if counts is not None:
        yield "rates", plot_rates(counts)
    if spikes is not None:
        yield "raster", plot_raster(spikes, stimulus=range(min(_RASTERS, spikes.attrs["n_stimuli"])))


def _comparison_figures(fields: pd.DataFrame, comparison: Mapping[str, Any]) -> Iterator[tuple[str, Figure]]:
    """Draw what the comparison with cortex allows."""
    spaces = [space for space in _PREFIX if space in comparison]
    if spaces:
        shapes = {space: _gabor_like_shapes(fields, _PREFIX[space]) for space in spaces}
        bits = {space: _estimate(comparison[space]) for space in spaces}
        yield "nx_ny", nx_ny_against_macaque(shapes, divergences=bits)
    if "sweep" in comparison:
        bound = float(comparison.get("amplitude_bound", 1.5))
        yield "amplitude_bound", amplitude_bound_sweep(comparison["sweep"], chosen_bound=bound)


def _estimate(compared: Mapping[str, Any]) -> tuple[float, float, float, float]:
    low, high = compared["interval"]
    return compared["js_bits"], compared["js_bits_corrected"], low, high


def _gabor_like_shapes(fields: pd.DataFrame, prefix: str) -> NDArray[np.float64]:
    wanted = [f"{prefix}{name}" for name in ("nx", "ny", "gabor_like")]
    missing = [column for column in wanted if column not in fields.columns]
    if missing:
        raise ValueError(f"`fields` needs the columns {', '.join(wanted)}, missing: {', '.join(missing)}")
    kept = fields[wanted[2]].to_numpy(dtype=bool)
    return fields.loc[kept, wanted[:2]].to_numpy(dtype=np.float64)


def saved(figure: Figure, path: Path) -> Path:
    """Save a figure as a PNG file whose bytes depend on nothing but the figure, and return the path.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to save.
    path : Path
        The file; its folder is made if it is not there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # matplotlib would write its version into the file: an upgrade alone should not change the bytes.
    # And ticks are made on drawing, in the style that holds then.
    with house_style():
        figure.savefig(path, format="png", metadata={"Software": None})
    # A page that is made in a notebook does not show its figures there one by one.
    withdraw(figure)
    return path

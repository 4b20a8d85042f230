"""What is handed on: a network, the stimuli it is shown, and what its run has told of both."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim.networks.models import declared
from neurosim.networks.saving.loading import NETWORK_FILE, load
from neurosim.registry.model import Model
from neurosim.results.store import require_run

__all__ = ["NetworkOrRun", "Source", "Stimuli", "source_of"]

NetworkOrRun = Any
"""A fitted estimator, a file that ``net.save`` wrote, or the folder of a run."""

Stimuli = ArrayLike | int | None
"""Rows (n_stimuli, n_pixels) as the network takes them; of a run, also how many of those that it held out."""


@dataclass(frozen=True, eq=False)
class Source:
    """A network with what is known of it."""

    made: Callable[[], Any]
    """Gives the network: of a run of several, one that was named."""
    stimuli: NDArray[Any] | None
    """Rows as the network takes them, (n_stimuli, n_pixels); None where nobody gave or kept any."""
    name: str
    """Of the run's folder or the file, or of the estimator's class."""
    suffix: str = ""
    """Behind the names of a network's variables, where a run has several networks."""
    stored: xr.Dataset | None = None
    """``network.nc`` of a run, read to the end, for the stimuli that are handed on."""
    neurons: pd.DataFrame | None = None
    """``fields.csv`` of a run."""
    recipe: str = ""
    """Text of a run's ``recipe.toml``."""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def network(self) -> Any:
        """The network."""
        return self.made()

    @property
    def model(self) -> Model:
        """What the network declares of itself."""
        return declared(self.network)

    @property
    def kind(self) -> str:
        """Name of the estimator's class."""
        return type(self.network).__name__

    @property
    def shown(self) -> NDArray[Any]:
        """The stimuli, where they are needed."""
        if self.stimuli is None:
            raise ValueError(
                f"{self.name}: expected stimuli to show, which a network alone does not have; pass stimuli=array "
                "(n_stimuli, n_pixels), or the folder of a run, which keeps those it held out"
            )
        return self.stimuli

    def variable(self, name: str) -> NDArray[Any] | None:
        """Return what a run has stored under a name, or None."""
        if self.stored is None or f"{name}{self.suffix}" not in self.stored:
            return None
        return np.asarray(self.stored[f"{name}{self.suffix}"])

    @property
    def spikes(self) -> bool:
        """Whether the network spikes; those that no recipe can name have graded activity."""
        try:
            return self.model.has("spikes")
        except ValueError:
            return False

    def require_spikes(self, what: str) -> None:
        """Raise unless the network spikes."""
        if not self.spikes:
            raise ValueError(
                f"{what} need spikes, and {self.kind} has none: its neurons have graded activity; hand that on as a "
                "table (write_csv) or as labelled arrays (to_xarray)"
            )


def source_of(
    network_or_run: NetworkOrRun, *, stimuli: Stimuli = None, condition: str | None = None
) -> Source:
    """Return what is to be handed on, once it is found to be whole.

    Raises FileNotFoundError or ValueError if there is nothing, or the run did not come to its end.
    """
    if not isinstance(network_or_run, str | os.PathLike):
        _require_network(network_or_run)
        return _alone(network_or_run, type(network_or_run).__name__, stimuli)
    path = Path(network_or_run).expanduser()
    if not path.is_dir():
        return _alone(load(path, condition=condition), path.stem, stimuli)
    require_run(path)
    if not (path / NETWORK_FILE).is_file():
        raise ValueError(
            f"expected the folder of a run with a network, found no {NETWORK_FILE} in {str(path)!r}: recordings and "
            "laboratories are tables already"
        )
    return _of_run(path, stimuli, condition)


def _require_network(given: Any) -> None:
    if not hasattr(given, "transform"):
        raise TypeError(
            "expected a fitted network, the path of its file or the folder of a run, got "
            f"{type(given).__name__}"
        )


def _alone(network: Any, name: str, stimuli: Stimuli) -> Source:
    check_is_fitted(network)
    if isinstance(stimuli, Integral):
        raise ValueError(
            f"{name}: expected stimuli as rows, got stimuli={stimuli}, and only a run keeps stimuli to choose from; "
            "pass an array (n_stimuli, n_pixels)"
        )
    return Source(lambda: network, None if stimuli is None else _rows(stimuli), name)


def _of_run(path: Path, stimuli: Stimuli, condition: str | None) -> Source:
    stored = _stored(path)
    held_out = _held_out(stored)
    if isinstance(stimuli, Integral):
        n_stimuli = int(stimuli)
        if not 1 <= n_stimuli <= stored.sizes["stimulus"]:
            raise ValueError(
                f"expected 1 to {stored.sizes['stimulus']} held-out stimuli, which {str(path)!r} has, got {n_stimuli}"
            )
        stored = stored.isel(stimulus=slice(n_stimuli))
        held_out = None if held_out is None else held_out[:n_stimuli]
    elif stimuli is not None:
        # What was stored goes with the run's own stimuli.
        stored, held_out = stored.drop_dims("stimulus"), _rows(stimuli)
    return Source(
        lambda: load(path, condition=condition),
        held_out,
        path.resolve().name,
        suffix="" if condition is None else f"_{condition}",
        stored=stored,
        neurons=_neurons(path),
        recipe=(path / "recipe.toml").read_text(encoding="utf-8-sig"),
        provenance=json.loads((path / "provenance.json").read_text(encoding="utf-8")),
    )


def _stored(path: Path) -> xr.Dataset:
    """Return a run's ``network.nc``, read to the end."""
    with xr.open_dataset(path / NETWORK_FILE, engine="h5netcdf") as dataset:
        return dataset.load()


def _held_out(stored: xr.Dataset) -> NDArray[Any] | None:
    """Return the held-out stimuli, unless a network sees several kinds at once."""
    found = [name for name in stored if str(name).startswith("held_out")]
    return np.asarray(stored[found[0]]) if len(found) == 1 else None


def _neurons(path: Path) -> pd.DataFrame | None:
    file = path / "fields.csv"
    # Text: "none" and the like are words here and no missing values.
    return pd.read_csv(file, keep_default_na=False, na_values=[""]) if file.is_file() else None


def _rows(stimuli: ArrayLike | None) -> NDArray[Any]:
    rows = np.asarray(stimuli)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValueError(f"stimuli: expected rows (n_stimuli, n_pixels), one or more, got {rows.shape}")
    return rows

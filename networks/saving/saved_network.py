"""A network as a labelled data set: weights for people, and beside them all that it takes to make it again."""

import json
import os
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import xarray as xr
from numpy.typing import NDArray

from neurosim import networks
from neurosim._version import __version__
from neurosim.networks.models import declared
from neurosim.networks.saving.kept_values import digest, kept
from neurosim.networks.saving.network_file import write_dataset
from neurosim.registry.model import Learned

__all__ = ["ESTIMATOR", "FORMAT", "estimator_variables", "name_of_class", "save_network"]

FORMAT = 1
"""Number of the format; a reader refuses a higher one."""

ESTIMATOR = "estimator"
"""Variable that tells how the others make a network; of several networks in one file, with ``_<name>`` behind it."""

_PACKAGES = ("brian2", "numpy", "scipy", "scikit-learn")
_COMMON = (
    Learned("dictionary_", "dictionary", ("neuron", "pixel"), "feed-forward weights"),
    Learned(
        "usage_", "usage", ("neuron",), "fraction of the last epoch's stimuli that the neuron was active for"
    ),
    Learned("thresholds_", "threshold", ("neuron",), "membrane threshold"),
)


def save_network(network: Any, path: str | os.PathLike[str]) -> None:
    """Write a network to a file; `neurosim.networks.saving.save_method.Saving.save` tells what is raised."""
    target = Path(path).expanduser()
    if target.is_dir():
        raise ValueError(
            f"expected the name of a file, got the folder {str(path)!r}; add a name, such as 'net.nc'"
        )
    if not target.absolute().parent.is_dir():
        raise ValueError(f"expected a file in a folder that exists, got {str(path)!r}; make the folder first")
    dataset = xr.Dataset(
        estimator_variables(network, {}), attrs={"title": f"{type(network).__name__} of neurosim"}
    )
    dataset[ESTIMATOR].attrs["written_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    write_dataset(dataset, target)


def estimator_variables(
    network: Any, besides: Mapping[str, xr.Variable], *, suffix: str = ""
) -> dict[str, xr.Variable]:
    """Return the variables that a network can be made of again, as far as they are not there yet.

    Parameters
    ----------
    network : estimator
        Fitted or not.
    besides : mapping of str to xarray.Variable
        What the same file holds: an array that is there already under its name is not kept twice.
    suffix : str
        Behind all names, where a file holds several networks.

    Returns
    -------
    dict of str to xarray.Variable
        ``estimator``, JSON with versions as attributes, and the arrays it names.
    """
    arrays = _Arrays(network, besides, suffix=suffix)
    names = network.get_params(deep=False)
    # Wall times are of this process: the same network gives the same file.
    learned = {
        name: 0.0 if name.startswith("seconds_") else value
        for name, value in vars(network).items()
        if name not in names
    }
    content = {
        "class": name_of_class(type(network)),
        "parameters": {name: kept(value, (name,), arrays.add) for name, value in names.items()},
        "learned": {name: kept(value, (name,), arrays.add) for name, value in learned.items()},
    }
    text = json.dumps(content)
    note = xr.Variable((), text, attrs={"format": FORMAT, "digest": digest(text, arrays.used), **_versions()})
    note.attrs |= {"units": "JSON", "long_name": "what neurosim.load makes the network of"}
    return {**arrays.added, f"{ESTIMATOR}{suffix}": note}


def name_of_class(kind: type) -> str:
    """Return the public name of one of our networks, or ``module:class`` of another's.

    Examples
    --------
    >>> name_of_class(networks.LCA)
    'LCA'
    """
    if kind.__name__ in networks.__all__ and getattr(networks, kind.__name__) is kind:
        return kind.__name__
    return f"{kind.__module__}:{kind.__qualname__}"


class _Arrays:
    """Arrays of a network under the names that files have for them."""

    def __init__(self, network: Any, besides: Mapping[str, xr.Variable], *, suffix: str) -> None:
        self.added: dict[str, xr.Variable] = {}
        self.used: dict[str, NDArray[Any]] = {}
        self._besides, self._suffix = besides, suffix
        self._declared = {each.attribute: each for each in (*_COMMON, *_declared_by(network))}
        self._sizes = {dim: size for each in besides.values() for dim, size in each.sizes.items()}

    def add(self, path: tuple[str, ...], array: NDArray[Any]) -> str:
        """Keep an array and return its name."""
        stated = self._declared.get(path[0]) if len(path) == 1 else None
        name = stated.name if stated else self._name(path)
        name = self._free(f"{name}{self._suffix}", array)
        self.used[name] = array
        if name not in self._besides:
            self.added[name] = self._variable(name, path, array, stated)
        return name

    def _name(self, path: tuple[str, ...]) -> str:
        # Columns of the history are variables of their own in a run's file.
        inside = path[1:] if path[0] == "history_" else path
        return re.sub(r"\W+", "_", "_".join(part.strip("_") for part in inside)) or "unnamed"

    def _free(self, name: str, array: NDArray[Any]) -> str:
        """Return a name that is free, or taken by the same array of what is in the file anyway."""
        found = self._besides.get(name)
        if name not in (*self.used, f"{ESTIMATOR}{self._suffix}") and (
            found is None or _same(found.to_numpy(), array)
        ):
            return name
        return self._free(f"{ESTIMATOR}_{name}", array)

    def _variable(
        self, name: str, path: tuple[str, ...], array: NDArray[Any], stated: Learned | None
    ) -> xr.Variable:
        dimensions = ("batch",) if path[0] == "history_" else stated.dimensions if stated else ()
        dimensions = tuple(f"{dimension}{self._suffix}" for dimension in dimensions)
        sizes = dict(zip(dimensions, array.shape, strict=False))
        fits = all(self._sizes.get(dimension, size) == size for dimension, size in sizes.items())
        if len(sizes) != array.ndim or not fits:
            dimensions = tuple(f"{name}_{k}" for k in range(array.ndim))
        self._sizes |= dict(zip(dimensions, array.shape, strict=True))
        meaning = stated.meaning if stated else ", ".join(path)
        return xr.Variable(dimensions, array, attrs={"units": "as of the estimator", "long_name": meaning})


def _declared_by(network: Any) -> tuple[Learned, ...]:
    try:
        return declared(network).learned
    except ValueError:  # networks that no recipe can name
        return ()


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def _versions() -> dict[str, str]:
    found = {"neurosim": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found

"""Networks out of files and run folders."""

import json
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import networks
from neurosim._version import __version__
from neurosim.networks.saving.kept_values import digest, restored
from neurosim.networks.saving.saved_network import ESTIMATOR, FORMAT, name_of_class
from neurosim.registry.names import near_name

__all__ = ["NETWORK_FILE", "load"]

NETWORK_FILE = "network.nc"
"""The file with a run's network, in the run's folder."""


def load(
    path: str | os.PathLike[str], *, condition: str | None = None, estimator: type[Any] | None = None
) -> Any:
    """Return the network that a file or a run folder holds.

    It encodes as the one that was saved, to the last bit on the same machine and backend, and can learn on with
    `partial_fit` where the model has it: the learning rate's schedule starts afresh, as in any call of `partial_fit`.

    Parameters
    ----------
    path : str or path
        A file written by ``net.save(path)``, or the folder of a run (``network.nc`` in it).
    condition : str, optional
        Which network of a run of several, by its name in the recipe.
    estimator : type, optional
        Class of the network, where it is one of your own that derives from ours: a file names it, but no module is
        imported because a file says so.

    Returns
    -------
    estimator
        Of the class that was saved, with its parameters and all that it had learned; ``front_end_`` is what lies
        between an image and it, where that was known.

    Raises
    ------
    FileNotFoundError
        If there is nothing.
    ValueError
        If it is no network's file, is damaged, was written by a newer version, holds several networks, or one of a
        class that has to be named.

    Warns
    -----
    UserWarning
        If the network now has a parameter that it did not have when it was saved.

    Examples
    --------
    >>> import tempfile
    >>> import neurosim
    >>> net = neurosim.LCA.from_dictionary(np.eye(3), threshold=0.5, backend="numpy")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     net.save(f"{folder}/net.nc")
    ...     again = neurosim.load(f"{folder}/net.nc")
    >>> again.transform([[2.0, 0.25, -1.0]]).round(3)
    array([[ 1.5,  0. , -0.5]])
    """
    file = _file(path)
    with _opened(file) as variables:
        note = _note(file, variables, condition=condition)
        _require_known_format(file, note)
        try:
            text = str(note.to_numpy()[()])
            content = json.loads(text)
            arrays = {
                name: variables[name].to_numpy() for name in sorted(_named(content)) if name in variables
            }
            parameters, learned = (
                {name: restored(value, arrays) for name, value in content[part].items()}
                for part in ("parameters", "learned")
            )
            whole = digest(text, arrays) == note.attrs["digest"]
        except (KeyError, TypeError, ValueError, AttributeError, OSError, RuntimeError) as error:
            raise _damaged(file) from error
    if not whole:
        raise _damaged(file)
    kind = _class(content["class"], estimator, file=file)
    return _made(kind, parameters, learned, file=file, note=note)


def _file(path: str | os.PathLike[str]) -> Path:
    found = Path(path).expanduser()
    if found.is_dir():
        if not (found / NETWORK_FILE).is_file():
            raise FileNotFoundError(
                f"expected a run folder with {NETWORK_FILE}, or a file written by net.save, got the folder "
                f"{str(path)!r} without one"
            )
        return found / NETWORK_FILE
    if not found.exists():
        raise FileNotFoundError(
            f"expected a file written by net.save, or a run folder, found no {str(path)!r}"
        )
    return found


@contextmanager
def _opened(file: Path) -> Iterator[Mapping[str, xr.Variable]]:
    foreign = ValueError(
        f"expected a network written by net.save or by a run, got {str(file)!r}, which is no netCDF file or a cut one"
    )
    try:
        # Left as it lies in the file: units of seconds would become time differences.
        dataset = xr.open_dataset(file, engine="h5netcdf", decode_cf=False)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
        raise foreign from error
    with dataset:
        yield dataset.variables  # type: ignore[misc]


def _note(file: Path, variables: Mapping[str, xr.Variable], *, condition: str | None) -> xr.Variable:
    """Return the variable that tells how the others make a network."""
    several = sorted(name.removeprefix(f"{ESTIMATOR}_") for name in variables if _tells(name, variables))
    several = [name for name in several if name != ESTIMATOR]
    if condition is None and ESTIMATOR in variables:
        return variables[ESTIMATOR]
    if several:
        if condition in several:
            return variables[f"{ESTIMATOR}_{condition}"]
        likely = several[0] if condition is None else near_name(condition, several) or several[0]
        asked = "" if condition is None else f", not {condition!r}"
        raise ValueError(
            f"{str(file)!r} holds the networks {', '.join(several)}{asked}; choose one: load(path, "
            f"condition={likely!r})"
        )
    if condition is not None and ESTIMATOR in variables:
        raise ValueError(f"{str(file)!r} holds one network; leave out condition={condition!r}")
    if "dictionary" in variables or "code" in variables:
        raise ValueError(
            f"{str(file)!r} is of a run before neurosim kept whole networks in it; run the recipe.toml beside it again"
        )
    raise ValueError(
        f"expected a network written by net.save or by a run, got {str(file)!r}, which holds none"
    )


def _tells(name: str, variables: Mapping[str, xr.Variable]) -> bool:
    return name.startswith(ESTIMATOR) and "digest" in variables[name].attrs


def _require_known_format(file: Path, note: xr.Variable) -> None:
    number, writer = note.attrs.get("format"), note.attrs.get("neurosim", "an unknown version")
    if not isinstance(number, int | np.integer):
        raise _damaged(file)
    if number > FORMAT:
        raise ValueError(
            f"{str(file)!r} was written by neurosim {writer} in format {number}; neurosim {__version__} reads formats "
            f"up to {FORMAT}: install neurosim {writer} or a later version"
        )


def _damaged(file: Path) -> ValueError:
    return ValueError(
        f"{str(file)!r} is damaged, or was changed after neurosim wrote it: its checksum does not fit what it holds; "
        "take another copy, or save the network again"
    )


def _named(content: Any) -> Iterator[str]:
    """Yield the names of all arrays that a network is made of."""
    if isinstance(content, dict) and isinstance(content.get("array"), str):
        yield content["array"]
    elif isinstance(content, dict | list):
        for inside in content.values() if isinstance(content, dict) else content:
            yield from _named(inside)


def _class(name: str, given: type[Any] | None, *, file: Path) -> type[Any]:
    if given is None and name in networks.__all__:
        found: type[Any] = getattr(networks, name)
        return found
    if given is not None and name_of_class(given) == name:
        return given
    if given is not None:
        raise ValueError(
            f"{str(file)!r} holds a network of the class {name}, got estimator={name_of_class(given)}"
        )
    raise ValueError(
        f"{str(file)!r} holds a network of the class {name}, which is none of neurosim's: import it, and pass "
        f"load(path, estimator={name.rpartition('.')[2].rpartition(':')[2]})"
    )


def _made(
    kind: type[Any],
    parameters: dict[str, Any],
    learned: dict[str, Any],
    *,
    file: Path,
    note: xr.Variable,
) -> Any:
    known, writer = kind._get_param_names(), note.attrs.get("neurosim", "an unknown version")
    if unknown := sorted(set(parameters) - set(known)):
        raise ValueError(
            f"{str(file)!r} was written by neurosim {writer}, whose {kind.__name__} had the parameter {unknown[0]!r}; "
            f"that of neurosim {__version__} has none: use neurosim {writer}"
        )
    if new := sorted(set(known) - set(parameters)):
        warnings.warn(
            f"{str(file)!r} was written by neurosim {writer}, whose {kind.__name__} did not have {', '.join(new)}; "
            "what it has by default now is used",
            stacklevel=3,
        )
    network = kind(**parameters)
    vars(network).update(learned)
    return network

"""Values of parameters and learned attributes as JSON beside named arrays, and back, to the last bit.

What JSON has a word for stays as it is; everything else is a table with one name that says what it is: ``tuple``,
``dict``, ``array`` (by the name it is kept under), ``items`` (a small array), ``scalar``, ``frame``, ``quantity``,
``generator``, ``front_end`` or ``front_ends``. Nothing that a file says is executed.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.front_end.front_end import FrontEnd
from neurosim.front_end.parallel import ParallelFrontEnd

__all__ = ["digest", "kept", "restored"]

Path = tuple[str, ...]
Add = Callable[[Path, NDArray[Any]], str]
"""Keeps an array, given where it was found, and returns the name it is kept under."""

_BIT_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")


def kept(value: Any, path: Path, add: Add) -> Any:
    """Return a value as JSON can hold it, its arrays kept aside.

    Parameters
    ----------
    value : object
        Numbers, words, arrays of them, quantities of Brian2, tables (DataFrame), random generators, front ends, and
        lists, tuples and dicts of these.
    path : tuple of str
        Where it was found, such as ``("namespace", "sigma")``.
    add : callable
        Keeps an array under a name.

    Raises
    ------
    TypeError
        If it holds anything else; the message says where.

    Examples
    --------
    >>> kept((1, np.float32(0.5)), ("hidden",), lambda path, array: "hidden")
    {'tuple': [1, {'scalar': 0.5, 'dtype': '<f4'}]}
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is list:
        return [kept(item, (*path, str(k)), add) for k, item in enumerate(value)]
    for kind, write in _WRITERS:
        if isinstance(value, kind) and (written := write(value, path, add)) is not None:
            return written
    raise TypeError(
        f"{_place(path)}: expected numbers, words, arrays or quantities, which a file can hold, got "
        f"{_article(type(value).__name__)}; {_remedy(path)}"
    )


def restored(written: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Return the value that `kept` has written.

    Parameters
    ----------
    written : object
        From JSON.
    arrays : mapping of str to array
        What was kept aside, by name.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it was not written by `kept`, or an array is missing.

    Examples
    --------
    >>> restored({"tuple": [1, {"scalar": 0.5, "dtype": "<f4"}]}, {})
    (1, np.float32(0.5))
    """
    if isinstance(written, list):
        return [restored(item, arrays) for item in written]
    if not isinstance(written, dict):
        return written
    return _READERS[next(iter(written))](written, arrays)


def digest(text: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return a checksum of all that a network is made of, the same on every machine.

    Examples
    --------
    >>> digest("{}", {"a": np.zeros(2)}) == digest("{}", {"a": np.ones(2)})
    False
    """
    whole = hashlib.sha256(text.encode())
    for name, array in sorted(arrays.items()):
        plain = array.astype(np.int8) if array.dtype == np.bool_ else array
        little = np.ascontiguousarray(plain).astype(plain.dtype.newbyteorder("<"), copy=False)
        whole.update(name.encode())
        whole.update(np.atleast_1d(np.ascontiguousarray(little)).view(np.uint8).data)
    return whole.hexdigest()


def _place(path: Path) -> str:
    name, *inside = path
    return name + "".join(f"[{key!r}]" for key in inside)


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"


def _remedy(path: Path) -> str:
    if path[0] == "front_end_":
        return "wrap it: net.front_end_ = FrontEnd(filter)"
    if path[0] == "namespace":
        return "write what it does into the equations, or save without it (net.set_params(namespace=…))"
    return "set it to one of these before saving"


def _written_array(value: NDArray[Any], path: Path, add: Add) -> dict[str, Any] | None:
    if type(value) not in (np.ndarray, np.memmap) or (value.dtype.itemsize > 8 and value.dtype.kind == "f"):
        return None
    # netCDF has no half precision, and empty arrays would have no end there.
    if value.dtype.kind in "biuf" and value.size and value.dtype != np.float16:
        order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
        # Products of arrays in another order round otherwise.
        return {"array": add(path, value), "dtype": value.dtype.str, "order": order}
    if value.dtype.kind not in "biufUO":
        return None
    items = [kept(item, path, add) for item in value.ravel().tolist()]
    return {"items": items, "dtype": value.dtype.str, "shape": list(value.shape)}


def _read_array(written: Any, arrays: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    array = np.asarray(arrays[written["array"]]).astype(written["dtype"])
    return np.asarray(array, order=written["order"])


def _read_items(written: Any, arrays: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    array = np.empty(len(written["items"]), dtype=written["dtype"])
    array[:] = restored(written["items"], arrays)
    return array.reshape(written["shape"])


def _written_scalar(value: np.generic, path: Path, add: Add) -> dict[str, Any] | None:
    if value.dtype.kind not in "biufU" or (value.dtype.kind == "f" and value.dtype.itemsize > 8):
        return None
    return {"scalar": value.item(), "dtype": value.dtype.str}


def _written_frame(value: pd.DataFrame, path: Path, add: Add) -> dict[str, Any] | None:
    plain = value.index.equals(pd.RangeIndex(len(value))) and all(type(name) is str for name in value.columns)
    if not plain:
        return None
    return {"frame": [[name, kept(value[name].to_numpy(), (*path, name), add)] for name in value.columns]}


def _read_frame(written: Any, arrays: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: restored(column, arrays) for name, column in written["frame"]})


def _written_dict(value: dict[Any, Any], path: Path, add: Add) -> dict[str, Any] | None:
    if type(value) is not dict:
        return None
    return {
        "dict": [[kept(key, path, add), kept(item, (*path, str(key)), add)] for key, item in value.items()]
    }


def _read_dict(written: Any, arrays: Mapping[str, NDArray[Any]]) -> dict[Any, Any]:
    return {restored(key, arrays): restored(item, arrays) for key, item in written["dict"]}


def _written_generator(value: Any, path: Path, add: Add) -> dict[str, Any] | None:
    legacy = isinstance(value, np.random.RandomState)
    state = value.get_state(legacy=False) if legacy else value.bit_generator.state
    if state["bit_generator"] not in _BIT_GENERATORS:
        return None
    return {"generator": "RandomState" if legacy else "Generator", "state": kept(state, path, add)}


def _read_generator(written: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    state = restored(written["state"], arrays)
    if state["bit_generator"] not in _BIT_GENERATORS:
        raise ValueError(f"unknown generator {state['bit_generator']!r}")
    bits = getattr(np.random, state["bit_generator"])()
    if written["generator"] == "Generator":
        bits.state = state
        return np.random.Generator(bits)
    generator = np.random.RandomState(bits)
    generator.set_state(state)
    return generator


def _written_front_end(value: FrontEnd, path: Path, add: Add) -> dict[str, Any]:
    return {"front_end": kept(value.to_dict(), path, add)}


def _written_front_ends(value: ParallelFrontEnd, path: Path, add: Add) -> dict[str, Any]:
    return {"front_ends": kept(value.to_dict(), path, add)}


def _written_quantity(value: Any, path: Path, add: Add) -> dict[str, Any] | None:
    from brian2 import Quantity

    if not isinstance(value, Quantity):
        return None
    # In SI units; words, "10 ms", would round.
    plain = np.array(value, copy=True)
    number = kept(plain if plain.ndim else float(plain), path, add)
    return {"quantity": number, "dimensions": [float(power) for power in value.dim._dims], "text": str(value)}


def _read_quantity(written: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    from brian2 import Quantity
    from brian2.units.fundamentalunits import get_or_create_dimension

    number = restored(written["quantity"], arrays)
    return Quantity(number, dim=get_or_create_dimension(written["dimensions"]))


# Quantities are arrays too: they come first.
_WRITERS: tuple[tuple[Any, Callable[[Any, Path, Add], dict[str, Any] | None]], ...] = (
    (np.ndarray, _written_quantity),
    (np.ndarray, _written_array),
    (np.generic, _written_scalar),
    (
        tuple,
        lambda value, path, add: {"tuple": kept(list(value), path, add)} if type(value) is tuple else None,
    ),
    (dict, _written_dict),
    (pd.DataFrame, _written_frame),
    ((np.random.Generator, np.random.RandomState), _written_generator),
    (FrontEnd, _written_front_end),
    (ParallelFrontEnd, _written_front_ends),
)

_READERS: Mapping[str, Callable[[Any, Mapping[str, NDArray[Any]]], Any]] = {
    "array": _read_array,
    "items": _read_items,
    "scalar": lambda written, arrays: np.dtype(written["dtype"]).type(written["scalar"]),
    "tuple": lambda written, arrays: tuple(restored(written["tuple"], arrays)),
    "dict": _read_dict,
    "frame": _read_frame,
    "generator": _read_generator,
    "front_end": lambda written, arrays: FrontEnd.from_dict(restored(written["front_end"], arrays)),
    "front_ends": lambda written, arrays: ParallelFrontEnd.from_dict(restored(written["front_ends"], arrays)),
    "quantity": _read_quantity,
}

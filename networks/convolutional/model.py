"""Convolutional sparse coding, its parameters stated once."""

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from neurosim.networks.lca.model import LCAParameters, graded_section
from neurosim.registry.model import Model
from neurosim.registry.parameters import OneOf, Other, Whole, parameters

_WHOLE = Annotated[int, Field(ge=1)]
_SIZES = _WHOLE | Annotated[list[_WHOLE], Field(min_length=2, max_length=3)]
_KINDS = "int or tuple of int"


def sizes_of(name: str, value: Any, *, n_axes: int = 2) -> tuple[int, ...]:
    """Return a size along each axis; one number stands for rows and columns alike.

    Raises
    ------
    ValueError
        If it is no whole number above zero, or two or three of them.

    Examples
    --------
    >>> sizes_of("field", 12), sizes_of("stride", (1, 4, 4))
    ((12, 12), (1, 4, 4))
    """
    several = (
        (value,) * n_axes if _is_whole(value) else tuple(value) if isinstance(value, list | tuple) else ()
    )
    if len(several) not in (2, 3) or not all(map(_is_whole, several)):
        raise ValueError(
            f"{name}: expected a whole number of pixels, (rows, columns) or (frames, rows, columns), got {value!r}"
        )
    return several


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _the_stride_has_the_axes_of_the_field(values: Any, seconds: Callable[[str], Any]) -> None:
    field = sizes_of("field", values.field)
    stride = sizes_of("stride", values.stride, n_axes=len(field))
    if len(stride) != len(field) or any(s > p for s, p in zip(stride, field, strict=True)):
        raise ValueError(
            f"stride: expected at most the field along each of its axes, {field}, so that every pixel is in a field, "
            f"got {values.stride!r}"
        )


@parameters(field=_the_stride_has_the_axes_of_the_field)
class ConvolutionalLCAParameters(LCAParameters):
    """Of an LCA whose fields stand at every position of a picture."""

    field: Annotated[
        Any,
        Other(_KINDS, in_recipes=_SIZES),
        "Pixels of a field: its side, (rows, columns), or for films (frames, rows, columns).",
    ] = 16
    stride: Annotated[
        Any,
        Other(_KINDS, in_recipes=_SIZES),
        "Pixels from one position to the next, at most those of a field: one number for all axes, or one each. The "
        "code has n_neurons / stride² values a pixel.",
    ] = 4
    boundary: Annotated[
        str,
        OneOf(("valid", "same", "torus")),
        "Fields stand wherever they are whole inside the picture, so that pixels of its rim are in fewer of them; or "
        "the picture is first surrounded by zeros, which makes edges; or its edges are joined.",
    ] = "valid"
    channels: Annotated[
        int,
        Whole(),
        "Values of a pixel that fields see together: colours, two eyes, ON and OFF.",
    ] = 1
    epsilon: Annotated[
        float | None,
        "A neuron tells the others only changes of its activity larger than this, in the unit of the stimuli; by "
        "default .01 of `threshold`, divided by the largest squared norm of the fields (the mean, where activities are "
        "divided by them). 0 sends every change.",
    ] = None
    n_neurons: int = dataclasses.field(default=128, kw_only=False)
    batch_size: int = 16


ConvolutionalLCASection = graded_section(ConvolutionalLCAParameters, model="convolutional-lca")


def _shared_weights(section: Any, n_pixels: int) -> dict[str, tuple[str, int]]:
    """Count the overlaps of all copies of fields, and the code of a batch at all positions."""
    field = sizes_of("field", section.field)
    stride = sizes_of("stride", section.stride, n_axes=len(field))
    moves, positions = 1, n_pixels / section.channels
    for p, s in zip(field, stride, strict=True):
        moves *= 2 * ((p - 1) // s) + 1
        positions /= s
    return {
        "table of overlaps": ("stride", section.n_neurons**2 * moves),
        "activity at all positions": ("stride", int(12 * section.batch_size * section.n_neurons * positions)),
    }


MODELS = (
    Model(
        section=ConvolutionalLCASection,
        estimator="neurosim.networks.convolutional.convolutional_lca:ConvolutionalLCA",
        title="convolutional LCA: the same fields at every position of a picture",
        citation="Zeiler, Krishnan, Taylor & Fergus 2010, doi:10.1109/CVPR.2010.5539957; "
        "Rozell et al. 2008, doi:10.1162/neco.2008.03-07-486",
        capabilities=frozenset({"settles", "positions"}),
        threshold="threshold_",
        weights=_shared_weights,
        untiled="",
    ),
)

"""Convolutional sparse coding, its parameters stated once."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field

from neurosim.networks.lca.model import LCAParameters, graded_section
from neurosim.networks.linked.model import ModalitiesParameters
from neurosim.registry.model import Model
from neurosim.registry.parameters import OneOf, Other, Whole, parameters

_WHOLE = Annotated[int, Field(ge=1)]
_SIZES = _WHOLE | Annotated[list[_WHOLE], Field(min_length=2, max_length=3)]
_KINDS = "int or tuple of int"
_BY_MODALITY = ", or mapping of str to these"
_EPSILON = (
    "A neuron tells the others only changes of its activity larger than this, in the unit of the stimuli; by default "
    ".01 of `threshold`, divided by the largest squared norm of the fields (the mean, where activities are divided by "
    "them). 0 sends every change."
)
_BOUNDARY = OneOf(("valid", "same", "torus"))


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


def of_modality(name: str, value: Any, modality: str) -> Any:
    """Return the part of a parameter that is said of one modality, or what is said of all.

    Raises
    ------
    ValueError
        If it is said of others alone.

    Examples
    --------
    >>> of_modality("field", {"picture": 12, "depth": 6}, "depth"), of_modality("stride", 4, "depth")
    (6, 4)
    """
    if not isinstance(value, Mapping):
        return value
    if modality not in value:
        raise ValueError(f"{name}: expected a value for {modality!r} too, got {dict(value)!r}; add it")
    return value[modality]


def _the_stride_has_the_axes_of_the_field(values: Any, seconds: Callable[[str], Any]) -> None:
    _require_covering(values.field, values.stride)


def _require_covering(field_size: Any, step: Any) -> tuple[int, ...]:
    """Return the axes of a field, or raise unless strides are as many and no longer."""
    field = sizes_of("field", field_size)
    stride = sizes_of("stride", step, n_axes=len(field))
    if len(stride) != len(field) or any(s > p for s, p in zip(stride, field, strict=True)):
        raise ValueError(
            f"stride: expected at most the field along each of its axes, {field}, so that every pixel is in a field, "
            f"got {step!r}"
        )
    return field


def _every_modality_has_its_field(values: Any, seconds: Callable[[str], Any]) -> None:
    given = {name: getattr(values, name) for name in ("field", "stride", "channels")}
    named = {each for value in given.values() if isinstance(value, Mapping) for each in value} or {""}
    fields = []
    for modality in sorted(named):
        field, stride, channels = (of_modality(name, value, modality) for name, value in given.items())
        fields.append(_require_covering(field, stride))
        if not _is_whole(channels):
            raise ValueError(f"channels: expected a whole number of at least one, got {channels!r}")
    if len(set(map(len, fields))) > 1:
        raise ValueError(
            f"field: expected as many axes in every modality, got {values.field!r}; a picture beside a film is a film "
            "of one frame"
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
        _BOUNDARY,
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
        _EPSILON,
    ] = None
    n_neurons: int = dataclasses.field(default=128, kw_only=False)
    batch_size: int = 16


@parameters(field=_every_modality_has_its_field)
class ConvolutionalLinkedLCAParameters(ModalitiesParameters):
    """Of an LCA whose fields stand at every position of several pictures at once."""

    field: Annotated[
        Any,
        Other(_KINDS + _BY_MODALITY, in_recipes=_SIZES | dict[str, _SIZES]),
        "Pixels of a field: its side, (rows, columns), or for films (frames, rows, columns); the same in all "
        "modalities, or by their names.",
    ] = 16
    stride: Annotated[
        Any,
        Other(_KINDS + _BY_MODALITY, in_recipes=_SIZES | dict[str, _SIZES]),
        "Pixels from one position to the next, at most those of a field; the same in all modalities, or by their "
        "names, as for a picture and a depth map of half its size. All have to be seen from as many positions.",
    ] = 4
    boundary: Annotated[
        str,
        _BOUNDARY,
        "Fields stand wherever they are whole inside the pictures; or those are first surrounded by zeros; or their "
        "edges are joined.",
    ] = "valid"
    channels: Annotated[
        Any,
        Other("int" + _BY_MODALITY, in_recipes=_WHOLE | dict[str, _WHOLE]),
        "Values of a pixel, such as colours; the same in all modalities, or by their names.",
    ] = 1
    epsilon: Annotated[float | None, _EPSILON] = None
    n_neurons: int = dataclasses.field(default=128, kw_only=False)
    batch_size: int = 16


ConvolutionalLinkedLCASection = graded_section(
    ConvolutionalLinkedLCAParameters, model="convolutional-linked-lca"
)
ConvolutionalLCASection = graded_section(ConvolutionalLCAParameters, model="convolutional-lca")


def _shared_weights(section: Any, n_pixels: int) -> dict[str, tuple[str, int]]:
    """Count the overlaps of all copies of fields, and the code of a batch at all positions."""
    named = [value for value in (section.field, section.stride, section.channels) if isinstance(value, dict)]
    modalities = list(named[0]) if named else [""]
    # Those that nobody named are two at least.
    n_each = n_pixels / max(len(modalities), 2 if isinstance(section, ConvolutionalLinkedLCASection) else 1)
    counted = [
        _on_a_grid(n_each, *(of_modality(name, getattr(section, name), each) for name in _GRID))
        for each in modalities
    ]
    table, code = (max(sizes) for sizes in zip(*counted, strict=True))
    return {
        "table of overlaps": ("stride", section.n_neurons**2 * int(table)),
        "activity at all positions": ("stride", int(12 * section.batch_size * section.n_neurons * code)),
    }


_GRID = ("field", "stride", "channels")


def _on_a_grid(n_pixels: float, field: Any, stride: Any, channels: int) -> tuple[int, float]:
    """Return moves and positions of one modality's grid."""
    sizes = sizes_of("field", field)
    moves, positions = 1, n_pixels / channels
    for p, s in zip(sizes, sizes_of("stride", stride, n_axes=len(sizes)), strict=True):
        moves *= 2 * ((p - 1) // s) + 1
        positions /= s
    return moves, positions


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
    Model(
        section=ConvolutionalLinkedLCASection,
        estimator="neurosim.networks.convolutional.convolutional_linked_lca:ConvolutionalLinkedLCA",
        title="convolutional linked LCA: one code for several pictures of the same, fields at every position of each",
        citation="Barari & Kim, linking sparse-coding dictionaries by one shared code; "
        "Zeiler, Krishnan, Taylor & Fergus 2010, doi:10.1109/CVPR.2010.5539957",
        capabilities=frozenset({"settles", "positions", "modalities"}),
        threshold="threshold_",
        weights=_shared_weights,
        untiled="its fields stand at every position of its pictures already: show it larger ones",
    ),
)

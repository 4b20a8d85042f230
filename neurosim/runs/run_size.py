"""How much memory a run takes and how much room its folder, told from the recipe alone."""

from math import prod
from typing import Any, NamedTuple

from neurosim.datasets.mnist import MNIST_FILES
from neurosim.networks.models import Network, model_of
from neurosim.recipes.recipe import Recipe
from neurosim.recipes.stimuli_sections import DigitSection, PatchSection, PhotographSection

_FLOAT64 = 8
# Bins of the histogram of n_x and n_y that resamplings are drawn in, at least.
_BINS = 64
# Pixels of the embedded digits, and how many there are.
_EMBEDDED = (1_797, 64)
# Figures and the page that holds them again, tables and texts, apart from rows for each neuron (bytes).
_FIGURES, _ROW = 4_000_000, 1_200


class Need(NamedTuple):
    """An array that a run has to hold."""

    what: str
    """In words."""
    key: str
    """The key of the recipe that makes it as large as it is."""
    n_bytes: int
    """Its size."""


class _Sizes(NamedTuple):
    n_train: int
    n_test: int
    n_pixels: int
    n_item: int
    """Bytes of a number."""


def memory_needs(recipe: Recipe) -> list[Need]:
    """Return the arrays that a run holds together at its height, at their least size.

    What cannot be told from the recipe, such as the size of a user's own arrays, counts as nothing.

    Parameters
    ----------
    recipe : Recipe
        Already checked.

    Examples
    --------
    >>> from neurosim.recipes.recipe import Recipe
    >>> lateral = next(need for need in memory_needs(Recipe()) if need.what == "lateral weights")
    >>> lateral.n_bytes == 256 * 256 * (8 + 2 * 4)
    True
    """
    sizes = _sizes(recipe.stimuli)
    row = sizes.n_pixels * sizes.n_item
    needs = [
        Need("training stimuli", "stimuli.n_train", sizes.n_train * row * _copies(recipe.stimuli, sizes)),
        Need("held-out stimuli", "stimuli.n_test", sizes.n_test * row),
        Need("resamplings", "analysis.n_bootstrap", recipe.analysis.n_bootstrap * _BINS * _FLOAT64)
        if isinstance(recipe.stimuli, PhotographSection)
        else Need("resamplings", "analysis.n_bootstrap", 0),
    ]
    for key, network in recipe.trained():
        needs += _of_network(network, key=key, sizes=sizes)
        needs.append(_fields(recipe, network, key=key))
    return needs


def _copies(stimuli: Any, sizes: _Sizes) -> int:
    """Return how many times the training stimuli are held while they are made."""
    if not isinstance(stimuli, PatchSection):
        return 1
    split = isinstance(stimuli, PhotographSection) and stimuli.on_off
    # ZCA takes them in double precision and gives them again.
    whitened = 2 * _FLOAT64 // sizes.n_item if stimuli.whitening.kind == "zca" else 0
    return 1 + split + whitened


def folder_size(recipe: Recipe) -> int:
    """Return about how many bytes a run's folder takes, rather too many than too few.

    Parameters
    ----------
    recipe : Recipe
        Already checked.

    Examples
    --------
    >>> from neurosim.recipes.recipe import Recipe
    >>> 4_000_000 < folder_size(Recipe()) < 20_000_000
    True
    """
    sizes = _sizes(recipe.stimuli)
    stored = sizes.n_test * sizes.n_pixels * sizes.n_item
    for _, network in recipe.trained():
        n_neurons = network.n_neurons
        weights = sum(number for _, number in model_of(network).weights(network, sizes.n_pixels).values())
        # Codes are sparse, and compressed to about a quarter.
        stored += weights * sizes.n_item
        stored += n_neurons * (sizes.n_pixels * sizes.n_item + sizes.n_test * sizes.n_item // 4 + _ROW)
    return stored + _FIGURES


def _of_network(network: Network, *, key: str, sizes: _Sizes) -> list[Need]:
    n_neurons, item = network.n_neurons, sizes.n_item
    shown = min(network.batch_size, max(sizes.n_train, 1))
    size_key = f"{key}.n_neurons"
    needs = [
        Need("dictionary", size_key, n_neurons * sizes.n_pixels * item),
        Need("held-out code", size_key, sizes.n_test * n_neurons * item),
        Need("activity of a batch", f"{key}.batch_size", 2 * shown * n_neurons * item),
    ]
    counts = model_of(network).weights(network, sizes.n_pixels)
    # Measured on lateral weights: the circuit's start in double precision, its own, and the estimator's copy.
    copies = _FLOAT64 + 2 * item
    return needs + [
        Need(what, f"{key}.{decides}", number * copies) for what, (decides, number) in counts.items()
    ]


def _fields(recipe: Recipe, network: Network, *, key: str) -> Need:
    stimuli = recipe.stimuli
    if not isinstance(stimuli, PatchSection):
        return Need("fields", f"{key}.n_neurons", 0)
    side = stimuli.patch_size + 2 * recipe.analysis.margin
    return Need("fields in the image", f"{key}.n_neurons", network.n_neurons * side**2 * _FLOAT64)


def _sizes(stimuli: Any) -> _Sizes:
    item = 4 if stimuli.dtype == "float32" else _FLOAT64
    match stimuli:
        case PhotographSection():
            return _Sizes(stimuli.n_train, stimuli.n_test, stimuli.patch_size**2 * (1 + stimuli.on_off), item)
        case PatchSection():  # two eyes
            return _Sizes(stimuli.n_train, stimuli.n_test, 2 * stimuli.patch_size**2, item)
        case DigitSection():
            return _digits(stimuli, item)
        case _:
            return _Sizes(0, stimuli.n_test, 0, item)


def _digits(section: DigitSection, item: int) -> _Sizes:
    there, n_pixels = _EMBEDDED
    if section.source != "embedded":
        there, *sides = MNIST_FILES["train", "images"].shape
        n_pixels = prod(sides)
    # Asking for more than there are is told where they are counted.
    n_train, n_test = (
        there if wanted is None else min(wanted, there) for wanted in (section.n_train, section.n_test)
    )
    return _Sizes(n_train, n_test, n_pixels * len(section.modalities), item)

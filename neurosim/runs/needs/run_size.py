"""How much memory a run takes and how much room its folder, told from the recipe alone."""

from typing import NamedTuple

from neurosim.networks.models import Network, model_of
from neurosim.recipes.recipe import Recipe
from neurosim.registry.stimulus import StimulusSizes
from neurosim.stimuli.kinds import kind_of

_FLOAT64 = 8
# Bins of the histogram of n_x and n_y that resamplings are drawn in, at least.
_BINS = 64
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


def memory_needs(recipe: Recipe) -> list[Need]:
    """Return the arrays that a run holds together at its height, at their least size.

    What cannot be told from the recipe, such as the size of a user's own arrays, counts as nothing.
    """
    kind, item = kind_of(recipe.stimuli), _item(recipe)
    sizes = kind.sizes(recipe.stimuli)
    row = sizes.n_features * item
    resampled = recipe.analysis.n_bootstrap if kind.compared_with_cortex else 0
    needs = [
        Need("training stimuli", "stimuli.n_train", sizes.n_train * row * sizes.copies),
        Need("held-out stimuli", "stimuli.n_test", sizes.n_test * row),
        Need("resamplings", "analysis.n_bootstrap", resampled * _BINS * _FLOAT64),
    ]
    for key, network in recipe.trained():
        needs += _of_network(network, key=key, sizes=sizes, item=item)
        needs.append(_fields(recipe, network, key=key, sizes=sizes))
    return needs


def folder_size(recipe: Recipe) -> int:
    """Return about how many bytes a run's folder takes, rather too many than too few."""
    sizes, item = kind_of(recipe.stimuli).sizes(recipe.stimuli), _item(recipe)
    stored = sizes.n_test * sizes.n_features * item
    for key, network in recipe.trained():
        n_neurons = network.n_neurons
        weights = sum(number for _, number in model_of(network).weights(network, sizes.n_features).values())
        # Codes are sparse, and compressed to about a quarter.
        stored += weights * item
        # Weights of several modalities are there in one piece too, from which the network is made again.
        stored += n_neurons * (2 * sizes.n_features * item + sizes.n_test * item // 4 + _ROW)
        # In single precision.
        stored += _fields(recipe, network, key=key, sizes=sizes).n_bytes // 2
    return stored + _FIGURES


def _of_network(network: Network, *, key: str, sizes: StimulusSizes, item: int) -> list[Need]:
    n_neurons = network.n_neurons
    shown = min(network.batch_size, max(sizes.n_train, 1))
    size_key = f"{key}.n_neurons"
    needs = [
        Need("dictionary", size_key, n_neurons * sizes.n_features * item),
        Need("held-out code", size_key, sizes.n_test * n_neurons * item),
        Need("activity of a batch", f"{key}.batch_size", 2 * shown * n_neurons * item),
    ]
    counts = model_of(network).weights(network, sizes.n_features)
    # Measured on lateral weights: the circuit's start in double precision, its own, and the estimator's copy.
    copies = _FLOAT64 + 2 * item
    return needs + [
        Need(what, f"{key}.{decides}", number * copies) for what, (decides, number) in counts.items()
    ]


def _fields(recipe: Recipe, network: Network, *, key: str, sizes: StimulusSizes) -> Need:
    if sizes.patch_size is None:
        return Need("fields", f"{key}.n_neurons", 0)
    side = sizes.patch_size + 2 * recipe.analysis.margin
    return Need("fields in the image", f"{key}.n_neurons", network.n_neurons * side**2 * _FLOAT64)


def _item(recipe: Recipe) -> int:
    """Return the bytes of one number."""
    return 4 if recipe.stimuli.dtype == "float32" else _FLOAT64

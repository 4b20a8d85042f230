"""Prediction of hidden pixels: a score that has its best at a threshold of its own."""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from neurosim.networks.estimator.training_data import generator, validated_stimuli

__all__ = ["hidden_pixel_score"]


def hidden_pixel_score(
    network: Any, X: ArrayLike, y: Any = None, *, share: float = 0.1, random_state: Any = 0
) -> float:
    """Return how well a network predicts pixels that it does not see from those that it sees.

    A share of the pixels is hidden from all stimuli, the population settles on the others through the rest of its
    fields, and Φᵀa is compared with what was hidden; so for groups of pixels in turn, until each was hidden once. Too
    low a threshold fits the noise of the visible pixels, too high a one misses what is there: unlike `score`, minus the
    objective, which always rises as the threshold falls, this has its best in between, near the standard deviation of
    the noise in a pixel (`make verify-hidden-pixels`). Use it as ``scoring`` of scikit-learn's searches, on stimuli
    that were not learned from.

    Parameters
    ----------
    network : LCA, TopographicLCA, WLSC, SpikingLCA, or a Pipeline that ends with one
        Fitted. Thresholds and other settings are its own.
    X : array, shape (n_stimuli, n_pixels)
    y : ignored
    share : float, above 0 and at most .5, default=0.1
        Share of the pixels that is hidden at a time; stimuli are encoded about one over it times.
    random_state : int, RandomState, Generator or None, default=0
        Chooses the groups of pixels. Keep it for networks that are compared.

    Returns
    -------
    float
        1 − Σ(hidden − predicted)²/Σ hidden², over all stimuli and pixels: 1 for perfect prediction, 0 for none, as that
        of a silent population; below 0 where prediction is worse than none.

    Raises
    ------
    ValueError
        If the network's code does not follow from its fields alone, the stimuli have no contrast, or the share is
        impossible.

    References
    ----------
    Wold 1978, Technometrics 20:397, doi:10.1080/00401706.1978.10489693 (entries of the data left out in groups).

    Examples
    --------
    >>> from neurosim.networks import LCA
    >>> net = LCA.from_dictionary(np.full((1, 4), 0.5), threshold=0.0)
    >>> round(hidden_pixel_score(net, np.ones((3, 4)), share=0.25), 3)  # three pixels tell the fourth
    1.0
    """
    if isinstance(network, Pipeline):
        network, X = network[-1], network[:-1].transform(X) if len(network) > 1 else X
    stimuli = _checked(network, X)
    residual = energy = 0.0
    for hidden in _groups(stimuli.shape[1], share, generator(random_state)):
        shown = stimuli.copy()
        shown[:, hidden] = 0
        code = _blind_to(network, hidden).transform(shown)
        residual += float(((stimuli[:, hidden] - code @ network.dictionary_[:, hidden]) ** 2).sum())
        energy += float((stimuli[:, hidden] ** 2).sum())
    return 1 - residual / energy


def _checked(network: Any, X: ArrayLike) -> NDArray[Any]:
    """Return the stimuli, or say why this network or these stimuli have no such score."""
    if not hasattr(network, "from_dictionary"):
        raise ValueError(
            "hidden_pixel_score: expected a network whose code follows from its fields, such as LCA, TopographicLCA, "
            f"WLSC or SpikingLCA, got {type(network).__name__}, which would have to learn again without those pixels"
        )
    check_is_fitted(network, "dictionary_")
    if isinstance(X, Mapping) or len(getattr(network, "modalities_", ())) > 1:
        raise ValueError(
            "hidden_pixel_score: expected one array of stimuli and a network of one modality, got several; recall "
            "tells what such a network predicts of one from the others"
        )
    stimuli = validated_stimuli(network, X, reset=False)
    if not stimuli.any():
        raise ValueError("hidden_pixel_score: expected stimuli with contrast to predict, got zeros only")
    return stimuli


def _groups(n_pixels: int, share: float, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Return pixels to be hidden together, each pixel once."""
    if not 0 < share <= 0.5:
        raise ValueError(f"share: expected a share of the pixels above 0 and up to .5, got {share!r}")
    if n_pixels < 2:
        raise ValueError("hidden_pixel_score: expected stimuli of two pixels or more, got one")
    n_groups = min(round(1 / share), n_pixels)
    return [np.sort(group) for group in np.array_split(rng.permutation(n_pixels), n_groups)]


def _blind_to(network: Any, hidden: NDArray[np.intp]) -> Any:
    """Return a network with the same settings whose neurons do not see these pixels."""
    parameters = cast("dict[str, Any]", network.get_params(deep=False))
    # What learning starts from has no say, and may have all pixels.
    for name in ("n_neurons", "initial_dictionary"):
        parameters.pop(name, None)
    # What fit measured, a threshold for example, is not measured again.
    for name, value in parameters.items():
        if isinstance(value, str) and value == "auto" and hasattr(network, f"{name}_"):
            parameters[name] = getattr(network, f"{name}_")
    fields = network.dictionary_.copy()
    fields[:, hidden] = 0
    return type(network).from_dictionary(fields, **parameters)

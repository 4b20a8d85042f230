"""The locally competitive algorithm: sparse coding by leaky membranes that inhibit those whose fields overlap."""

from dataclasses import replace
from typing import Any

from neurosim.networks.lca.design import LCADesign
from neurosim.networks.lca.model import LCAParameters, require_upper
from neurosim.networks.lca.rate_network import SettlingNetwork
from neurosim.networks.lca.stability import far_from_unit
from neurosim.networks.lca.thresholds import Threshold, activity_expression

__all__ = ["LCA"]


class LCA(LCAParameters, SettlingNetwork):
    """Sparse coding by a population of membranes with lateral inhibition, simulated in Brian2.

    Every neuron is driven by the overlap of its field with the stimulus and inhibited by active neurons as far as
    their fields overlap (Rozell et al. 2008, eq. 2.4). With the soft threshold the membranes settle at the LASSO
    solution, the minimum of ½‖s − Φᵀa‖² + λ‖a‖₁. `fit` learns the fields by a local Hebbian rule on the residual.

    Attributes
    ----------
    dictionary_ : array, shape (n_neurons, n_pixels)
        One unit-norm field per row.
    lateral_ : array, shape (n_neurons, n_neurons)
        Overlaps ΦΦᵀ − I.
    history_ : pandas.DataFrame
        One row per batch: batch, objective (per stimulus), active_fraction, learning_rate, duration (seconds shown),
        unsettled (stimuli that were shown out before they had settled).
    unsettled_ : float
        Fraction of the last epoch's stimuli that had not settled when their time was up; NaN where nobody can tell.
    threshold_ : float
        λ in the unit of the stimuli.
    mean_square_ : float
        Of the pixel values of the first `fit`.
    usage_ : array, shape (n_neurons,)
        Fraction of the last epoch's stimuli each neuron was active for.
    dead_neurons_ : int array
        Neurons with zero usage.
    seconds_compile_ : float
        Wall time spent on generating and compiling code; next to nothing where this process has compiled it before.
    n_features_in_ : int

    Notes
    -----
    Precision follows the stimuli: float32 in, float32 simulation; everything else is float64. Stimuli are not
    rescaled: multiply them and every argument in their unit by any number, and the same fields are learned. The
    objective counts the cost of the chosen threshold, and `score` is minus its mean. Fields of a given dictionary may
    have any norm: with the soft threshold, if any is shorter than half or longer than twice the unit, activities are
    potentials divided by squared norms, which leaves the minimum where it is (`neurosim.networks.lca.stability`).

    References
    ----------
    Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.
    Olshausen & Field 1996, Nature 381:607, doi:10.1038/381607a0 (learning).

    Examples
    --------
    >>> import numpy as np
    >>> net = LCA.from_dictionary(np.eye(3), threshold=0.5, presentation="200 ms")
    >>> net.transform([[2.0, 0.25, -1.0]]).round(3)
    array([[ 1.5,  0. , -0.5]])
    """

    def _threshold(self) -> Threshold:
        level = self._level()
        upper = 2 * level if self.upper_threshold is None else self.upper_threshold
        if self.threshold_kind == "firm":
            require_upper(level, upper)
        return Threshold(self.threshold_kind, level, upper, self.nonnegative)

    @property
    def _activity(self) -> str:
        # Equations can be read before there is a level.
        return activity_expression(self.threshold_kind, nonnegative=self.nonnegative)

    def _own_norms(self, gains: tuple[float, ...]) -> bool:
        # With a jump in it the threshold is no penalty that could be divided among fields: those stay as published.
        fitted = hasattr(self, "dictionary_") and self.threshold_kind == "soft"
        return fitted and far_from_unit(self._weighted(self.dictionary_, gains))

    def _design(self, dtype: Any, **sizes: Any) -> LCADesign:
        return replace(super()._design(dtype, **sizes), form=self.form)

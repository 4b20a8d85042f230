"""The locally competitive algorithm: sparse coding by leaky membranes that inhibit those whose fields overlap."""

from dataclasses import replace
from typing import Any

from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.model import LCAParameters, require_soft, require_upper
from neurosim.networks.lca.rate_model import Objective, Shown, Threshold, activity_expression
from neurosim.networks.lca.rate_network import RateNetwork
from neurosim.networks.lca.run_settings import far_from_unit

__all__ = ["LCA"]


class LCA(LCAParameters, RateNetwork):
    """Sparse coding by a population of membranes with lateral inhibition, simulated in Brian2.

    Every neuron is driven by the overlap of its field with the stimulus and inhibited by active neurons as far as
    their fields overlap (Rozell et al. 2008, eq. 2.4). With the soft threshold the membranes settle at the LASSO
    solution, the minimum of ½‖s − Φᵀa‖² + λ‖a‖₁, or with `adaptation` c, of that plus ½c‖a‖², the elastic net (Zou &
    Hastie 2005). `fit` learns the fields by a local Hebbian rule on the residual.

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
    potentials divided by squared norms, which leaves the minimum where it is (`neurosim.networks.lca.run_settings`).

    References
    ----------
    Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.
    Zou & Hastie 2005, Journal of the Royal Statistical Society B 67:301, doi:10.1111/j.1467-9868.2005.00503.x.
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
        if self.adaptation > 0:
            require_soft(self.threshold_kind)
        return Threshold(self.threshold_kind, level, upper, self.nonnegative, self.adaptation)

    def _design(self, shown: Shown, **sizes: Any) -> LCADesign:
        # With a jump in it the threshold is no penalty that could be divided among fields: those stay as published.
        fitted = hasattr(self, "dictionary_") and self.threshold_kind == "soft"
        return replace(
            super()._design(shown, **sizes),
            form=self.form,
            activity=activity_expression(self.threshold_kind, nonnegative=self.nonnegative),
            own_norms=fitted and far_from_unit(shown.weights.of(self.dictionary_)),
            adapts=self.adaptation > 0,
        )

    def _objective(self) -> Objective:
        words = f"threshold of {self._level():.3g}, which is in the unit of the stimuli"
        return Objective(threshold=self._threshold(), sparsity=words)

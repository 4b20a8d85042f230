"""The locally competitive algorithm: sparse coding by leaky membranes that inhibit those whose fields overlap."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from neurosim.networks.estimator.parameters import flag, one_of, positive
from neurosim.networks.lca.circuit import FORMS, LCADesign
from neurosim.networks.lca.rate_model import (
    THRESHOLD_KINDS,
    Objective,
    Shown,
    Threshold,
    activity_expression,
)
from neurosim.networks.lca.rate_network import RateNetwork
from neurosim.networks.lca.run_settings import far_from_unit

__all__ = ["LCA"]


class LCA(RateNetwork):
    """Sparse coding by a population of membranes with lateral inhibition, simulated in Brian2.

    Every neuron is driven by the overlap of its field with the stimulus and inhibited by active neurons as far as
    their fields overlap (Rozell et al. 2008, eq. 2.4). With the soft threshold the membranes settle at the LASSO
    solution, the minimum of ½‖s − Φᵀa‖² + λ‖a‖₁. `fit` learns the fields by a local Hebbian rule on the residual.

    Parameters
    ----------
    n_neurons : int, default=256
    threshold : float or "auto", default="auto"
        λ, in the unit of the stimuli. By default one standard deviation of the pixel values that the first `fit` is
        given.
    threshold_kind : {"soft", "hard", "firm"}, default="soft"
    upper_threshold : float, optional
        Where the firm threshold joins the identity; twice `threshold` by default.
    nonnegative : bool, default=False
        One-sided neurons, as real ones are; else each stands for a pair of opposite sign.
    form : {"lateral", "residual"}, default="lateral"
        Inhibition through lateral weights ΦΦᵀ − I, or through input neurons that hold the residual. Same result;
        learning is strictly local in the second, the first is faster.
    tau : str or Quantity, default="10 ms"
        Membrane time constant.
    presentation : str or Quantity, optional
        How long each stimulus is shown at most. By default 1,000 τ, of which a stimulus that has settled takes a small
        part; 20 τ in recordings, with terms of your own, and wherever else presentations do not end early.
    dt : str or Quantity, optional
        Fixed time step. By default every stimulus has steps of its own: they start at τ/10, grow up
        to τ/2 while the population moves on, and shrink when it swings back, to .9 of 2τ/λ_max(ΦΦᵀ) if need be.
    epsilon : float, optional
        A neuron tells the others only changes of its activity larger than this, in the unit of the stimuli; by default
        .015 of `threshold`, divided by the largest squared norm of the fields (the mean, where activities are divided
        by them). 0 sends every change.
    tolerance : float, optional
        End a stimulus's presentation once no activity would still move further than this, and let the membranes go
        where they are heading; by default `epsilon`, when no neuron would ever send again, and for fields longer than
        1, whose own activity moves them by its squared norm, so many times that. 0 shows all to the end.
    carry_over : bool, default=False
        Start from the membranes of the batch before, for stimuli that follow each other as in a film: stimulus k of
        a batch continues stimulus k of the one before, and `fit` keeps their order.
    n_epochs : int, default=1
        How often `fit` shows all stimuli.
    batch_size : int, default=100
        Replicas of the population, each with a stimulus of its own; learning averages over them.
    learning_rate : float, default=0.5
        A pure number: the rule's step is divided by the mean square of the pixel values that the first `fit` is given,
        so that learning does not depend on their unit.
    learning_rate_schedule : {"constant", "linear", "cosine", "late", "two_step"}, default="linear"
        How the rate falls in the course of a `fit`, or of one call of `partial_fit`.
    learning : bool, default=True
        False freezes the dictionary: `fit` only measures.
    reseed_dead : bool, default=False
        Give neurons that were silent for all batches of an epoch, at most 40, the residual of a badly explained
        stimulus.
    initial_dictionary : {"noise", "stimuli"} or array, shape (n_neurons, n_pixels), default="noise"
        Rows are scaled to unit norm; random directions by default.
    membrane_terms : str, default=""
        Added inside the bracket of the membrane equation, for example ``"- g"`` or ``"+ sigma*sqrt(tau)*xi"``. With
        such terms presentations do not end early; random ones are simulated step by step, with every activity sent.
    extra_equations : str, default=""
        More Brian2 equations, for the variables those terms use.
    namespace : dict, optional
        Values of other names in them.
    backend : {"auto", "numpy", "cython", "cpp_standalone"}, default="auto"
        Code-generation target of Brian2. ``"auto"`` is Cython where the circuit is compiled already, or where it would
        take the numpy target longer than compiling it; else, and without a compiler, it is ``"numpy"``.
    random_state : int, RandomState or None, default=None

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
    Olshausen & Field 1996, Nature 381:607, doi:10.1038/381607a0 (learning).

    Examples
    --------
    >>> import numpy as np
    >>> net = LCA.from_dictionary(np.eye(3), threshold=0.5, presentation="200 ms")
    >>> net.transform([[2.0, 0.25, -1.0]]).round(3)
    array([[ 1.5,  0. , -0.5]])
    """

    def __init__(
        self,
        n_neurons: int = 256,
        *,
        threshold: float | str = "auto",
        threshold_kind: str = "soft",
        upper_threshold: float | None = None,
        nonnegative: bool = False,
        form: str = "lateral",
        tau: Any = "10 ms",
        presentation: Any = None,
        dt: Any = None,
        epsilon: float | None = None,
        tolerance: float | None = None,
        carry_over: bool = False,
        n_epochs: int = 1,
        batch_size: int = 100,
        learning_rate: float = 0.5,
        learning_rate_schedule: str = "linear",
        learning: bool = True,
        reseed_dead: bool = False,
        initial_dictionary: str | ArrayLike = "noise",
        membrane_terms: str = "",
        extra_equations: str = "",
        namespace: Mapping[str, Any] | None = None,
        backend: str = "auto",
        random_state: Any = None,
    ) -> None:
        self.n_neurons = n_neurons
        self.threshold = threshold
        self.threshold_kind = threshold_kind
        self.upper_threshold = upper_threshold
        self.nonnegative = nonnegative
        self.form = form
        self.tau = tau
        self.presentation = presentation
        self.dt = dt
        self.epsilon = epsilon
        self.tolerance = tolerance
        self.carry_over = carry_over
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.learning = learning
        self.reseed_dead = reseed_dead
        self.initial_dictionary = initial_dictionary
        self.membrane_terms = membrane_terms
        self.extra_equations = extra_equations
        self.namespace = namespace
        self.backend = backend
        self.random_state = random_state

    def _validate_parameters(self) -> None:
        super()._validate_parameters()
        one_of("threshold_kind", self.threshold_kind, THRESHOLD_KINDS)
        one_of("form", self.form, tuple(FORMS))
        flag("nonnegative", self.nonnegative)
        if self.upper_threshold is not None:
            positive("upper_threshold", self.upper_threshold)
        if not isinstance(self.threshold, str):
            self._threshold()

    def _threshold(self) -> Threshold:
        level = self._level()
        upper = 2 * level if self.upper_threshold is None else self.upper_threshold
        if self.threshold_kind == "firm" and not upper > level:
            raise ValueError(f"upper_threshold: expected more than the threshold of {level:g}, got {upper:g}")
        return Threshold(self.threshold_kind, level, upper, self.nonnegative)

    def _design(self, shown: Shown, **sizes: Any) -> LCADesign:
        # With a jump in it the threshold is no penalty that could be divided among fields: those stay as published.
        fitted = hasattr(self, "dictionary_") and self.threshold_kind == "soft"
        return replace(
            super()._design(shown, **sizes),
            form=self.form,
            activity=activity_expression(self.threshold_kind, nonnegative=self.nonnegative),
            own_norms=fitted and far_from_unit(shown.weights.of(self.dictionary_)),
        )

    def _objective(self) -> Objective:
        words = f"threshold of {self._level():.3g}, which is in the unit of the stimuli"
        return Objective(threshold=self._threshold(), sparsity=words)

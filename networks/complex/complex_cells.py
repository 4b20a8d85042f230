"""Complex cells that learn by a local trace rule which simple cells to add up."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import simulating
from neurosim.engine.backend import require_backend
from neurosim.networks.complex.circuit import (
    COMPLEX,
    SIMPLE,
    ComplexCircuit,
    ComplexDesign,
    build_complex_circuit,
)
from neurosim.networks.complex.parameters import ComplexCellParameters
from neurosim.networks.complex.pruning import remaining, strengths_of
from neurosim.networks.complex.run import answers_to, capacity_of, learned_from
from neurosim.networks.complex.sequences import checked_codes, checked_sequences
from neurosim.networks.estimator.backend_choice import Work, chosen_circuit
from neurosim.networks.estimator.checkpoint import Given, KeptTraining
from neurosim.networks.estimator.parameters import check_parameters, seconds
from neurosim.networks.saving.save_method import Saving

__all__ = ["ComplexCells"]

Indices = NDArray[np.intp]


class ComplexCells(
    ComplexCellParameters, Saving, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    r"""A second population, whose membranes add up energies of simple cells that go over into each other in time.

    It sees codes of simple cells, not images. Complex cell i is anchored to simple cell i by a fixed synapse and finds
    others by a Hebbian rule with a trace of past activity on either side,

    .. math:: w_{ij} \mathrel{+}= \eta\,(\tfrac12\bar z_i z_j + \tfrac12 z_i \bar z_j - w_{ij}),

    where z is a simple cell's activity less its mean, in standard deviations, to which the cell has adapted, and
    :math:`\bar z` its trace, to which every code adds when it is over and which decays by
    :math:`\kappa = e^{-T/\tau_\text{trace}}` in the time T that a code lasts. Of a complex cell the
    anchor alone has a part in learning, its membrane none, so the fixed point is known, a sum of correlations over k
    codes:
    :math:`w_{ij} = \tfrac12 \sum_k \kappa^k \langle z_i(t-k) z_j(t) + z_j(t-k) z_i(t) \rangle`, for pairs
    :math:`\kappa` times the mean correlation of before and after. Then the strongest synapses stay, and
    :math:`\tau\dot u = \sum_j w_j a_j^2 - u`. A cell answers :math:`r = \sqrt u`, so that it rises with contrast as
    its simple cells do.

    Attributes
    ----------
    anchors_ : int array, shape (n_complex,)
        The simple cell of each complex cell.
    association_ : array, shape (n_simple, n_complex)
        What was learned: the weights of all synapses.
    members_ : int array, shape (n_complex, size)
        Simple cells whose synapses remain, the anchor first, then by weight.
    member_weights_ : array, shape (n_complex, size)
        Their strengths.
    mean_, spread_ : array, shape (n_simple,)
        Mean and standard deviation of activity that simple cells have adapted to, measured at the first `fit`.
    n_transitions_ : int
        From one code to the next, of all that was learned from.
    n_features_in_ : int
        Simple cells.

    References
    ----------
    Földiák 1991, Neural Computation 3:194, doi:10.1162/neco.1991.3.2.194 (the trace is the postsynaptic cell's, and
    cells compete).
    Adelson & Bergen 1985, J Opt Soc Am A 2:284, doi:10.1364/JOSAA.2.000284 (energies).

    Examples
    --------
    >>> import numpy as np
    >>> shown = np.random.default_rng(0).exponential(size=(500, 2))
    >>> before, after = shown[:, [0, 0, 1, 1]] * [1, 0, 1, 0], shown[:, [0, 0, 1, 1]] * [0, 1, 0, 1]
    >>> cells = ComplexCells(size=2, backend="numpy").fit(np.stack([before, after], axis=1))
    >>> cells.members_.tolist()
    [[0, 1], [1, 0], [2, 3], [3, 2]]
    >>> cells.transform([[3.0, 4.0, 0.0, 1.0]]).round(3)
    array([[5., 5., 1., 1.]])
    """

    @simulating()
    def fit(self, X: ArrayLike, y: Any = None, *, checkpoint: Given = None) -> Self:
        """Learn from sequences of codes, as small movements of eyes or films make them.

        Parameters
        ----------
        X : array, shape (n_sequences, n_codes, n_simple)
            Activity of one-sided simple cells, 0 or more; the codes of a sequence in the order of time, two or more:
            ``np.stack([before, after], axis=1)``.
        y : ignored
        checkpoint : str, Path or neurosim.Checkpoint, optional
            A file that keeps the state of learning from time to time; if it is there, learning goes on from it, bit for
            bit (`neurosim.Checkpoint`).

        Raises
        ------
        ValueError
            If sequences or parameters are impossible, fewer simple cells answer than a pool has, or the checkpoint is
            of another training.
        """
        sequences = self._admitted(X, reset=True)
        kept = KeptTraining(self, checkpoint, stimuli=sequences)
        self._begin(sequences, kept.rng)
        return self._learn(sequences, kept)

    @simulating()
    def partial_fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn from more sequences; anchors and adaptation stay as the first ones left them.

        Parameters are those of `fit`.
        """
        fresh = not hasattr(self, "association_")
        sequences = self._admitted(X, reset=fresh)
        kept = KeptTraining(self, None)
        if fresh:
            self._begin(sequences, kept.rng)
        return self._learn(sequences, kept)

    @simulating()
    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return what complex cells answer when their membranes have followed, in the unit of the simple cells.

        Parameters
        ----------
        X : array, shape (n_codes, n_simple)
            Activity of simple cells, 0 or more.

        Returns
        -------
        array, shape (n_codes, n_complex)

        Raises
        ------
        ValueError
            If there are other cells, or negative activity.
        """
        check_is_fitted(self, "association_")
        codes = checked_codes(self, X)
        self._check_parameters()
        circuit = self._circuit(codes.dtype, len(codes))
        weights = np.zeros_like(self.association_)
        np.put_along_axis(weights, self.members_.T, self.member_weights_.T, axis=0)
        self._load(circuit)
        return answers_to(circuit, codes, weights, duration=seconds("presentation", self.presentation))

    @property
    def members_(self) -> Indices:
        """Simple cells whose synapses remain, the anchor first, then by weight."""
        check_is_fitted(self, "association_")
        return remaining(self.association_, anchors=self.anchors_, answering=self.spread_ > 0, size=self.size)

    @property
    def member_weights_(self) -> NDArray[Any]:
        """Strengths of the remaining synapses, the anchor's 1."""
        members = self.members_
        alike = np.ones(members.shape, dtype=self.association_.dtype)
        return alike if self.strength == "alike" else strengths_of(self.association_, members)

    @property
    def equations(self) -> str:
        """The Brian2 equations of both populations, as text with units."""
        return f"# simple cells\n{SIMPLE.strip()}\n\n# complex cells\n{COMPLEX.strip()}\n"

    def __sklearn_tags__(self) -> Any:
        """Say that `fit` takes sequences and not a matrix, and that answers come in the precision of the codes."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.three_d_array = False, True
        tags.input_tags.positive_only = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return len(self.anchors_)

    def _admitted(self, X: ArrayLike, *, reset: bool) -> NDArray[Any]:
        sequences = checked_sequences(self, X, reset=reset)
        self._check_parameters()
        return sequences

    def _check_parameters(self) -> None:
        check_parameters(self)
        if self.backend != "auto":
            require_backend(self.backend)

    def _begin(self, sequences: NDArray[Any], rng: np.random.Generator) -> None:
        """Let simple cells adapt, and anchor complex cells to those that answer."""
        codes = sequences.reshape(-1, sequences.shape[2])
        mean, spread = codes.mean(axis=0, dtype=np.float64), codes.std(axis=0, dtype=np.float64)
        # Rounding would give a constant cell some.
        spread[codes.max(axis=0) == codes.min(axis=0)] = 0
        answering = np.flatnonzero(spread > 0)
        remaining(np.zeros((codes.shape[1], 0)), anchors=answering[:0], answering=spread > 0, size=self.size)
        if self.n_neurons is not None:
            if self.n_neurons > len(answering):
                raise ValueError(
                    f"n_neurons: expected at most {len(answering)}, as many simple cells as answer, got "
                    f"{self.n_neurons}; show more sequences, or ask for fewer"
                )
            answering = np.sort(rng.choice(answering, size=self.n_neurons, replace=False))
        self.anchors_: Indices = answering
        self.mean_, self.spread_ = mean.astype(codes.dtype), spread.astype(codes.dtype)
        self.association_ = np.zeros((codes.shape[1], len(answering)), dtype=codes.dtype)
        self.n_transitions_ = 0

    def _learn(self, sequences: NDArray[Any], kept: KeptTraining) -> Self:
        n_sequences, n_codes, _ = sequences.shape
        with kept.choosing():
            circuit = self._circuit(sequences.dtype, n_sequences * n_codes, together=n_codes)
        self._load(circuit)
        begun: dict[str, Any] = {"association": self.association_, "n_shown": 0}
        state = kept.begin(backend=circuit.design.backend) or begun
        n_before, first = self.n_transitions_, state["n_shown"]
        for association, n_more in learned_from(
            circuit,
            sequences[first:],
            state["association"],
            duration=seconds("presentation", self.presentation),
            n_before=n_before + first * (n_codes - 1),
            rate=self.learning_rate,
        ):
            state = {"association": association, "n_shown": first + n_more}
            kept.note(dict, state)
        kept.end(dict, state)
        self.association_ = state["association"]
        self.n_transitions_ = n_before + n_sequences * (n_codes - 1)
        return self

    def _circuit(self, dtype: Any, n_codes: int, *, together: int = 1) -> ComplexCircuit:
        """Return a circuit for so many codes in sequences of some together, which one run has to hold."""
        n_simple, n_complex = self.association_.shape

        def on(backend: str) -> ComplexDesign:
            batches = capacity_of(self.batch_size * n_simple, backend=backend)
            sizes = (n_simple, n_complex, self.batch_size, max(batches, together))
            return ComplexDesign(*sizes, backend=backend, float_dtype=np.dtype(dtype).name)

        work = Work(n_codes, n_simple, self.batch_size, 1)
        return chosen_circuit(self.backend, on, build_complex_circuit, work=work)

    def _load(self, circuit: ComplexCircuit) -> None:
        """Give a circuit the anchors and adaptation of this network, and its time constants."""
        program, n_replicas = circuit.program, circuit.design.n_replicas
        program.write(circuit.anchors.indices, self.anchors_)
        program.write(circuit.simple.variables["mean"], np.tile(self.mean_, n_replicas))
        # What never changed has no deviation to be measured in.
        spread = np.where(self.spread_ > 0, self.spread_, 1)
        program.write(circuit.simple.variables["spread"], np.tile(spread, n_replicas))
        for group in (circuit.simple, circuit.complex):
            program.write(group.variables["tau_trace"], [seconds("tau_trace", self.tau_trace)])
        program.write(circuit.complex.variables["tau"], [seconds("tau", self.tau)])

"""What spike counts say of the stimuli, as methods that spiking estimators share."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._turns import one_at_a_time
from neurosim.networks.estimator.stimulus_unit import learning_unit, standardised
from neurosim.networks.estimator.training_data import validated_code, validated_stimuli

__all__ = ["Reconstruction", "StandardisedReconstruction", "best_gain", "rescaled_residual"]


def best_gain(stimuli: NDArray[Any], decoded: NDArray[Any]) -> float:
    """Return the factor that brings decoded stimuli nearest to the stimuli; 1 if nothing was decoded.

    Examples
    --------
    >>> best_gain(np.array([[2.0, 0.0]]), np.array([[1.0, 1.0]]))
    1.0
    """
    size = float(np.einsum("sp,sp->", decoded, decoded))
    return float(np.einsum("sp,sp->", stimuli, decoded)) / size if size > 0 else 1.0


def rescaled_residual(stimuli: NDArray[Any], decoded: NDArray[Any]) -> float:
    """Return the rms residual of stimuli of unit deviation, each decoded one that has contrast scaled to that too.

    Examples
    --------
    >>> patch = np.array([[1.0, -1.0]])
    >>> rescaled_residual(patch, 7 * patch), rescaled_residual(patch, 0 * patch)
    (0.0, 1.0)
    """
    deviation = decoded.std(axis=1, keepdims=True)
    scale = np.where(deviation > 0, 1 / np.where(deviation > 0, deviation, 1), 1)
    return float(np.sqrt(np.mean((stimuli - scale * decoded) ** 2)))


class Reconstruction:
    """Reads stimuli from codes: what is decoded, and how far it is from what was shown.

    Of an estimator with ``dictionary_``, ``gain_`` and ``transform``.
    """

    dictionary_: NDArray[Any]
    gain_: float
    mean_square_: float

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the code of stimuli; the estimator's own."""
        raise NotImplementedError

    def inverse_transform(self, code: ArrayLike) -> NDArray[Any]:
        """Return the stimuli that codes stand for: `gain_` times the fields of the neurons that fired.

        Parameters
        ----------
        code : array, shape (n_stimuli, n_neurons)

        Returns
        -------
        array, shape (n_stimuli, n_pixels)
            In the unit of the stimuli; of networks that standardise each stimulus, of standardised ones.
        """
        counts = validated_code(self, code)
        decoded: NDArray[Any] = self._unit() * self.gain_ * (counts @ self.dictionary_)
        return decoded

    @one_at_a_time()
    def objective(self, X: ArrayLike, code: ArrayLike) -> NDArray[Any]:
        """Return half the squared residual of every stimulus, shape (n_stimuli,), in the unit of reconstructions."""
        stimuli = self._reference(validated_stimuli(self, X, reset=False))
        decoded = self.inverse_transform(code)
        if len(decoded) != len(stimuli):
            raise ValueError(f"expected one code per stimulus, got {len(decoded)} for {len(stimuli)} stimuli")
        total: NDArray[Any] = ((stimuli - decoded) ** 2).sum(axis=1) / 2
        return total

    @one_at_a_time()
    def residual_rms(self, X: ArrayLike, code: ArrayLike) -> float:
        """Return the root mean square residual after each reconstruction is scaled to unit standard deviation.

        The measure of King, Zylberberg & DeWeese 2013 (J Neurosci 33:5475), for stimuli of unit standard deviation.
        A stimulus that no neuron responds to counts with its whole size.
        """
        stimuli = self._reference(validated_stimuli(self, X, reset=False))
        return rescaled_residual(stimuli, self.inverse_transform(code))

    @one_at_a_time()
    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return minus the mean objective of stimuli under their own code; higher is better."""
        return -float(np.mean(self.objective(X, self.transform(X))))

    @property
    def _n_features_out(self) -> int:
        return len(self.dictionary_)

    def _measure(self, stimuli: NDArray[Any]) -> None:
        """Measure the unit of the stimuli, before learning from the first of them."""
        self.mean_square_ = learning_unit(stimuli)

    def _as_seen(self, stimuli: NDArray[Any]) -> NDArray[Any]:
        """Return what the neurons see of stimuli."""
        return stimuli

    def _reference(self, stimuli: NDArray[Any]) -> NDArray[Any]:
        """Return what reconstructions are reconstructions of."""
        return stimuli

    def _unit(self) -> float:
        """Return what one of the neurons' unit is in that of the reconstructions."""
        return 1.0

    def _decoded(self, shown: NDArray[Any], code: NDArray[Any]) -> float:
        """Set the gain that decodes what was shown best, and return the mean objective."""
        decoded = code @ self.dictionary_
        self.gain_ = best_gain(shown, decoded)
        residual = shown - self.gain_ * decoded
        return self._unit() ** 2 * float((residual**2).sum(axis=1).mean() / 2)


class StandardisedReconstruction(Reconstruction):
    """The same for networks whose potentials are pure numbers: stimuli reach them without a unit.

    Of an estimator with the parameter ``standardise``. With it, each stimulus is brought to mean 0 and standard
    deviation 1; without, all are divided by their root mean square, measured at the first `fit`.
    """

    standardise: bool

    def standardised(self, X: ArrayLike) -> NDArray[Any]:
        """Return stimuli as reconstructions refer to them.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)

        Returns
        -------
        array, shape (n_stimuli, n_pixels)
            Each with mean 0 and standard deviation 1, a constant one all zeros; with ``standardise=False``, as they
            are.
        """
        return self._reference(validated_stimuli(self, X, reset=False))

    def _measure(self, stimuli: NDArray[Any]) -> None:
        if not self.standardise:
            super()._measure(stimuli)
            return
        if not standardised(stimuli).any():
            raise ValueError(
                f"expected stimuli with contrast, got {len(stimuli)} that are constant, of which standardising leaves "
                "nothing; pass standardise=False if their level is what is to be learned"
            )
        self.mean_square_ = 1.0

    def _as_seen(self, stimuli: NDArray[Any]) -> NDArray[Any]:
        if self.standardise:
            return standardised(stimuli)
        # Powers of two change no digit, and one changes nothing.
        shown: NDArray[Any] = stimuli / stimuli.dtype.type(self._unit())
        return shown

    def _reference(self, stimuli: NDArray[Any]) -> NDArray[Any]:
        return standardised(stimuli) if self.standardise else stimuli

    def _unit(self) -> float:
        return 1.0 if self.standardise else float(np.sqrt(self.mean_square_))

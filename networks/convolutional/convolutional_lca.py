"""Convolutional sparse coding: a population of membranes with the same fields at every position of a picture."""

from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse as sparse_arrays
from sklearn.utils.validation import check_is_fitted

from neurosim._masked import unmasked
from neurosim._turns import one_at_a_time, simulating
from neurosim.networks.convolutional.learning import SharedLearning, some_boxes
from neurosim.networks.convolutional.model import ConvolutionalLCAParameters
from neurosim.networks.convolutional.on_grid import OnGrid
from neurosim.networks.convolutional.picture_films import PictureFilms
from neurosim.networks.convolutional.pictures import Pictures, checked, padded
from neurosim.networks.convolutional.placed_fields import PlacedFields
from neurosim.networks.estimator.parameters import check_parameters
from neurosim.networks.estimator.training_data import starting_dictionary
from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.lca import LCA
from neurosim.networks.lca.pathways import Modality
from neurosim.networks.lca.rate_model import Learning, Shown

__all__ = ["ConvolutionalLCA"]


class ConvolutionalLCA(ConvolutionalLCAParameters, PlacedFields, PictureFilms, OnGrid, LCA):
    """Sparse coding of whole pictures and films by membranes whose fields stand at every position.

    The membranes are those of an LCA (Rozell et al. 2008, eq. 2.4), `n_neurons` of them at every position of a grid.
    Those of one number have the same field everywhere, each neuron is driven by the picture under its field, and
    inhibited by active neurons, near ones too, as far as their fields overlap. With the soft threshold they settle at
    the minimum of ½‖I − Φ∗a‖² + λ‖a‖₁, convolutional sparse coding (Zeiler et al. 2010). `fit` learns fields by the
    local rule of the LCA, averaged over positions; that neurons of different positions share their fields is no
    biology, as if one neuron stood everywhere.

    Pictures are arrays (n_pictures, height, width), with `channels` a last axis of so many, films of three-axed fields
    (n_films, n_frames, height, width). Their codes are (n_pictures, rows, columns, n_neurons), of films with positions
    in time first. Square pictures may come as rows (n_pictures, n_pixels), channels side by side, as `sample_patches`
    returns them; their codes are rows then, too. What has learned from crops encodes pictures of any size.

    Attributes
    ----------
    dictionary_ : array, shape (n_neurons, field_size)
        One unit-norm field per row; `fields_` has their axes.
    picture_shape_ : tuple of int
        Height and width, and frames before them, of what was fitted.
    history_, unsettled_, threshold_, mean_square_, dead_neurons_, seconds_compile_, n_features_in_
        As for `neurosim.networks.LCA`; objectives are per picture, its rim of zeros counted.
    usage_ : array, shape (n_neurons,)
        Fraction of the last epoch's pictures and positions that each neuron was active for.

    Notes
    -----
    One change of activity costs n_neurons times (2⌊(field − 1)/stride⌋ + 1)² additions, and the table of overlaps
    n_neurons times as many numbers: 3 MB for 128 fields of 16 × 16 at stride 4, 63 MB at stride 1. Code and membranes
    take 56 bytes for each of n_neurons / stride² neurons a pixel (float32).

    References
    ----------
    Zeiler, Krishnan, Taylor & Fergus 2010, CVPR, doi:10.1109/CVPR.2010.5539957.
    Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.

    Examples
    --------
    >>> import numpy as np
    >>> bars = np.stack([np.eye(3), np.eye(3)[::-1]]) / 3**0.5
    >>> net = ConvolutionalLCA.from_dictionary(bars, stride=1, threshold=0.1, backend="numpy")
    >>> picture = np.zeros((1, 8, 8))
    >>> picture[0, 2:5, 4:7] = np.eye(3)
    >>> code = net.transform(picture)
    >>> code.shape, np.argwhere(code[0] > 1)
    ((1, 6, 6, 2), array([[2, 4, 0]]))
    """

    picture_shape_: tuple[int, ...]

    @classmethod
    def from_dictionary(cls, dictionary: ArrayLike, **parameters: Any) -> Self:
        """Return a fitted network that encodes with given fields, such as those that an LCA has learned on patches.

        Parameters
        ----------
        dictionary : array, shape (n_neurons, height, width), with channels last, or (n_neurons, field_size)
            Used as it is; fields need not have unit norm. Rows are square fields unless `field` is given.
        **parameters
            As for the constructor; `field` follows from an array with axes.

        Raises
        ------
        ValueError
            If the dictionary is not finite or no array of fields, or a parameter is impossible.
        """
        fields = unmasked(dictionary, "the dictionary")
        channels = parameters.get("channels", 1)
        if fields.ndim > 2:
            axes = fields.shape[1:] if channels == 1 else fields.shape[1:-1]
            parameters["field"] = tuple(int(n) for n in axes)
            fields = fields.reshape(len(fields), -1)
        elif "field" not in parameters and fields.ndim == 2:
            parameters["field"] = round((fields.shape[1] / channels) ** 0.5)
        net = super().from_dictionary(fields, **parameters)
        del net.n_features_in_
        if net._fitted_grid().field_size != fields.shape[1]:
            raise ValueError(
                f"field: expected the shape of fields of {fields.shape[1]} values, got {net.field!r} with "
                f"channels={net.channels}"
            )
        return net

    @simulating()
    def transform(self, X: Any, *, sparse: bool = False) -> Any:
        """Return the activity each picture settles to.

        Parameters
        ----------
        X : array, or list of pictures of any sizes
            (n_pictures, height, width), with channels last, films (n_films, n_frames, height, width), or rows.
        sparse : bool, default=False
            Return one SciPy CSR array (n_positions, n_neurons) a picture instead, positions row by row.

        Returns
        -------
        array, shape (n_pictures, rows, columns, n_neurons), or list of arrays
            In the unit and precision of the pictures, exactly zero for a neuron below threshold. Rows
            (n_pictures, rows * columns * n_neurons) for rows, and a list for a list of different sizes.

        Raises
        ------
        ValueError
            If a picture is smaller than a field, pixels would be in no field, or the population does not fit into
            memory.

        Warns
        -----
        ConvergenceWarning
            As `neurosim.networks.LCA.transform` does.
        """
        check_is_fitted(self, "dictionary_")
        if isinstance(X, list | tuple) and len({np.shape(each) for each in X}) > 1:
            codes = [self.transform(np.asarray(each)[np.newaxis], sparse=sparse)[0] for each in X]
            return codes
        code = self._transformed(X)
        if sparse:
            return [sparse_arrays.csr_array(each.reshape(-1, len(self.dictionary_))) for each in code]
        return self._as_shown(code, X)

    @one_at_a_time()
    def objective(self, X: ArrayLike, code: ArrayLike) -> NDArray[Any]:
        """Return what the population minimises, per picture.

        Parameters
        ----------
        X : array
            Pictures of one size, or rows.
        code : array
            As `transform` returns it.

        Returns
        -------
        array, shape (n_pictures,)
            ½‖I − Φ∗a‖² plus the cost of the threshold, λ‖a‖₁ for the soft one. With ``boundary="same"`` what is made
            of the zeros around the picture counts.
        """
        check_is_fitted(self, "dictionary_")
        shown = self._shown(X, reset=False)
        n_values = shown.grid.n_positions * len(self.dictionary_)
        activity = unmasked(code, "the code")
        if activity.shape[:1] != (len(shown.stimuli),) or activity.size != len(activity) * n_values:
            raise ValueError(
                f"expected one code of {n_values} values for each of {len(shown.stimuli)} pictures, got an array of "
                f"shape {activity.shape}; pass what transform returned"
            )
        activity = activity.reshape(len(activity), -1)
        residual = shown.stimuli - self._rebuilt(activity, shown)
        total: NDArray[Any] = (residual**2).sum(axis=1) / 2 + self._objective().cost(activity, shown.stimuli)
        return total

    # What the model has of its own, in the order of `neurosim.networks.lca.rate_network`.

    def _rows(self, X: Any) -> Any:
        return X

    def _shown(self, X: Any, *, reset: bool) -> Pictures:
        check_parameters(self)
        known = None if reset else getattr(self, "picture_shape_", None)
        rows, shape = checked(self, X, reset=reset, known=known)
        grid = self._grid(shape)
        if reset:
            self.picture_shape_ = shape
        return Pictures(padded(rows, grid), grid=grid)

    def _beside(self, y: Any, shown: Shown, *, reset: bool) -> None:
        assert isinstance(shown, Pictures)
        known = getattr(self, "picture_shape_", shown.grid.shape)
        if shown.grid.shape != known:
            raise ValueError(
                f"expected pictures of {known} pixels to learn on from, as those of the first fit, got "
                f"{shown.grid.shape}; cut them to that size"
            )
        self.picture_shape_, self.n_features_in_ = known, int(np.prod(known)) * self.channels

    def _start(self, shown: Shown, rng: np.random.Generator) -> NDArray[Any]:
        assert isinstance(shown, Pictures)
        boxes = some_boxes(shown.stimuli, [shown.grid], rng=rng)
        start = starting_dictionary(self.initial_dictionary, boxes, n_neurons=self.n_neurons, rng=rng)
        return self._learning().scaled(start)

    def _learning(self) -> Learning:
        given = super()._learning()
        return SharedLearning(rate_unit=given.rate_unit, grids=(self._fitted_grid(),))

    def _design(self, shown: Shown, **sizes: Any) -> LCADesign:
        grid = shown.grid if isinstance(shown, Pictures) else self._fitted_grid()
        design = super()._design(shown, **sizes)
        n_neurons = design.n_neurons * grid.n_positions
        return replace(design, n_neurons=n_neurons, modalities=(Modality("", grid.n_pixels, grid),))

    def _set_dictionary(self, dictionary: NDArray[Any]) -> None:
        self.dictionary_ = dictionary

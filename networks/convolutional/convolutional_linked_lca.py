"""Linked dictionaries on whole pictures: one code for several of the same scene, such as those of two cameras."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse as sparse_arrays
from sklearn.utils.validation import check_is_fitted

from neurosim._masked import unmasked
from neurosim._turns import one_at_a_time, simulating
from neurosim.networks.convolutional.learning import SharedLearning, some_boxes
from neurosim.networks.convolutional.linked_pictures import (
    LinkedPictures,
    farthest,
    made_of,
    require_same_positions,
    rows_by_modality,
)
from neurosim.networks.convolutional.model import ConvolutionalLinkedLCAParameters
from neurosim.networks.convolutional.on_grid import OnGrid
from neurosim.networks.convolutional.picture_films import LinkedPictureFilms
from neurosim.networks.convolutional.placed_in_several import PlacedInSeveral
from neurosim.networks.estimator.parameters import check_parameters, one_of
from neurosim.networks.estimator.training_data import starting_dictionary
from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.lca import LCA
from neurosim.networks.lca.pathways import Modality
from neurosim.networks.lca.rate_model import Learning, Shown
from neurosim.networks.linked.linked_modalities import LinkedModalities
from neurosim.networks.linked.modalities import checked_names, require_known, side_by_side

__all__ = ["ConvolutionalLinkedLCA"]

Pictures = Mapping[str, ArrayLike]


class ConvolutionalLinkedLCA(
    ConvolutionalLinkedLCAParameters, LinkedModalities, PlacedInSeveral, LinkedPictureFilms, OnGrid, LCA
):
    """One code for several pictures of the same scene: two eyes, two cameras, a picture and its depth.

    The membranes are those of a `neurosim.networks.ConvolutionalLCA`, `n_neurons` at every position of a grid. Each
    neuron has a field in every modality, which sees the picture of that modality at the neuron's position, and
    neurons inhibit each other as far as their fields overlap, in all modalities together. They settle at the minimum of
    Σ_m g_m ½‖I_m − Φ_m∗a‖² + λ‖a‖₁ over the modalities m that are present, with their `weights` g_m. Each dictionary
    learns from its own residual by the local rule of the LCA, averaged over positions. Whichever modality is absent is
    recalled from the others' code, as by `neurosim.networks.LinkedLCA`.

    Pictures are mappings from the name of a modality to arrays (n_pictures, height, width), with `channels` a last axis
    of so many, films (n_films, n_frames, height, width); picture k of each belongs together. Pictures of different
    modalities may have different sizes, if they are seen from as many positions. Codes are
    (n_pictures, rows, columns, n_neurons). Square pictures may come as rows, (n_pictures, n_pixels); if all do, codes
    are rows, too.

    Attributes
    ----------
    modalities_ : dict of str to int
        Values of a field in every modality, in their order.
    dictionaries_ : dict of str to array, shape (n_neurons, field_size)
        One field per neuron and modality; `fields_` has their axes.
    dictionary_ : array, shape (n_neurons, sum of field sizes)
        The same side by side.
    picture_shapes_ : dict of str to tuple of int
        Height and width, and frames before them, of what was fitted.
    history_, unsettled_, threshold_, mean_square_, dead_neurons_, seconds_compile_, n_features_in_
        As for `neurosim.networks.LCA`; objectives are per picture, its rim of zeros counted.
    usage_ : array, shape (n_neurons,)
        Fraction of the last epoch's pictures and positions that each neuron was active for.

    Notes
    -----
    Learning divides each modality's changes by how many of its fields would fill its picture, so that no modality's
    step depends on its field or stride. Modalities of the same field, stride and weight, whose joint norm is kept, are
    the `channels` of one picture (a test).

    References
    ----------
    Barari & Kim, linking sparse-coding dictionaries by one shared code, eq. 4 (learning).
    Zeiler, Krishnan, Taylor & Fergus 2010, CVPR, doi:10.1109/CVPR.2010.5539957.
    Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.

    Examples
    --------
    >>> import numpy as np
    >>> bars = np.stack([np.eye(3), np.eye(3)[::-1]]) / 3**0.5
    >>> fields = {"picture": bars, "kind": np.array([[[1.0]], [[-1.0]]])}
    >>> net = ConvolutionalLinkedLCA.from_dictionary(fields, stride=1, threshold=0.1, backend="numpy")
    >>> picture = np.zeros((1, 8, 8))
    >>> picture[0, 2:5, 4:7] = np.eye(3)
    >>> net.transform({"picture": picture}).shape
    (1, 6, 6, 2)
    >>> kind = net.recall({"picture": picture}, want="kind")
    >>> kind.shape, np.argwhere(kind[0] > 1)
    ((1, 6, 6), array([[2, 4]]))
    """

    modalities_: dict[str, int]
    picture_shapes_: dict[str, tuple[int, ...]]

    @classmethod
    def from_dictionary(cls, dictionary: Any, **parameters: Any) -> Self:
        """Return a fitted network that encodes with given fields.

        Parameters
        ----------
        dictionary : mapping of str to array, shape (n_neurons, height, width) or (n_neurons, field_size)
            By modality, with channels last. Used as they are; fields need not have unit norm. Rows are square fields
            unless `field` is given.
        **parameters
            As for the constructor; `field` follows from arrays with axes.

        Raises
        ------
        ValueError
            If it is no mapping, fields are not finite, their numbers differ, or a parameter is impossible.
        """
        if not isinstance(dictionary, Mapping) or not dictionary:
            raise ValueError("expected fields by modality, such as {'left': fields, 'right': fields}")
        fields = {str(name): unmasked(each, str(name)) for name, each in dictionary.items()}
        if len({len(each) for each in fields.values()}) > 1:
            told = ", ".join(f"{len(each)} in {name!r}" for name, each in fields.items())
            raise ValueError(f"expected a field of every neuron in each modality, got {told}")
        sizes = {name: field_of(each, parameters, name) for name, each in fields.items()}
        parameters["field"] = sizes
        rows = {name: each.reshape(len(each), -1) for name, each in fields.items()}
        checked_names(rows)
        net = super().from_dictionary(np.hstack(list(rows.values())), **parameters)
        del net.n_features_in_
        net.modalities_ = {name: made_of(net, name).field_size for name in rows}
        for name, each in rows.items():
            if net.modalities_[name] != each.shape[1]:
                raise ValueError(
                    f"field: expected the shape of fields of {each.shape[1]} values in {name!r}, got {sizes[name]!r}"
                )
        net._set_dictionary(net.dictionary_)
        return net

    @simulating()
    def transform(self, X: Any, *, sparse: bool = False) -> Any:
        """Return the activity that pictures settle to.

        Parameters
        ----------
        X : mapping of str to array, shape (n_pictures, height, width)
            With channels last, films with frames first, or rows; what is not in it is absent.
        sparse : bool, default=False
            Return one SciPy CSR array (n_positions, n_neurons) a picture instead, positions row by row.

        Returns
        -------
        array, shape (n_pictures, rows, columns, n_neurons)
            In the unit and precision of the pictures, exactly zero for a neuron below threshold. Rows
            (n_pictures, rows * columns * n_neurons) if all pictures are rows.

        Raises
        ------
        ValueError
            If nothing is present, a modality is unknown, pictures are seen from different positions or are smaller
            than a field, pixels would be in no field, or the population does not fit into memory.

        Warns
        -----
        ConvergenceWarning
            As `neurosim.networks.LCA.transform` does.
        """
        check_is_fitted(self, "dictionary_")
        code = self._transformed(X)
        if sparse:
            return [sparse_arrays.csr_array(each.reshape(-1, len(self.dictionary_))) for each in code]
        return self._as_shown(code, X)

    @one_at_a_time()
    def recall(self, present: Pictures, *, want: str) -> NDArray[Any]:
        """Return what the population expects in one modality, given others.

        Parameters
        ----------
        present : mapping of str to array, shape (n_pictures, height, width)
        want : str
            A modality; it may be among those present, and is then reconstructed.

        Returns
        -------
        array, shape (n_pictures, height, width)
            Φ∗a of the wanted modality, with `recall_adaptation` if it is absent. Where the fitted pictures are not seen
            from as many positions, of the smallest size that is.

        Raises
        ------
        ValueError
            If nothing is present, a modality is unknown, or an array does not fit.
        """
        check_is_fitted(self, "dictionary_")
        one_of("want", want, tuple(self.modalities_))
        net = self._recalling() if want not in present else self
        recalled: NDArray[Any] = self.reconstruct(net.transform(present))[want]
        return recalled

    @one_at_a_time()
    def objective(self, X: Any, code: ArrayLike) -> NDArray[Any]:
        """Return what the population minimises, per picture.

        Parameters
        ----------
        X : mapping of str to array
            As for `transform`.
        code : array
            As `transform` returns it.

        Returns
        -------
        array, shape (n_pictures,)
            Σ_m g_m ½‖I_m − Φ_m∗a‖² over what is present, plus the cost of the threshold, λ‖a‖₁ for the soft one.
        """
        check_is_fitted(self, "dictionary_")
        shown = self._shown(X, reset=False)
        activity = self._flat(code, shown)
        residual = shown.stimulus_weights.of(shown.stimuli - self._rebuilt(activity, shown))
        total: NDArray[Any] = (residual**2).sum(axis=1) / 2 + self._objective().cost(activity, shown.stimuli)
        return total

    # What the model has of its own, in the order of `neurosim.networks.lca.rate_network`.

    def _rows(self, X: Any) -> Any:
        return X

    def _shown(self, X: Any, *, reset: bool) -> LinkedPictures:
        check_parameters(self)
        names = X if reset and isinstance(X, Mapping) else self.modalities_
        if isinstance(X, Mapping):
            for name in X:
                require_known("modality", name, names)
        made = {name: made_of(self, name) for name in names}
        known = {} if reset else getattr(self, "picture_shapes_", {})
        rows, shapes = rows_by_modality(X, made, known=known, reset=reset)
        positions = require_same_positions({name: made[name].over(shape) for name, shape in shapes.items()})
        if reset:
            checked_names(rows)
            self.modalities_ = {name: each.field_size for name, each in made.items()}
            self.picture_shapes_ = shapes
        grids = tuple(
            made[name].over(shapes[name]) if name in shapes else self._absent(name, positions)
            for name in self.modalities_
        )
        pixels = {name: grid.n_pixels for name, grid in zip(self.modalities_, grids, strict=True)}
        return LinkedPictures(
            side_by_side(rows, pixels), self._weights(rows), grid=farthest(grids), grids=grids
        )

    def _beside(self, y: Any, shown: Shown, *, reset: bool) -> None:
        assert isinstance(shown, LinkedPictures)
        self._require_joint(shown)
        shapes = {name: grid.shape for name, grid in zip(self.modalities_, shown.grids, strict=True)}
        known = getattr(self, "picture_shapes_", shapes)
        if shapes != known:
            raise ValueError(
                f"expected pictures of {known} pixels to learn on from, as those of the first fit, got {shapes}; cut "
                "them to that size"
            )
        self.picture_shapes_ = known
        self.n_features_in_ = sum(int(np.prod(grid.shape)) * grid.channels for grid in shown.grids)

    def _start(self, shown: Shown, rng: np.random.Generator) -> NDArray[Any]:
        assert isinstance(shown, LinkedPictures)
        boxes = some_boxes(shown.stimuli, shown.grids, rng=rng)
        start = starting_dictionary(self.initial_dictionary, boxes, n_neurons=self.n_neurons, rng=rng)
        return self._learning().scaled(start)

    def _learning(self) -> Learning:
        learning = SharedLearning(rate_unit=super()._learning().rate_unit, grids=self._fitted_grids())
        if self._is_plain():
            return learning
        return replace(learning, scaled=self._normed, weights=self._weights(self.modalities_))

    def _design(self, shown: Shown, **sizes: Any) -> LCADesign:
        grids = shown.grids if isinstance(shown, LinkedPictures) else self._fitted_grids()
        design = super()._design(shown, **sizes)
        n_neurons = design.n_neurons * grids[0].n_positions
        names = [""] if self._is_plain() else list(self.modalities_)
        modalities = tuple(Modality(name, g.n_pixels, g) for name, g in zip(names, grids, strict=True))
        joint = self.norm == "joint" and not self._is_plain()
        return replace(design, n_neurons=n_neurons, modalities=modalities, joint_norm=joint)

    def _set_dictionary(self, dictionary: NDArray[Any]) -> None:
        self.dictionary_ = dictionary


def field_of(fields: NDArray[Any], parameters: Mapping[str, Any], modality: str) -> Any:
    """Return the size of given fields: their axes, or what `parameters` say, or the side of a square."""
    given = {name: parameters.get(name, 1) for name in ("field", "channels")}
    one = {n: v.get(modality, 1) if isinstance(v, Mapping) else v for n, v in given.items()}
    if fields.ndim > 2:
        axes = fields.shape[1:] if one["channels"] == 1 else fields.shape[1:-1]
        return tuple(int(n) for n in axes)
    if "field" in parameters or fields.ndim < 2:
        return one["field"]
    return round((fields.shape[1] / one["channels"]) ** 0.5)

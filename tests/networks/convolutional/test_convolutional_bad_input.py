"""What does not fit a grid, a picture or the memory is refused with what to do."""

import numpy as np
import pytest

from neurosim.engine.shared.grid import Grid
from neurosim.networks import ConvolutionalLCA
from neurosim.networks.convolutional.room import require_room

FIELDS = np.random.default_rng(0).standard_normal((3, 4, 4))


def network(**options):
    return ConvolutionalLCA.from_dictionary(
        FIELDS, **{"threshold": 0.5, "backend": "numpy", "stride": 2} | options
    )


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((3, 8), {}, r"expected pictures of 4 rows or more, the size of a field, got 3; use smaller fields"),
        (
            (8, 9),
            {},
            r"whole strides of 2 with boundary='valid', got 9: the last 1 would be in no field; cut them to 8",
        ),
        ((8, 9), {"boundary": "torus"}, r"whole strides of 2 columns with boundary='torus', got 9"),
    ],
)
def test_a_picture_that_the_grid_does_not_cover_is_refused(shape, options, message):
    with pytest.raises(ValueError, match=message):
        network(**options).transform(np.ones((1, *shape)))


def test_a_stride_longer_than_a_field_is_refused():
    with pytest.raises(
        ValueError, match=r"stride: expected at most the field along each of its axes, \(4, 4\)"
    ):
        network(stride=5)


@pytest.mark.parametrize("field", [0, 2.5, "4", (4,), (2, 3, 4, 5), True])
def test_a_field_that_is_no_size_is_refused(field):
    with pytest.raises(ValueError, match="field: expected a whole number of pixels"):
        ConvolutionalLCA(3, field=field).fit(np.ones((2, 8, 8)))


@pytest.mark.parametrize("shape", [(8,), (2, 8, 8, 3), (1, 2, 8, 8, 1)])
def test_arrays_of_other_axes_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected pictures of shape \(n_pictures, height, width\)"):
        network().transform(np.ones(shape))


def test_rows_that_are_no_squares_are_refused():
    with pytest.raises(ValueError, match=r"expected rows of 1 × side² pixels, got 50"):
        network().transform(np.ones((2, 50)))


def test_crops_of_different_sizes_are_not_learned_from():
    with pytest.raises(
        ValueError, match=r"expected pictures of one size, got \(6, 8\) and \(8, 8\); cut crops"
    ):
        ConvolutionalLCA(3, field=4).fit([np.ones((8, 8)), np.ones((6, 8))])


@pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")
def test_learning_goes_on_with_crops_of_the_size_it_began_with():
    net = ConvolutionalLCA(3, field=4, stride=2, threshold=0.5, backend="numpy", random_state=0)
    net.partial_fit(np.random.default_rng(0).standard_normal((4, 8, 8)))
    with pytest.raises(ValueError, match=r"expected pictures of \(8, 8\) pixels to learn on from"):
        net.partial_fit(np.ones((4, 10, 10)))


def test_pixels_that_are_no_numbers_are_refused():
    picture = np.ones((1, 8, 8))
    picture[0, 1, 2] = np.nan
    with pytest.raises(ValueError, match="expected finite pixels, got NaN at stimulus 0, pixel 10"):
        network().transform(picture)


def test_a_code_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"expected a code of shape \(n_pictures, rows, columns, 3\)"):
        network().reconstruct(np.ones((1, 4, 4, 2)))
    with pytest.raises(ValueError, match="expected one code of 27 values for each of 1 pictures"):
        network().objective(np.ones((1, 8, 8)), np.ones((1, 3, 3, 2)))


def test_what_does_not_fit_into_memory_is_refused_with_the_stride_that_would():
    grid = Grid((512, 512), (16, 16), (1, 1))
    with pytest.raises(
        ValueError, match=r"takes 63.0 MB and 128 neurons at 247,009 positions of 1 picture 1.8 GB"
    ):
        require_room(grid, n_features=128, n_replicas=1, itemsize=4, free=10**9)
    with pytest.raises(ValueError, match=r"1.0 GB of memory are free; stride 2 would fit"):
        require_room(grid, n_features=128, n_replicas=1, itemsize=4, free=10**9)
    with pytest.raises(ValueError, match="no longer stride would fit either"):
        require_room(grid, n_features=128, n_replicas=1, itemsize=4, free=10**5)
    require_room(grid, n_features=128, n_replicas=1, itemsize=4, free=2 * 10**9)

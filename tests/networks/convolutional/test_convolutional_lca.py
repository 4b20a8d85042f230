"""A network whose fields stand everywhere: where they stand side by side the patch network, and what its doors take."""

import numpy as np
import pytest
from reference_convolution import random_fields

import neurosim
from neurosim.networks import LCA, ConvolutionalLCA

RNG = np.random.default_rng(1)
FIELDS = random_fields(6, (4, 4), RNG)[..., 0]
PICTURES = RNG.standard_normal((4, 8, 12))
# Every step the same and every change told, so that pictures and their patches take the same way.
EXACT = {
    "threshold": 0.4,
    "epsilon": 0,
    "tolerance": 0,
    "dt": "2 ms",
    "presentation": "150 ms",
    "backend": "numpy",
}
# A few fields of noise are dense.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* not settled:sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning"),
]


def tiles(pictures, side=4):
    """Square pieces side by side, one row each."""
    n, height, width = pictures.shape
    cut = pictures.reshape(n, height // side, side, width // side, side).swapaxes(2, 3)
    return cut.reshape(-1, side**2)


def network(**options):
    return ConvolutionalLCA.from_dictionary(FIELDS, **{"threshold": 0.4, "backend": "numpy"} | options)


@pytest.mark.parametrize("form", ["lateral", "residual"])
@pytest.mark.parametrize("boundary", ["valid", "same", "torus"])
def test_fields_side_by_side_code_as_a_patch_network_does(boundary, form):
    net = network(stride=4, boundary=boundary, form=form, **EXACT)
    patches = LCA.from_dictionary(FIELDS.reshape(6, -1), form=form, **EXACT)
    expected = patches.transform(tiles(PICTURES))
    np.testing.assert_allclose(net.transform(PICTURES).reshape(-1, 6), expected, atol=1e-12)
    assert (expected != 0).any(axis=0).all()


@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_fields_side_by_side_learn_as_a_patch_network_does(form, backend):
    options = EXACT | {"initial_dictionary": FIELDS.reshape(6, -1), "form": form, "learning_rate": 0.3}
    options |= {"backend": backend, "random_state": 0}
    net = ConvolutionalLCA(6, field=4, stride=4, batch_size=2, **options).partial_fit(PICTURES)
    patches = LCA(6, batch_size=12, **options).partial_fit(tiles(PICTURES))
    np.testing.assert_allclose(net.dictionary_, patches.dictionary_, atol=1e-12)
    np.testing.assert_allclose(net.usage_, patches.usage_)
    np.testing.assert_allclose(net.history_["objective"], 6 * patches.history_["objective"])
    assert np.abs(net.dictionary_ - FIELDS.reshape(6, -1)).max() > 0.01


@pytest.mark.parametrize("stride", [1, 2])
def test_the_code_moves_with_the_picture_on_a_torus(stride):
    net = network(stride=stride, boundary="torus", **EXACT | {"dt": "1 ms"})
    shown, moved = net.transform(
        np.stack([PICTURES[0], np.roll(PICTURES[0], (stride, -stride), axis=(0, 1))])
    )
    np.testing.assert_allclose(moved, np.roll(shown, (1, -1), axis=(0, 1)), atol=1e-12)
    assert (shown != 0).any()


def test_rows_and_pictures_are_two_ways_to_say_the_same():
    net, square = network(stride=2), PICTURES[:, :, :8]
    rows = square.reshape(4, -1)
    code = net.transform(square)
    assert code.shape == (4, 3, 3, 6)
    np.testing.assert_array_equal(net.transform(rows), code.reshape(4, -1))
    np.testing.assert_array_equal(net.settle(square).code, code)
    np.testing.assert_allclose(net.objective(rows, code.reshape(4, -1)), net.objective(square, code))
    assert net.score(square) == pytest.approx(-net.objective(square, code).mean())
    np.testing.assert_array_equal(net.reconstruct(code).shape, (4, 8, 8))


def test_channels_lie_last_in_pictures_and_side_by_side_in_rows():
    pictures = RNG.standard_normal((3, 6, 6, 2))
    rows = pictures.transpose(0, 3, 1, 2).reshape(3, -1)
    net = ConvolutionalLCA.from_dictionary(
        random_fields(5, (3, 3), RNG, channels=2), channels=2, stride=1, threshold=0.4, backend="numpy"
    )
    code = net.transform(pictures)
    np.testing.assert_array_equal(net.transform(rows), code.reshape(3, -1))
    net.set_params(n_epochs=1).fit(rows)
    again = net.reconstruct(net.transform(pictures))
    assert again.shape == (3, 6, 6, 2)
    expected = again.transpose(0, 3, 1, 2).reshape(3, -1)
    np.testing.assert_allclose(net.inverse_transform(net.transform(rows)), expected, atol=1e-12)


def test_a_picture_is_the_sum_of_its_active_fields():
    net = network(stride=2)
    code = net.transform(PICTURES[:1])
    placed = [
        code[0, row, column, neuron] * net.field_at(neuron, row, column, shape=(8, 12))
        for row, column, neuron in np.argwhere(code[0])
    ]
    np.testing.assert_allclose(net.reconstruct(code)[0], np.sum(placed, axis=0), atol=1e-12)
    np.testing.assert_array_equal(net.field_at(2, 0, 0), FIELDS[2])


def test_pictures_of_any_sizes_are_coded_one_by_one_and_sparsely():
    net = network(stride=2)
    several = [PICTURES[0], PICTURES[1, :6]]
    codes = net.transform(several)
    assert [code.shape for code in codes] == [(3, 5, 6), (2, 5, 6)]
    np.testing.assert_array_equal(codes[0], net.transform(PICTURES[:1])[0])
    sparse = net.transform(PICTURES, sparse=True)
    np.testing.assert_array_equal(sparse[1].toarray(), net.transform(PICTURES)[1].reshape(-1, 6))


def test_float32_in_gives_float32_out():
    assert network(stride=2).transform(PICTURES.astype(np.float32)).dtype == np.float32


def test_a_network_that_learned_from_crops_codes_larger_pictures_from_a_file(tmp_path):
    net = ConvolutionalLCA(5, field=3, stride=2, threshold=0.5, batch_size=2, backend="numpy", random_state=0)
    net.fit(PICTURES[:, :7, :7])
    net.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc")
    larger = PICTURES[:, :7, :11]
    np.testing.assert_array_equal(again.transform(larger), net.transform(larger))
    assert again.fields_.shape == (5, 3, 3)
    assert again.picture_shape_ == (7, 7)


def test_neurons_at_the_middle_stand_for_all():
    net = ConvolutionalLCA(5, field=3, stride=2, threshold=0.5, batch_size=2, backend="numpy", random_state=0)
    net.fit(PICTURES[:, :7, :7])
    code = net.transform(PICTURES[:, :7, :7])
    np.testing.assert_array_equal(net.middle(code), code[:, 1, 1])
    assert net.middle_fields_.shape == (5, 49)
    np.testing.assert_array_equal(net.middle_fields_[3].reshape(7, 7)[2:5, 2:5], net.fields_[3])


def test_learning_explains_pictures_better_and_revives_the_dead():
    shapes = random_fields(4, (4, 4), RNG)[..., 0]
    source = ConvolutionalLCA.from_dictionary(shapes, stride=2, backend="numpy")
    causes = RNG.laplace(size=(60, 7, 7, 4)) * (RNG.random((60, 7, 7, 4)) < 0.06)
    pictures = source.reconstruct(causes)
    net = ConvolutionalLCA(
        6, field=4, stride=2, threshold=0.1, n_epochs=8, batch_size=10, learning_rate=2, reseed_dead=True,
        initial_dictionary="stimuli", random_state=0, backend="numpy",
    ).fit(pictures)  # fmt: skip
    objective = net.history_["objective"].to_numpy()
    assert objective[-6:].mean() < 0.8 * objective[:3].mean()
    found = np.abs(shapes.reshape(4, -1) @ net.dictionary_.T).max(axis=1)
    assert (found > 0.9).all()

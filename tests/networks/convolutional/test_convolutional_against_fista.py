"""Whole pictures settle at the minimum of convolutional sparse coding, found independently."""

import numpy as np
import pytest
from reference_convolution import Convolution, random_fields

from neurosim.networks import ConvolutionalLCA

THRESHOLD, SHAPE, FIELD = 0.4, (12, 16), (4, 4)
RNG = np.random.default_rng(3)
FIELDS = random_fields(5, FIELD, RNG)
PICTURES = RNG.standard_normal((2, *SHAPE))


def excess(net, pictures, reference):
    """How far each code's objective is above the minimum, in shares of it."""
    code = net.transform(pictures)
    found = []
    for picture, each in zip(pictures.reshape(len(pictures), *reference.shape, -1), code, strict=True):
        _, least = reference.fista(picture, THRESHOLD)
        found.append(reference.objective(picture, each, THRESHOLD) / least - 1)
    return np.array(found)


def network(fields, **options):
    return ConvolutionalLCA.from_dictionary(fields[..., 0], threshold=THRESHOLD, **options)


@pytest.mark.parametrize("boundary", ["valid", "torus"])
@pytest.mark.parametrize("stride", [1, 2, 4])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_the_default_ends_within_two_thousandths_of_the_minimum(form, stride, boundary):
    reference = Convolution(FIELDS, SHAPE, (stride, stride), boundary)
    net = network(FIELDS, stride=stride, boundary=boundary, form=form, backend="numpy")
    found = excess(net, PICTURES, reference)
    assert (found > -1e-6).all()
    assert (found < 2e-3).all()


@pytest.mark.slow
@pytest.mark.parametrize("boundary", ["valid", "torus"])
@pytest.mark.parametrize("stride", [1, 2, 4])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_so_it_does_on_compiled_backends(form, stride, boundary, compiled_backend):
    reference = Convolution(FIELDS, SHAPE, (stride, stride), boundary)
    net = network(FIELDS, stride=stride, boundary=boundary, form=form, backend=compiled_backend)
    assert (excess(net, PICTURES, reference) < 2e-3).all()


def test_a_smaller_epsilon_comes_nearer():
    reference = Convolution(FIELDS, SHAPE, (1, 1), "torus")
    found = [
        excess(
            network(FIELDS, stride=1, boundary="torus", epsilon=share * THRESHOLD, backend="numpy"),
            PICTURES[:1],
            reference,
        )[0]
        for share in (0.1, 0.01, 0.001)
    ]
    assert found[0] > 3 * found[1] > 9 * max(found[2], 1e-9)
    assert found[2] < 2e-5


def test_zeros_around_the_picture_are_explained_with_it():
    net = network(FIELDS, stride=4, boundary="same", backend="numpy")
    pictures = PICTURES[:, :10, :14]
    before, behind = (1, 1), (1, 1)
    around = np.pad(pictures, ((0, 0), before, behind))
    reference = Convolution(FIELDS, (12, 16), (4, 4))
    code = net.transform(pictures)
    assert code.shape == (2, 3, 4, 5)
    for picture, each, told in zip(around, code, net.objective(pictures, code), strict=True):
        _, least = reference.fista(picture[..., np.newaxis], THRESHOLD)
        assert told == pytest.approx(reference.objective(picture[..., np.newaxis], each, THRESHOLD))
        assert told < 1.002 * least


@pytest.mark.parametrize("boundary", ["valid", "torus"])
def test_channels_are_explained_together(boundary):
    fields = random_fields(4, FIELD, RNG, channels=3)
    pictures = RNG.standard_normal((1, *SHAPE, 3))
    net = ConvolutionalLCA.from_dictionary(
        fields, stride=2, channels=3, boundary=boundary, threshold=THRESHOLD, backend="numpy"
    )
    found = excess(net, pictures, Convolution(fields, SHAPE, (2, 2), boundary))
    assert -1e-6 < found[0] < 2e-3


@pytest.mark.parametrize("stride", [(1, 2, 2), (2, 3, 3)])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_films_are_explained_over_time(form, stride):
    fields, shape = random_fields(3, (4, 3, 3), RNG), (8, 9, 9)
    film = RNG.standard_normal((1, *shape))
    net = network(fields, stride=stride, form=form, backend="numpy")
    reference = Convolution(fields, shape, stride)
    assert net.transform(film).shape == (1, *reference.positions, 3)
    assert -1e-6 < excess(net, film, reference)[0] < 2e-3


@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_long_and_short_fields_settle_at_the_same_minimum(form):
    fields = FIELDS * np.array([3.0, 0.2, 1.0, 1.5, 0.8])[:, np.newaxis, np.newaxis, np.newaxis]
    net = network(fields, stride=2, form=form, backend="numpy")
    found = excess(net, PICTURES, Convolution(fields, SHAPE, (2, 2)))
    assert (found > -1e-6).all()
    assert (found < 2e-3).all()

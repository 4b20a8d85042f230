"""What `rng=` takes is settled in one place: a generator goes on, a seed gives the same numbers again."""

import importlib
import inspect
import pkgutil

import numpy as np
import pandas as pd
import pytest

import neurosim.analysis
import neurosim.stimuli
from neurosim.analysis.codes.blocks import shuffled_block_purity
from neurosim.analysis.v1.field_shape import compare_nx_ny, sampling_floor_bits
from neurosim.stimuli import embedded_digits, planted_stereo, sample_patches, split_digits
from neurosim.stimuli.randomness import generator


def doors():
    """Every public function of the two rooms that draws random numbers."""
    for room in (neurosim.analysis, neurosim.stimuli):
        for found in pkgutil.walk_packages(room.__path__, prefix=f"{room.__name__}."):
            module = importlib.import_module(found.name)
            for name in getattr(module, "__all__", ()):
                function = getattr(module, name)
                own = inspect.isfunction(function) and function.__module__ == module.__name__
                if own and function is not generator and "rng" in inspect.signature(function).parameters:
                    yield pytest.param(function, id=f"{found.name.removeprefix('neurosim.')}.{name}")


def asked(function, **given):
    """Call a function, and ask for the first of what is made one by one."""
    result = function(**given)
    return next(result) if inspect.isgenerator(result) else result


DOORS = list(doors())


def test_a_seed_starts_the_same_numbers_in_every_call_and_a_generator_goes_on():
    assert generator(3).integers(2**60) == generator(np.int64(3)).integers(2**60)
    assert generator(3).integers(2**60) == np.random.default_rng(3).integers(2**60)
    assert generator(3).integers(2**60) != generator(4).integers(2**60)
    rng = np.random.default_rng(0)
    assert generator(rng) is rng


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "got None, with which nothing could be repeated; pass for example rng=0"),
        (True, "got bool;"),
        (np.False_, "got bool"),
        (1.0, "got float;"),
        ("0", "got str;"),
        ([1, 2], "got list;"),
        (np.random.RandomState(0), "got RandomState;"),
    ],
)
def test_what_is_neither_is_refused_with_what_it_is(given, words):
    with pytest.raises(
        TypeError, match=rf"^rng: expected a numpy.random.Generator or a whole number.*{words}"
    ):
        generator(given)


@pytest.mark.parametrize("seed", [-1, np.int64(-5)])
def test_a_negative_seed_is_refused(seed):
    with pytest.raises(ValueError, match=rf"^rng: expected a seed of 0 or more, got {seed}$"):
        generator(seed)


def test_there_are_such_functions():
    assert len(DOORS) > 20


@pytest.mark.parametrize("function", DOORS)
@pytest.mark.parametrize("given", [None, True, -1])
def test_every_function_asks_for_its_generator_before_anything_else(function, given):
    others = {
        name: None
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty and name != "rng"
    }
    with pytest.raises((TypeError, ValueError), match=r"^rng: expected"):
        asked(function, **others, rng=given)


def test_a_seed_does_what_its_generator_does():
    rng = np.random.default_rng(1)
    image, code, labels = rng.normal(size=(1, 40, 40)), rng.random((30, 2)), np.arange(30) % 2
    fits = pd.DataFrame({"nx": rng.random(20), "ny": rng.random(20), "gabor_like": True})
    calls = [
        lambda rng: sample_patches(image, n_patches=5, size=4, rng=rng),
        lambda rng: split_digits(embedded_digits(), n_test=100, rng=rng)[0].images,
        lambda rng: planted_stereo(image[0], patch_size=4, n_patches=3, disparity_sd=1, rng=rng).left,
        lambda rng: shuffled_block_purity(code, labels, [0, 1], rng=rng).to_numpy(),
        lambda rng: sampling_floor_bits(30, rng=rng, n_draws=20),
        lambda rng: compare_nx_ny(fits, rng=rng, n_bootstrap=20).js_bits_corrected,
    ]
    for call in calls:
        np.testing.assert_array_equal(call(5), call(np.random.default_rng(5)))
        assert np.any(np.asarray(call(5)) != np.asarray(call(6)))

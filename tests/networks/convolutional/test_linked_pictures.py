"""Several pictures with one code: the minimum of their joint objective, and the networks that it is a case of."""

import numpy as np
import pytest
from reference_convolution import Convolution, JointConvolution, random_fields

from neurosim.networks import ConvolutionalLCA, ConvolutionalLinkedLCA, LinkedLCA

RNG = np.random.default_rng(7)
THRESHOLD, WEIGHTS = 0.4, {"fine": 0.6, "coarse": 1.5}
FINE, COARSE = random_fields(5, (4, 4), RNG), random_fields(5, (3, 3), RNG)
FIELDS = {"fine": FINE[..., 0], "coarse": COARSE[..., 0]}
STRIDES = {"fine": 2, "coarse": 1}
# Seen from 5 × 7 positions if whole fields fit, from 6 × 8 on a torus.
SHAPES = {"valid": ((12, 16), (7, 9)), "torus": ((12, 16), (6, 8))}
# Every step the same and every change told, so that pictures and their patches take the same way.
EXACT = {
    "threshold": THRESHOLD,
    "epsilon": 0,
    "tolerance": 0,
    "dt": "1 ms",
    "presentation": "150 ms",
    "backend": "numpy",
}
# A few fields of noise are dense.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* not settled:sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.* had not settled:sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning"),
]


def pictures(boundary="valid", n=2, seed=1):
    rng = np.random.default_rng(seed)
    return {
        name: rng.standard_normal((n, *shape)) for name, shape in zip(FIELDS, SHAPES[boundary], strict=True)
    }


def network(fields=FIELDS, **options):
    options = {"threshold": THRESHOLD, "stride": STRIDES, "weights": WEIGHTS, "backend": "numpy"} | options
    return ConvolutionalLinkedLCA.from_dictionary(fields, **options)


def excess(net, shown, boundary):
    """How far each code's objective is above the joint minimum over codes of both signs, in shares of it."""
    net.set_params(nonnegative=False)
    parts = [
        Convolution(fields, shape, (STRIDES[name],) * 2, boundary)
        for (name, fields), shape in zip(
            {"fine": FINE, "coarse": COARSE}.items(), SHAPES[boundary], strict=True
        )
    ]
    reference = JointConvolution(parts, [WEIGHTS[name] for name in FIELDS])
    found, code = [], net.transform(shown)
    for k, told in enumerate(net.objective(shown, code)):
        row = reference.row([each[k] for each in shown.values()])
        assert told == pytest.approx(reference.objective(row, code[k], THRESHOLD))
        found.append(told / reference.fista(row, THRESHOLD)[1] - 1)
    return np.array(found)


@pytest.mark.parametrize("boundary", ["valid", "torus"])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_the_default_ends_within_two_thousandths_of_the_joint_minimum(form, boundary):
    found = excess(network(form=form, boundary=boundary), pictures(boundary), boundary)
    assert (found > -1e-6).all()
    assert (found < 2e-3).all()


@pytest.mark.slow
@pytest.mark.parametrize("boundary", ["valid", "torus"])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_so_it_does_on_compiled_backends(form, boundary, compiled_backend):
    net = network(form=form, boundary=boundary, backend=compiled_backend)
    assert (excess(net, pictures(boundary), boundary) < 2e-3).all()


def test_a_smaller_epsilon_comes_nearer():
    found = [
        excess(network(epsilon=share * THRESHOLD), pictures(n=1), "valid")[0] for share in (0.1, 0.01, 0.001)
    ]
    assert found[0] > 3 * found[1] > 9 * max(found[2], 1e-9)
    assert found[2] < 2e-5


def test_long_and_short_fields_settle_at_the_same_minimum():
    lengths = np.array([3.0, 0.2, 1.0, 1.5, 0.8])[:, np.newaxis, np.newaxis]
    fields = {name: lengths * each for name, each in FIELDS.items()}
    shown = pictures()
    objectives = [
        net.objective(shown, net.transform(shown))
        for net in (network(fields, form=form, epsilon=1e-4) for form in ("lateral", "residual"))
    ]
    np.testing.assert_allclose(*objectives, rtol=1e-5)


def tiles(shown, sides):
    """Square pieces side by side, one row each, by modality."""
    rows = {}
    for name, each in shown.items():
        n, height, width = each.shape
        side = sides[name]
        cut = each.reshape(n, height // side, side, width // side, side).swapaxes(2, 3)
        rows[name] = cut.reshape(-1, side**2)
    return rows


SIDES = {"fine": 4, "coarse": 3}
WHOLE = {"fine": RNG.standard_normal((4, 8, 12)), "coarse": RNG.standard_normal((4, 6, 9))}
JOINED = np.hstack([each.reshape(5, -1) for each in FIELDS.values()])


@pytest.mark.parametrize("present", [("fine", "coarse"), ("fine",), ("coarse",)])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_fields_side_by_side_code_and_recall_as_a_patch_network_does(form, present):
    shown = {name: WHOLE[name] for name in present}
    net = network(stride=SIDES, form=form, **EXACT)
    rows = {name: each.reshape(5, -1) for name, each in FIELDS.items()}
    patches = LinkedLCA.from_dictionary(rows, weights=WEIGHTS, form=form, nonnegative=True, **EXACT)
    expected = patches.transform(tiles(shown, SIDES))
    np.testing.assert_allclose(net.transform(shown).reshape(-1, 5), expected, atol=1e-12)
    assert (expected != 0).any()
    for want in FIELDS:
        recalled = tiles({want: net.recall(shown, want=want)}, SIDES)[want]
        np.testing.assert_allclose(recalled, patches.recall(tiles(shown, SIDES), want=want), atol=1e-12)


@pytest.mark.parametrize("norm", ["each", "joint"])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_fields_side_by_side_learn_as_a_patch_network_does(form, norm, backend):
    options = EXACT | {"initial_dictionary": JOINED, "form": form, "norm": norm, "weights": WEIGHTS}
    options |= {"learning_rate": 0.3, "backend": backend, "random_state": 0}
    net = ConvolutionalLinkedLCA(5, field=SIDES, stride=SIDES, batch_size=2, **options).partial_fit(WHOLE)
    patches = LinkedLCA(5, batch_size=12, **options).partial_fit(tiles(WHOLE, SIDES))
    np.testing.assert_allclose(net.dictionary_, patches.dictionary_, atol=1e-12)
    np.testing.assert_allclose(net.usage_, patches.usage_)
    np.testing.assert_allclose(net.history_["objective"], 6 * patches.history_["objective"])
    assert np.abs(net.dictionary_ - JOINED).max() > 0.01


@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_modalities_of_one_field_and_joint_norm_are_channels(form):
    shown = {name: RNG.standard_normal((6, 8, 8)) for name in ("left", "right")}
    weights = {"left": 1.0, "right": 0.5}
    start = RNG.standard_normal((5, 2, 9))
    roots = np.sqrt(list(weights.values()))
    options = EXACT | {"form": form, "nonnegative": True, "batch_size": 3, "random_state": 0, "n_epochs": 2}
    # Learning is in units of what was shown, weighted or not.
    rate = 0.3 / np.mean([np.mean(each**2) for each in shown.values()])
    linked = ConvolutionalLinkedLCA(
        5, field=3, stride=1, weights=weights, norm="joint", initial_dictionary=start.reshape(5, -1),
        learning_rate=rate * np.mean(np.stack(list(shown.values())) ** 2), **options,
    ).fit(shown)  # fmt: skip
    stacked = np.stack([root * each for root, each in zip(roots, shown.values(), strict=True)], axis=-1)
    scaled = np.moveaxis(start * roots[:, np.newaxis], 1, 2).reshape(5, -1)
    joined = ConvolutionalLCA(
        5, field=3, stride=1, channels=2, initial_dictionary=scaled,
        learning_rate=rate * np.mean(stacked**2), **options,
    ).fit(stacked)  # fmt: skip
    for k, name in enumerate(weights):
        np.testing.assert_allclose(roots[k] * linked.fields_[name], joined.fields_[..., k], atol=1e-10)
    np.testing.assert_allclose(linked.transform(shown), joined.transform(stacked), atol=1e-10)
    assert np.abs(joined.dictionary_ - scaled / np.linalg.norm(scaled, axis=1, keepdims=True)).max() > 0.01


def test_one_modality_is_a_convolutional_network_bit_for_bit():
    rows = RNG.standard_normal((6, 9, 9))
    options = {
        "field": 3,
        "stride": 2,
        "threshold": 1.0,
        "nonnegative": True,
        "random_state": 0,
        "n_epochs": 2,
    }
    options |= {"batch_size": 3, "backend": "numpy", "initial_dictionary": "stimuli"}
    linked, alone = ConvolutionalLinkedLCA(5, **options), ConvolutionalLCA(5, **options)
    np.testing.assert_array_equal(linked.fit({"seen": rows}).dictionary_, alone.fit(rows).dictionary_)
    np.testing.assert_array_equal(linked.transform({"seen": rows}), alone.transform(rows))
    assert linked.equations == alone.equations


@pytest.mark.parametrize("name", list(FIELDS))
def test_what_is_absent_takes_no_part_and_what_is_present_counts_as_the_strongest(name):
    shown = {name: pictures()[name]}
    alone = ConvolutionalLinkedLCA.from_dictionary(
        {name: FIELDS[name]}, stride=STRIDES[name], weights={name: 1.5}, **EXACT
    )
    np.testing.assert_allclose(network(**EXACT).transform(shown), alone.transform(shown), atol=1e-12)


def test_codes_move_with_the_pictures_on_a_torus():
    net, shown = network(boundary="torus", **EXACT), pictures("torus", n=1)
    moved = {
        name: np.roll(each, (STRIDES[name], -STRIDES[name]), axis=(1, 2)) for name, each in shown.items()
    }
    expected = np.roll(net.transform(shown), (1, -1), axis=(1, 2))
    np.testing.assert_allclose(net.transform(moved), expected, atol=1e-12)
    assert expected.any()


def test_films_and_colours_are_modalities_like_others():
    fields = {
        "film": random_fields(4, (2, 3, 3), RNG)[..., 0],
        "colour": random_fields(4, (1, 3, 3), RNG, channels=2),
    }
    shown = {"film": RNG.standard_normal((1, 5, 7, 7)), "colour": RNG.standard_normal((1, 4, 7, 7, 2))}
    net = network(fields, stride=(1, 2, 2), channels={"film": 1, "colour": 2}, weights=None)
    code = net.transform(shown)
    assert code.shape == (1, 4, 3, 3, 4)
    assert net.recall({"film": shown["film"]}, want="colour").shape == shown["colour"].shape
    told = net.objective(shown, code)
    assert told < 0.5 * sum(np.sum(each**2) for each in shown.values())

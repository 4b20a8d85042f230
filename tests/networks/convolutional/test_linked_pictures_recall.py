"""What a network for several pictures recalls of a missing one, what it learns of those it is shown, and its doors."""

import numpy as np
import pytest
from reference_convolution import random_fields

import neurosim
from neurosim.networks import ConvolutionalLinkedLCA

RNG = np.random.default_rng(4)
# Of no mean, so that there is nothing to be recalled wherever something is.
FIELDS = {
    name: fields[..., 0] - fields[..., 0].mean(axis=(1, 2), keepdims=True)
    for name, fields in {
        "fine": random_fields(4, (4, 4), RNG),
        "coarse": random_fields(4, (2, 2), RNG),
    }.items()
}
SIZES = {"field": {"fine": 4, "coarse": 2}, "stride": {"fine": 2, "coarse": 1}}
OPTIONS = SIZES | {"threshold": 0.3, "batch_size": 10, "random_state": 0, "backend": "numpy"}
# A few fields of noise are dense, and some settle slowly.
pytestmark = [
    pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.* settled:sklearn.exceptions.ConvergenceWarning"),
]


def scenes(n, *, seed):
    """Pictures of common causes at some of 6 × 6 positions, in both modalities."""
    rng = np.random.default_rng(seed)
    causes = rng.exponential(size=(n, 6, 6, 4)) * (rng.random((n, 6, 6, 4)) < 0.04)
    return ConvolutionalLinkedLCA.from_dictionary(
        FIELDS, stride=SIZES["stride"], backend="numpy"
    ).reconstruct(causes)


SEEN, ASKED = scenes(60, seed=1), scenes(20, seed=2)


def learned(shown, **changed):
    options = OPTIONS | {"n_epochs": 8, "learning_rate": 1.5, "initial_dictionary": "stimuli"} | changed
    return ConvolutionalLinkedLCA(6, **options).fit(shown)


@pytest.fixture(scope="module")
def trained():
    return learned(SEEN)


def explained(recalled, name):
    left = np.sum((ASKED[name] - recalled) ** 2)
    return 1 - left / np.sum((ASKED[name] - SEEN[name].mean(axis=0)) ** 2)


@pytest.mark.parametrize(("given", "want"), [("fine", "coarse"), ("coarse", "fine")])
def test_a_missing_picture_is_recalled_better_than_by_the_mean_and_by_shuffled_pairs(trained, given, want):
    alone = {given: ASKED[given]}
    found = explained(trained.recall(alone, want=want), want)
    control = learned(SEEN | {want: np.random.default_rng(0).permutation(SEEN[want])})
    assert found > 0.3  # The mean picture explains nothing.
    assert explained(control.recall(alone, want=want), want) < 0.1
    np.testing.assert_array_equal(
        trained.recall(ASKED, want=want), trained.reconstruct(trained.transform(ASKED))[want]
    )


def test_larger_pictures_recall_larger_ones():
    net = ConvolutionalLinkedLCA.from_dictionary(FIELDS, **OPTIONS)
    larger = {"fine": RNG.standard_normal((2, 20, 16))}
    assert net.transform(larger).shape == (2, 9, 7, 4)
    assert net.recall(larger, want="coarse").shape == (2, 10, 8)
    assert net.recall(larger, want="fine").shape == (2, 20, 16)


def test_recall_may_adapt(trained):
    alone = {"fine": ASKED["fine"][:4]}
    plain = trained.recall(alone, want="coarse")
    trained.set_params(recall_adaptation=0.5)
    adapted = trained.recall(alone, want="coarse")
    trained.set_params(recall_adaptation=None)
    assert np.abs(adapted - plain).max() > 1e-3
    np.testing.assert_array_equal(trained.recall(alone, want="coarse"), plain)


def test_what_is_absent_does_not_learn_and_comes_back_where_it_was(trained):
    before = trained.dictionaries_
    more = learned(SEEN).partial_fit({"fine": ASKED["fine"]})
    # To rounding: the norm that is kept is worked out anew.
    np.testing.assert_allclose(more.dictionaries_["coarse"], before["coarse"], atol=1e-12)
    assert np.abs(more.dictionaries_["fine"] - before["fine"]).max() > 1e-3


def test_dead_neurons_are_revived_in_all_that_is_present():
    start = np.hstack([each.reshape(4, -1)[[0, 1, 2, 3, 0, 1]] for each in FIELDS.values()])
    start[4:] *= -1  # No cause is below zero, and parts of others do not come up to the threshold.
    options = {"n_epochs": 3, "threshold": 2.0, "initial_dictionary": start}
    assert len(learned(SEEN, **options).dead_neurons_) == 2
    revived = learned(SEEN, reseed_dead=True, **options)
    assert not len(revived.dead_neurons_)
    for fields in revived.dictionaries_.values():
        np.testing.assert_allclose(np.linalg.norm(fields, axis=1), 1)


@pytest.mark.parametrize("norm", ["each", "joint"])
def test_learning_keeps_the_norm_of_each_modality_or_of_all(norm):
    net = learned(SEEN, norm=norm, weights={"coarse": 0.5}, n_epochs=1)
    squares = {name: (fields**2).sum(axis=1) for name, fields in net.dictionaries_.items()}
    if norm == "each":
        np.testing.assert_allclose(list(squares.values()), 1)
    else:
        np.testing.assert_allclose(squares["fine"] + 0.5 * squares["coarse"], 1)
        assert squares["fine"].std() > 0.01


def test_a_network_codes_from_its_file_and_sparsely_as_it_did(trained, tmp_path):
    trained.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc")
    alone = {"coarse": ASKED["coarse"]}
    code = trained.transform(alone)
    np.testing.assert_array_equal(again.transform(alone), code)
    np.testing.assert_array_equal(again.transform(alone, sparse=True)[3].toarray(), code[3].reshape(-1, 6))
    np.testing.assert_array_equal(again.settle(alone).code, code)
    assert again.picture_shapes_ == {"fine": (14, 14), "coarse": (7, 7)}
    assert {name: fields.shape for name, fields in again.fields_.items()} == {
        "fine": (6, 4, 4),
        "coarse": (6, 2, 2),
    }


def test_rows_and_pictures_are_two_ways_to_say_the_same(trained):
    rows = {name: each.reshape(len(each), -1) for name, each in ASKED.items()}
    code = trained.transform(ASKED)
    np.testing.assert_array_equal(trained.transform(rows), code.reshape(len(code), -1))
    flat = trained.reconstruct(code.reshape(len(code), -1))
    for name, pictures in trained.reconstruct(code).items():
        np.testing.assert_array_equal(flat[name], pictures.reshape(len(pictures), -1))
    np.testing.assert_array_equal(trained.inverse_transform(code), np.hstack(list(flat.values())))
    assert trained.score(ASKED) == pytest.approx(-trained.objective(rows, code).mean())
    np.testing.assert_array_equal(trained.middle(code), code[:, 3, 3])
    middle = trained.middle_fields_["fine"][2].reshape(14, 14)
    np.testing.assert_array_equal(middle[6:10, 6:10], trained.fields_["fine"][2])


def test_single_precision_is_kept_only_if_all_have_it(trained):
    single = {name: each.astype(np.float32) for name, each in ASKED.items()}
    assert trained.transform(single).dtype == np.float32
    assert trained.transform(single | {"fine": ASKED["fine"]}).dtype == np.float64


def test_every_modality_is_a_term_of_the_equations(trained):
    assert "du/dt = (drive_fine + drive_coarse - u" in trained.equations
    assert "from coarse to neurons" in trained.learning_rules


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        (np.ones((2, 8, 8)), r"expected pictures by modality, such as \{'left': X, 'right': Y\}, got an array of"),
        ({}, "got none: all are absent"),
        ({"fin": np.ones((2, 8, 8))}, "modality: expected one of 'fine', 'coarse', got 'fin'; did you mean 'fine'"),
        ({"fine": np.ones((2, 8, 8)), "coarse": np.ones((2, 5, 5))}, "3 × 3 of 'fine' and 4 × 4 of 'coarse'; give a"),
        ({"fine": np.ones((2, 8, 8)), "coarse": np.ones((3, 4, 4))}, "expected as many pictures in every modality"),
        ({"fine": np.ones((2, 3, 8))}, "fine: expected pictures of 4 rows or more"),
        ({"fine": np.full((2, 8, 8), np.nan)}, "fine: expected finite pixels, got NaN at stimulus 0, pixel 0"),
    ],
)  # fmt: skip
def test_pictures_that_do_not_go_together_are_refused(shown, message):
    net = ConvolutionalLinkedLCA.from_dictionary(FIELDS, **OPTIONS)
    with pytest.raises(ValueError, match=message):
        net.transform(shown)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"field": {"fine": 4}}, "field: expected a value for 'coarse' too, got {'fine': 4}; add it"),
        ({"stride": 5}, "stride: expected at most the field along each of its axes"),
        ({"channels": 0}, "channels: expected a whole number of at least one, got 0"),
        ({"field": {"fine": (2, 4, 4), "coarse": 2}, "stride": 1}, "field: expected as many axes in every modality"),
        ({"weights": {"fin": 1.0}}, "weights: expected one of 'fine', 'coarse', got 'fin'"),
    ],
)  # fmt: skip
def test_impossible_parameters_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ConvolutionalLinkedLCA(4, **OPTIONS | options).fit(SEEN)


def test_fields_that_do_not_go_together_are_refused():
    with pytest.raises(
        ValueError, match="expected a field of every neuron in each modality, got 4 in 'fine', 3 in"
    ):
        ConvolutionalLinkedLCA.from_dictionary(FIELDS | {"coarse": FIELDS["coarse"][:3]})
    with pytest.raises(ValueError, match="expected fields by modality"):
        ConvolutionalLinkedLCA.from_dictionary(FIELDS["fine"])
    with pytest.raises(ValueError, match="field: expected the shape of fields of 16 values in 'fine', got 3"):
        ConvolutionalLinkedLCA.from_dictionary({"fine": FIELDS["fine"].reshape(4, -1)}, field=3, stride=1)


def test_joint_norms_need_all_modalities_to_learn_and_crops_keep_their_size(trained):
    net = learned(SEEN, norm="joint", n_epochs=1)
    with pytest.raises(
        ValueError, match="expected all modalities while learning with norm='joint', got none of coa"
    ):
        net.partial_fit({"fine": SEEN["fine"]})
    with pytest.raises(ValueError, match="pixels to learn on from, as those of the first fit"):
        trained.partial_fit({"fine": np.ones((2, 16, 16))})

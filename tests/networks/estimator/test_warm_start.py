"""`warm_start`, `n_iter_`, `n_steps_` and `components_` mean what users of scikit-learn expect."""

import warnings

import numpy as np
import pytest
import saving_cases as cases
from sklearn.base import clone
from sklearn.decomposition import MiniBatchDictionaryLearning
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

import neurosim
from neurosim import networks
from neurosim.networks.estimator.training_data import generator

WITH_DICTIONARY = sorted(set(networks.__all__) & set(cases.PARAMETERS) - {"ComplexCells"})
GO_ON = [name for name in WITH_DICTIONARY if "warm_start" in getattr(networks, name)().get_params()]
CIRCUITS = [name for name in GO_ON if hasattr(getattr(networks, name), "partial_fit")]


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of how little was learned
        yield


def fitted(name):
    if name in cases.NEEDS_JAX:
        pytest.importorskip("jax")
    return cases.fitted(name)


def more(net, name):
    return net.fit(cases.shown(name), cases.CLASSES if name == "OrdinalLinkedLCA" else None)


def batches(n_stimuli=60, batch_size=20):
    return -(-n_stimuli // batch_size)


def test_all_that_learn_a_dictionary_but_the_comparison_model_can_go_on():
    assert set(WITH_DICTIONARY) - set(GO_ON) == {"LocalLowDimensionality"}
    assert {"LCA", "SAILnet", "EINet", "WLSC", "LinkedLCA"} <= set(CIRCUITS)


@pytest.mark.parametrize("name", WITH_DICTIONARY)
def test_components_are_the_dictionary_once_there_is_one(name):
    net = fitted(name)
    assert net.components_ is net.dictionary_
    fresh = clone(net)
    for attribute in ("components_", "n_steps_", "n_iter_"):
        assert hasattr(net, attribute)
        assert not hasattr(fresh, attribute)


def test_passes_and_batches_are_counted_as_in_scikit_learn():
    # Whole batches to an epoch: else scikit-learn ends each with a smaller one, and ours goes on with the next epoch.
    ours = networks.LCA(9, n_epochs=3, batch_size=20, backend="numpy", random_state=0)
    theirs = MiniBatchDictionaryLearning(
        9, max_iter=3, batch_size=20, tol=0, max_no_improvement=None, random_state=0
    )
    for net in (ours, theirs):
        net.fit(cases.PATCHES)
    assert (ours.n_iter_, ours.n_steps_) == (theirs.n_iter_, theirs.n_steps_) == (3, 9)
    assert ours.components_.shape == theirs.components_.shape
    for net in (ours, theirs):
        net.partial_fit(cases.PATCHES[:20])
    assert (ours.n_iter_, ours.n_steps_) == (theirs.n_iter_, theirs.n_steps_) == (3, 10)
    for net in (ours, theirs):
        net.fit(cases.PATCHES)
    assert (ours.n_iter_, ours.n_steps_) == (theirs.n_iter_, theirs.n_steps_) == (3, 9)


def test_a_warm_fit_counts_its_own_passes_and_goes_on_with_the_history_as_scikit_learns_does():
    ours = networks.LCA(9, n_epochs=2, batch_size=30, backend="numpy", random_state=0, warm_start=True)
    theirs = MLPRegressor(
        hidden_layer_sizes=9,
        max_iter=2,
        batch_size=30,
        random_state=0,
        warm_start=True,
        solver="sgd",
        n_iter_no_change=9,
    )
    for fits in (1, 2):
        ours.fit(cases.PATCHES)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            theirs.fit(cases.PATCHES, cases.PATCHES[:, 0])
        assert ours.n_iter_ == theirs.n_iter_ == 2
        assert ours.n_steps_ == len(theirs.loss_curve_) * batches(60, 30) == fits * 2 * 2
    assert list(ours.history_["batch"]) == list(range(8))


@pytest.mark.parametrize("name", GO_ON)
def test_a_warm_fit_that_learns_nothing_leaves_all_as_it_was_and_a_cold_one_starts_afresh(name):
    net = fitted(name)
    learned = net.dictionary_.copy()
    more(net.set_params(warm_start=True, learning_rate=0.0), name)
    np.testing.assert_allclose(net.dictionary_, learned, rtol=1e-6, atol=1e-7)
    assert len(net.history_) == net.n_steps_ == 2 * batches()
    more(net.set_params(warm_start=False), name)
    assert np.abs(net.dictionary_ - learned).max() > 1e-3
    assert net.n_steps_ == batches()


@pytest.mark.parametrize("name", GO_ON)
def test_the_first_warm_fit_is_a_cold_one(name):
    cold = fitted(name)
    warm = more(clone(cold).set_params(warm_start=True), name)
    np.testing.assert_array_equal(warm.dictionary_, cold.dictionary_)


@pytest.mark.parametrize("name", [name for name in CIRCUITS if "Linked" not in name])
def test_a_warm_fit_learns_what_partial_fit_learns_from_the_same_order(name):
    warm, other = fitted(name).set_params(warm_start=True), fitted(name)
    order = generator(warm.random_state).permutation(len(cases.PATCHES))
    warm.fit(cases.PATCHES)
    other.partial_fit(cases.PATCHES[order])
    np.testing.assert_allclose(warm.dictionary_, other.dictionary_, rtol=1e-10, atol=1e-12)


def test_a_path_of_thresholds_goes_on_from_one_to_the_next():
    net = networks.LCA(9, threshold=0.5, backend="numpy", random_state=0, warm_start=True).fit(cases.PATCHES)
    before = net.dictionary_
    net.set_params(threshold=1.0, learning_rate=1e-9).fit(cases.PATCHES)
    assert net.threshold_ == 1.0
    np.testing.assert_allclose(net.dictionary_, before, atol=1e-6)


def test_a_warm_fit_goes_on_from_a_given_dictionary_and_from_a_file(tmp_path):
    given = networks.LCA.from_dictionary(np.eye(16)[:9], learning_rate=1e-9, warm_start=True, backend="numpy")
    given.save(tmp_path / "net.nc")
    for net in (given, neurosim.load(tmp_path / "net.nc")):
        np.testing.assert_allclose(net.fit(cases.PATCHES).dictionary_, np.eye(16)[:9], atol=1e-6)


def test_passes_are_kept_in_files(tmp_path):
    net = networks.LCA(9, n_epochs=2, backend="numpy", random_state=0).fit(cases.PATCHES)
    net.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc")
    assert (again.n_iter_, again.n_steps_) == (2, 2)


@pytest.mark.parametrize("name", GO_ON)
def test_another_population_is_refused(name):
    net = fitted(name).set_params(warm_start=True, n_neurons=12)
    with pytest.raises(ValueError, match=r"n_neurons: expected 9, .*got 12; set warm_start=False"):
        more(net, name)


def test_other_pixels_are_refused_in_scikit_learns_words():
    net = fitted("LCA").set_params(warm_start=True)
    with pytest.raises(ValueError, match="X has 8 features, but LCA is expecting 16 features"):
        net.fit(cases.PATCHES[:, :8])


def test_another_encoder_is_refused():
    net = fitted("SVAE").set_params(warm_start=True, hidden=(12, 11))
    with pytest.raises(ValueError, match=r"expected \(12, 10\) and 8, .*got \(12, 11\) and 8"):
        more(net, "SVAE")


def test_text_is_no_flag():
    with pytest.raises(ValueError, match="warm_start: expected True or False, got 'no'"):
        networks.LCA(9, warm_start="no").fit(cases.PATCHES)

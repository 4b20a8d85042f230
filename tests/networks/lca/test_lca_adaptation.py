"""Adapted neurons settle at the elastic net, which another implementation solves."""

import numpy as np
import pytest
from sklearn.linear_model import ElasticNet

from neurosim.networks import LCA, LinkedLCA
from neurosim.recipes.recipe import load_recipe

THRESHOLD, ADAPTATION = 0.3, 0.7
RNG = np.random.default_rng(0)
STIMULI = RNG.normal(size=(20, 16))
FIELDS = RNG.normal(size=(24, 16))
FIELDS /= np.linalg.norm(FIELDS, axis=1, keepdims=True)


def elastic_net(fields, *, positive):
    # scikit-learn divides the squared residual by the number of pixels, and names the two costs by sum and share.
    both = THRESHOLD + ADAPTATION
    model = ElasticNet(
        alpha=both / fields.shape[1],
        l1_ratio=THRESHOLD / both,
        fit_intercept=False,
        positive=positive,
        tol=1e-12,
        max_iter=100_000,
    )
    return np.array([model.fit(fields.T, each).coef_ for each in STIMULI])


def network(fields=FIELDS, **parameters):
    given = {"threshold": THRESHOLD, "adaptation": ADAPTATION, "epsilon": 1e-9, "backend": "numpy"}
    return LCA.from_dictionary(fields, **(given | parameters))


@pytest.mark.parametrize("form", ["lateral", "residual"])
@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("norm", [1.0, 3.0])
def test_codes_are_those_of_the_elastic_net(form, nonnegative, norm):
    net = network(norm * FIELDS, form=form, nonnegative=nonnegative)
    codes = net.transform(STIMULI)
    np.testing.assert_allclose(codes, elastic_net(norm * FIELDS, positive=nonnegative), atol=1e-6)


def test_the_compiled_backend_agrees():
    np.testing.assert_allclose(
        network(backend="cpp_standalone").transform(STIMULI), network().transform(STIMULI), atol=1e-7
    )


def test_the_objective_counts_half_the_squared_activity():
    net = network()
    codes = net.transform(STIMULI)
    plain = LCA.from_dictionary(FIELDS, threshold=THRESHOLD, backend="numpy").objective(STIMULI, codes)
    np.testing.assert_allclose(
        net.objective(STIMULI, codes), plain + ADAPTATION / 2 * (codes**2).sum(axis=1), rtol=1e-12
    )
    nudged = codes + 1e-4 * RNG.normal(size=codes.shape)
    assert (net.objective(STIMULI, nudged) > net.objective(STIMULI, codes)).all()


def test_a_neuron_alone_answers_its_drive_above_threshold_over_one_and_the_adaptation():
    net = network(np.eye(3), epsilon=None)
    np.testing.assert_allclose(net.transform([[2.0, 0.2, -1.3]]), [[1.7 / 1.7, 0.0, -1.0 / 1.7]], atol=1e-3)


def test_more_neurons_share_a_stimulus():
    shares = [(network(adaptation=c).transform(STIMULI) != 0).mean() for c in (0.0, 0.5, 2.0)]
    assert shares[0] < shares[1] < shares[2]


def test_learning_follows_the_residual_of_adapted_codes():
    fitted = LCA(
        8, threshold=1.5, adaptation=1.0, batch_size=10, learning_rate=0.1, backend="numpy", random_state=0
    ).fit(STIMULI)
    assert fitted.history_["objective"].iloc[-1] < fitted.history_["objective"].iloc[0]
    np.testing.assert_allclose(np.linalg.norm(fitted.dictionary_, axis=1), 1)


def test_several_modalities_adapt_as_one_does():
    halves = {"left": STIMULI[:, :8], "right": STIMULI[:, 8:]}
    linked = LinkedLCA.from_dictionary(
        {"left": FIELDS[:, :8], "right": FIELDS[:, 8:]},
        threshold=THRESHOLD,
        adaptation=ADAPTATION,
        threshold_kind="soft",
        nonnegative=False,
        epsilon=1e-9,
        backend="numpy",
    )
    np.testing.assert_allclose(linked.transform(halves), network().transform(STIMULI), atol=1e-6)


@pytest.mark.parametrize("kind", ["hard", "firm"])
def test_other_thresholds_do_not_adapt(kind):
    with pytest.raises(ValueError, match=r'adaptation: goes with threshold_kind = "soft"'):
        network(threshold_kind=kind).transform(STIMULI)


def test_a_negative_adaptation_is_refused():
    with pytest.raises(ValueError, match="adaptation"):
        network(adaptation=-0.1).transform(STIMULI)


def test_learning_with_another_threshold_is_refused():
    net = LCA(8, threshold=1.0, threshold_kind="hard", adaptation=1.0, backend="numpy", random_state=0)
    with pytest.raises(ValueError, match=r'adaptation: goes with threshold_kind = "soft"'):
        net.fit(STIMULI)


def test_a_recipe_with_another_threshold_is_refused_at_reading():
    with pytest.raises(ValueError, match=r'adaptation: goes with threshold_kind = "soft"'):
        load_recipe("lca", assignments=["network.threshold_kind=hard", "network.adaptation=1.0"])

"""Prediction of hidden pixels: closed forms, a second implementation, and a planted noise level that it finds."""

import numpy as np
import pytest
from linked_cases import stimuli as modalities
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Lasso
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from spiking_cases import einet, sailnet

from neurosim.networks import LCA, WLSC, LinkedLCA, SpikingLCA, TopographicLCA, hidden_pixel_score
from neurosim.networks.estimator.hidden_pixels import _groups

# As many neurons as settle fast at any threshold, though a fifth of the pixels is hidden.
N_PIXELS, N_NEURONS, N_STIMULI, N_ACTIVE = 36, 24, 80, 3
THRESHOLDS = [0.01, 0.03, 0.1, 0.3, 1.0]


def planted(noise, *, n_stimuli=N_STIMULI, seed=0):
    """A dictionary of unit norm, and stimuli that three fields of amplitude 1 to 2 make, with noise in every pixel."""
    rng = np.random.default_rng(seed)
    fields = rng.standard_normal((N_NEURONS, N_PIXELS))
    fields /= np.linalg.norm(fields, axis=1, keepdims=True)
    code = np.zeros((n_stimuli, N_NEURONS))
    for row in code:
        row[rng.choice(N_NEURONS, N_ACTIVE, replace=False)] = rng.choice([-1, 1], 3) * rng.uniform(1, 2, 3)
    return fields, code @ fields + noise * rng.standard_normal((n_stimuli, N_PIXELS))


EXACT = {"presentation": "600 ms", "epsilon": 0}


def lca(fields, threshold, **changed):
    options = {"presentation": "20 second", "backend": "numpy", **changed}
    return LCA.from_dictionary(fields, threshold=threshold, **options)


def test_three_equal_pixels_tell_the_fourth_up_to_the_threshold():
    fields, stimuli = np.full((1, 4), 0.5), np.ones((3, 4))
    # Drive 1.5 and squared norm .75 of what is seen: a = (1.5 - threshold)/.75, of which half is predicted.
    for threshold in (0.0, 0.3, 1.0):
        predicted = (1.5 - threshold) / 0.75 / 2
        score = hidden_pixel_score(lca(fields, threshold, **EXACT), stimuli, share=0.25)
        assert score == pytest.approx(1 - (1 - predicted) ** 2, abs=1e-5)


def test_a_silent_population_predicts_nothing_and_pixels_without_relation_are_not_predicted():
    fields, stimuli = planted(0.1, n_stimuli=10)
    assert hidden_pixel_score(lca(fields, 100.0), stimuli) == 0
    assert hidden_pixel_score(lca(np.eye(5), 0.1), np.random.default_rng(0).standard_normal((20, 5))) == 0


def test_a_lasso_of_another_library_gives_the_same_score():
    fields, stimuli = planted(0.2, n_stimuli=12)
    residual = 0.0
    for hidden in _groups(N_PIXELS, 0.25, np.random.default_rng(7)):
        visible = np.setdiff1d(np.arange(N_PIXELS), hidden)
        lasso = Lasso(alpha=0.2 / len(visible), fit_intercept=False, tol=1e-10, max_iter=100_000)
        for stimulus in stimuli:
            code = lasso.fit(fields[:, visible].T, stimulus[visible]).coef_
            residual += ((stimulus[hidden] - code @ fields[:, hidden]) ** 2).sum()
    net = lca(fields, 0.2, **EXACT)
    score = hidden_pixel_score(net, stimuli, share=0.25, random_state=np.random.default_rng(7))
    assert score == pytest.approx(1 - residual / (stimuli**2).sum(), abs=2e-3)


@pytest.mark.parametrize("noise", [0.1, 0.3])
def test_the_best_threshold_is_near_the_noise_and_that_of_the_objective_is_the_smallest(noise):
    fields, stimuli = planted(noise)
    networks = [lca(fields, threshold) for threshold in THRESHOLDS]
    hidden = [hidden_pixel_score(net, stimuli, share=0.2) for net in networks]
    assert THRESHOLDS[int(np.argmax(hidden))] == noise
    # An interior optimum on both sides, by more than a few per cent.
    assert max(hidden) > 0.03 + max(hidden[0], hidden[-1])
    assert np.argmax([net.score(stimuli) for net in networks]) == 0


# At the lowest threshold, which the objective takes, it is.
@pytest.mark.filterwarnings("ignore:the code is dense")
def test_a_grid_search_takes_it_for_scoring():
    fields, stimuli = planted(0.3, n_stimuli=40)
    net = LCA(
        N_NEURONS, initial_dictionary=fields, learning=False, threshold=0.1, backend="numpy", random_state=0
    )
    chosen = {}
    for name, scoring in (("hidden pixels", hidden_pixel_score), ("objective", None)):
        search = GridSearchCV(
            net, {"threshold": [0.03, 0.3, 3.0]}, scoring=scoring, cv=2, error_score="raise"
        )
        chosen[name] = search.fit(stimuli).best_params_["threshold"]
    assert chosen == {"hidden pixels": 0.3, "objective": 0.03}


def test_all_networks_that_solve_the_lasso_have_the_same_score():
    fields, stimuli = planted(0.2, n_stimuli=20)
    options = {"threshold": 0.2, "backend": "numpy"}
    expected = hidden_pixel_score(lca(fields, 0.2), stimuli, share=0.2)
    others = [
        LinkedLCA.from_dictionary(fields, nonnegative=False, **options),
        WLSC.from_dictionary(fields, locality=0.0, code="signed", **options),
        SpikingLCA.from_dictionary(fields, dt="0.02 ms", charge=0.1, **options),
    ]
    scores = [hidden_pixel_score(net, stimuli, share=0.2) for net in others]
    np.testing.assert_allclose(scores, expected, atol=0.02)


def test_a_sheet_of_neurons_has_a_score_too():
    fields, stimuli = planted(0.1, n_stimuli=10)
    net = TopographicLCA.from_dictionary(
        fields[:16], pooling=1, threshold=0.1, softening=1e-3, backend="numpy"
    )
    expected = hidden_pixel_score(lca(fields[:16], 0.1), stimuli, share=0.2)
    assert hidden_pixel_score(net, stimuli, share=0.2) == pytest.approx(expected, abs=0.03)


def test_the_unit_of_the_stimuli_has_no_say():
    fields, stimuli = planted(0.2, n_stimuli=10)
    score = hidden_pixel_score(lca(fields, 0.2), stimuli)
    assert hidden_pixel_score(lca(fields, 0.2 * 256), stimuli * 256) == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize(
    ("n_pixels", "share", "n_groups"), [(36, 0.1, 10), (7, 0.5, 2), (3, 0.1, 3), (25, 0.3, 3)]
)
def test_every_pixel_is_hidden_once(n_pixels, share, n_groups):
    groups = _groups(n_pixels, share, np.random.default_rng(0))
    assert len(groups) == n_groups
    assert sorted(np.concatenate(groups)) == list(range(n_pixels))
    assert np.ptp([len(group) for group in groups]) <= 1


def test_a_threshold_that_fit_measured_is_kept():
    fields, stimuli = planted(0.2, n_stimuli=10)
    net = lca(fields, 0.2)
    expected = hidden_pixel_score(net, stimuli)
    net.threshold, net.threshold_ = "auto", 0.2
    assert hidden_pixel_score(net, stimuli) == expected


def test_a_pipeline_prepares_the_stimuli_first():
    fields, stimuli = planted(0.2, n_stimuli=10)
    steps = make_pipeline(FunctionTransformer(lambda X: X / 10).fit(stimuli), lca(fields, 0.2))
    expected = hidden_pixel_score(lca(fields, 0.2), stimuli)
    assert hidden_pixel_score(steps, 10 * stimuli) == pytest.approx(expected, abs=1e-12)


# What has no such score.


@pytest.mark.parametrize("net", [sailnet(), einet()], ids=["SAILnet", "E-I Net"])
def test_networks_whose_code_depends_on_more_than_their_fields_are_refused(net):
    with pytest.raises(
        ValueError, match=r"expected a network whose code follows from its fields, .*got (SAIL|EIN)"
    ):
        hidden_pixel_score(
            net.partial_fit(np.random.default_rng(0).standard_normal((40, 25))), np.ones((2, 25))
        )


def test_several_modalities_are_recalled_from_each_other_instead():
    shown = modalities(6)
    net = LinkedLCA(8, batch_size=3, random_state=0, backend="numpy").fit(shown)
    with pytest.raises(ValueError, match="a network of one modality, got several; recall"):
        hidden_pixel_score(net, shown)


@pytest.mark.parametrize("share", [0, -0.1, 0.6, np.nan])
def test_an_impossible_share_is_refused(share):
    with pytest.raises(ValueError, match=r"share: expected a share of the pixels above 0 and up to \.5, got"):
        hidden_pixel_score(lca(np.eye(3), 0.1), np.ones((2, 3)), share=share)


@pytest.mark.parametrize(
    ("stimuli", "message"),
    [
        (np.zeros((2, 3)), "expected stimuli with contrast to predict, got zeros only"),
        (np.full((2, 3), np.nan), "expected finite pixels"),
        (np.ones((2, 4)), "X has 4 features"),
    ],
)
def test_stimuli_that_cannot_be_predicted_are_refused(stimuli, message):
    with pytest.raises(ValueError, match=message):
        hidden_pixel_score(lca(np.eye(3), 0.1), stimuli)


def test_a_network_that_has_not_learned_and_a_single_pixel_say_so():
    with pytest.raises(NotFittedError):
        hidden_pixel_score(LCA(3), np.ones((2, 3)))
    with pytest.raises(ValueError, match="two pixels or more, got one"):
        hidden_pixel_score(lca(np.eye(1), 0.1), np.ones((2, 1)))

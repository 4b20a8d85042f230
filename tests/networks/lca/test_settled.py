"""Codes settle, or say so: distance from the optimum by default, fixed points, counts of who was shown out."""

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso

from neurosim.networks import LCA, WLSC, LinkedLCA, ParallelLCA, TopographicLCA
from neurosim.networks.lca.lca import Threshold


def _unit(rows: NDArray[Any]) -> NDArray[Any]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _random_problem() -> tuple[NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(0)
    return _unit(rng.standard_normal((32, 16))), rng.standard_normal((60, 16))


def _digits_problem() -> tuple[NDArray[Any], NDArray[Any]]:
    digits = load_digits().data[np.random.default_rng(0).permutation(1797)]
    return _unit(digits[:128]), digits[128:168] / digits.std()


def _cost(stimuli: NDArray[Any], code: NDArray[Any], fields: NDArray[Any], level: float) -> NDArray[Any]:
    return ((stimuli - code @ fields) ** 2).sum(axis=1) / 2 + level * np.abs(code).sum(axis=1)


def _optimum(stimuli: NDArray[Any], fields: NDArray[Any], level: float) -> NDArray[Any]:
    solver = Lasso(alpha=level / fields.shape[1], fit_intercept=False, max_iter=100_000, tol=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # Past rounding it cannot converge further.
        return _cost(stimuli, solver.fit(fields.T, stimuli.T).coef_, fields, level)


@pytest.mark.parametrize(
    ("problem", "deviations"),
    [(_random_problem, 0.1), (_random_problem, 1.0), (_digits_problem, 0.5)],
    ids=["random-.1", "random-1", "digits-.5"],
)
def test_default_arguments_come_within_a_thousandth_of_the_optimum(problem: Any, deviations: float) -> None:
    fields, stimuli = problem()
    level = deviations * stimuli.std()
    net = LCA.from_dictionary(fields, threshold=level, backend="numpy")
    cost, best = _cost(stimuli, net.transform(stimuli), fields, level), _optimum(stimuli, fields, level)
    assert cost.sum() <= 1.001 * best.sum()
    assert (cost <= 1.005 * best).all()


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["cython", "cpp_standalone"])
@pytest.mark.parametrize("deviations", [0.1, 0.3, 0.5, 1.0, 1.5])
def test_an_overcomplete_learned_dictionary_settles_with_default_arguments(
    deviations: float, backend: str
) -> None:
    from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

    images = filter_images(embedded_photographs(), by=OlshausenField())
    sample: dict[str, Any] = {"size": 8, "variance_floor": 0.1, "normalise": "std"}
    patches = sample_patches(images, n_patches=20_000, rng=np.random.default_rng(0), **sample)
    stimuli = sample_patches(images, n_patches=100, rng=np.random.default_rng(1), **sample)
    learner = LCA(
        384, threshold=1.0, batch_size=200, initial_dictionary="stimuli", random_state=0, backend="cython"
    )
    fields = learner.fit(patches).dictionary_
    level = deviations * stimuli.std()
    code, unsettled = LCA.from_dictionary(fields, threshold=level, backend=backend).settle(stimuli)
    cost, best = _cost(stimuli, code, fields, level), _optimum(stimuli, fields, level)
    assert cost.sum() <= 1.001 * best.sum()
    assert unsettled is not None
    assert unsettled.mean() <= 0.01
    assert (cost <= 1.005 * best)[~unsettled].all()


@pytest.mark.slow
def test_digits_settle_at_a_low_threshold() -> None:
    fields, stimuli = _digits_problem()
    level = 0.1 * stimuli.std()
    net = LCA.from_dictionary(fields, threshold=level, backend="cython")
    cost, best = _cost(stimuli, net.transform(stimuli), fields, level), _optimum(stimuli, fields, level)
    assert cost.sum() <= 1.001 * best.sum()
    assert (cost <= 1.005 * best).all()


@pytest.mark.parametrize("kind", ["hard", "firm"])
@pytest.mark.parametrize("form", ["lateral", "residual"])
@pytest.mark.parametrize("problem", [_random_problem, _digits_problem], ids=["random", "digits"])
def test_codes_of_thresholds_that_jump_are_fixed_points(problem: Any, form: str, kind: str) -> None:
    fields, stimuli = problem()
    level = float(stimuli.std())
    net = LCA.from_dictionary(fields, threshold=level, threshold_kind=kind, form=form, backend="numpy")
    code, unsettled = net.settle(stimuli)
    potential = stimuli @ fields.T - code @ (fields @ fields.T - np.eye(len(fields)))
    stays = Threshold(kind, level, 2 * level, nonnegative=False).activity(potential)
    assert unsettled is not None
    assert not unsettled.any()
    # The tolerance, .015 of the threshold, and what a change of it does to others by their overlaps.
    assert np.abs(stays - code).max() < 0.05 * level


def _hurried(**changed: Any) -> LCA:
    fields, _ = _random_problem()
    return LCA.from_dictionary(
        fields, **{"threshold": 0.1, "presentation": "20 ms", "backend": "numpy", **changed}
    )


def _told(caught: pytest.WarningsRecorder) -> str:
    """Brian2's own deprecations are recorded too."""
    return " ".join(str(w.message) for w in caught if issubclass(w.category, ConvergenceWarning))


def test_who_was_shown_out_unsettled_is_counted_and_warned_of_with_the_remedy() -> None:
    stimuli = _random_problem()[1]
    net = _hurried()
    code, unsettled = net.settle(stimuli)
    assert unsettled is not None
    n = int(unsettled.sum())
    assert 0 < n <= len(stimuli)
    share = f"{n} of 60 codes are not settled \\({n / 60:.2%}\\).*0.02 s; use a longer presentation"
    with pytest.warns(ConvergenceWarning, match=share) as caught:
        assert_array_equal(net.transform(stimuli), code)
    assert "dt=None" not in _told(caught)  # It is None already.


def test_the_remedy_names_what_was_set_and_nothing_else() -> None:
    stimuli = _random_problem()[1]
    with pytest.warns(ConvergenceWarning, match="dt=None") as caught:
        _hurried(dt="1 ms", tolerance=1e-4).transform(stimuli)
    assert "allow a tolerance above 0.0001" in _told(caught)


def test_enough_time_leaves_nobody_unsettled_and_says_nothing() -> None:
    _, unsettled = _hurried(presentation=None).settle(_random_problem()[1])
    assert unsettled is not None
    assert not unsettled.any()


def test_both_ways_of_simulating_count_the_same_stimuli() -> None:
    stimuli = _random_problem()[1]
    fixed = [_hurried(dt="1 ms", epsilon=0.0, backend=b).settle(stimuli) for b in ("numpy", "cython")]
    assert_array_equal(fixed[0].unsettled, fixed[1].unsettled)


@pytest.mark.parametrize("terms", [{"membrane_terms": "- 0*u"}, {"threshold": 0.0}])
def test_nobody_counts_where_nobody_can_tell(terms: dict[str, Any]) -> None:
    assert _hurried(**terms).settle(_random_problem()[1]).unsettled is None


def test_every_membrane_model_counts() -> None:
    rng = np.random.default_rng(0)
    fields, stimuli = _unit(rng.standard_normal((16, 16))), rng.standard_normal((10, 16))
    brief: dict[str, Any] = {"presentation": "5 ms", "backend": "numpy"}
    networks = [
        WLSC.from_dictionary(fields, **brief),
        TopographicLCA.from_dictionary(fields, threshold=0.3, **brief),
        LinkedLCA.from_dictionary(fields, threshold=0.1, **brief),
        ParallelLCA.from_dictionary(fields, threshold=0.1, **brief),
    ]
    for net in networks:
        unsettled = net.settle(stimuli).unsettled
        assert unsettled is not None, net
        assert unsettled.any(), net


def test_a_fit_keeps_the_count_of_every_batch_and_of_the_last_epoch() -> None:
    stimuli = _random_problem()[1]
    net = LCA(
        12, threshold=1.5, presentation="30 ms", batch_size=20, n_epochs=2, backend="numpy", random_state=0
    )
    with pytest.warns(ConvergenceWarning, match="of 60 stimuli of the last epoch had not settled"):
        net.fit(stimuli)
    counts = net.history_["unsettled"].to_numpy()
    assert counts.shape == (6,)
    assert net.unsettled_ == counts[3:].sum() / 60 > 0

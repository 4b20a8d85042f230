"""What a user can expect of complex cells: which cells they get, what is refused, and the same on every backend."""

import pickle

import numpy as np
import pytest
from brian2 import Equations, second
from complex_cases import cells, films
from sklearn.base import clone

from neurosim.laboratory import complex_pools, learned_pools
from neurosim.networks import LCA, ComplexCells


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_all_backends_learn_and_answer_the_same(dtype):
    sequences, codes = films(70, 3).astype(dtype), films(33, seed=5)[:, 0].astype(dtype)
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    found = {}
    for backend in ("numpy", "cython", "cpp_standalone"):
        net = cells(backend=backend, size=3, strength="learned").fit(sequences)
        found[backend] = net.association_, net.transform(codes)
        net.partial_fit(sequences)
        found[backend] += (net.association_,)
    for backend in ("cython", "cpp_standalone"):
        for got, expected in zip(found[backend], found["numpy"], strict=True):
            assert got.dtype == dtype
            np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["cython", "cpp_standalone"])
def test_compiled_runs_go_on_where_the_last_one_ended(backend):
    sequences = films(250)
    net = cells(backend=backend, batch_size=1).fit(sequences)
    np.testing.assert_allclose(net.association_, cells().fit(sequences).association_, atol=1e-12)


def natural_like(n_pairs=3000, n_simple=40, seed=0):
    """Pairs of codes that are alike in groups of four, with noise of their own and different strengths."""
    rng = np.random.default_rng(seed)
    causes = rng.exponential(size=(n_pairs, n_simple // 4, 1)) * (
        rng.random((n_pairs, n_simple // 4, 1)) < 0.2
    )
    which = rng.random((2, n_pairs, n_simple // 4, 4)) * rng.uniform(0.5, 2, (n_simple // 4, 4))
    before, after = np.maximum(causes * which - 0.1, 0).reshape(2, n_pairs, n_simple)
    return before, after


def test_partners_are_those_of_the_correlation_worked_out_in_numpy():
    before, after = natural_like()
    net = ComplexCells(size=4, backend="numpy").fit(np.stack([before, after], axis=1))
    reference = learned_pools(before, after, size=4)
    same = [len(np.intersect1d(a, b)) - 1 for a, b in zip(net.members_, reference.members, strict=True)]
    assert np.sum(same) >= 0.9 * 3 * 40
    assert np.array_equal(net.members_[:, 0], reference.firsts)


def test_pairs_without_a_past_give_other_partners():
    before, after = natural_like()
    unrelated = np.stack([before, np.random.default_rng(1).permutation(after)], axis=1)
    net = ComplexCells(size=4, backend="numpy").fit(unrelated)
    assert (net.members_ // 4 == np.arange(40)[:, None] // 4).all(axis=1).mean() < 0.1


def test_pools_of_the_laboratory_answer_as_the_cells_do():
    net = cells(size=3, strength="learned").fit(films())
    codes = films(30, seed=5)[:, 0]
    pools = complex_pools(net)
    assert pools.n_without == 0
    np.testing.assert_allclose(pools.answers(codes), net.transform(codes), rtol=3e-9)
    few = pools.around([4, 1])
    np.testing.assert_allclose(few.answers(codes), net.transform(codes)[:, [4, 1]], rtol=3e-9)


def test_another_network_has_no_pools():
    with pytest.raises(ValueError, match="expected a fitted network of complex cells, got LCA"):
        complex_pools(LCA.from_dictionary(np.eye(4), threshold=0.5))
    with pytest.raises(ValueError, match="got ComplexCells"):
        complex_pools(cells())


def test_a_cell_that_never_answers_is_in_no_pool():
    sequences = films()
    sequences[:, :, 2] = 0.3  # answers, but always the same
    net = cells(size=5).fit(sequences)
    assert net.anchors_.tolist() == [0, 1, 3, 4, 5]
    assert 2 not in net.members_
    assert complex_pools(net).n_without == 1
    assert np.isfinite(net.transform(sequences[:, 0])).all()


def test_some_cells_are_anchored_to_cells_drawn_at_random():
    net, again = (cells(n_neurons=3, random_state=1).fit(films()) for _ in range(2))
    assert net.transform(films()[:, 0]).shape == (130, 3)
    assert np.array_equal(net.anchors_, again.anchors_)
    whole = cells().fit(films())
    np.testing.assert_allclose(net.association_, whole.association_[:, net.anchors_], atol=1e-12)
    assert net.get_feature_names_out().tolist() == ["complexcells0", "complexcells1", "complexcells2"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_precision_follows_the_codes(dtype):
    net = cells(strength="learned").fit(films().astype(dtype))
    assert net.association_.dtype == net.member_weights_.dtype == dtype
    assert net.transform(films()[:, 0].astype(dtype)).dtype == dtype


def test_a_clone_keeps_the_parameters_and_a_pickle_all():
    net = cells(tau_trace="1 s").fit(films())
    assert clone(net).get_params() == net.get_params()
    assert not hasattr(clone(net), "association_")
    restored = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(restored.transform(films()[:, 0]), net.transform(films()[:, 0]))


def test_pools_may_be_made_smaller_afterwards_but_not_larger_than_there_are_cells():
    net = cells(size=4).fit(films())
    assert np.array_equal(net.members_[:, :2], net.set_params(size=2).members_)
    with pytest.raises(ValueError, match=r"^size: expected at most 6, .* got 7; show more"):
        _ = net.set_params(size=7).members_


def test_the_equations_are_brian2_text_with_units():
    simple, complex_ = cells().equations.split("# complex cells\n")
    parsed = Equations(simple.replace("# simple cells\n", "")), Equations(complex_)
    assert [sorted(each.diff_eq_names) for each in parsed] == [["past"], ["past", "u"]]
    assert parsed[1]["tau"].dim == second.dim


@pytest.mark.parametrize(
    ("sequences", "options", "message"),
    [
        (films()[:, 0], {}, r"expected sequences \(n_sequences, n_codes, n_simple\) of two codes or more"),
        (films()[:, :1], {}, r"got shape \(130, 1, 6\)"),
        (-films(), {}, r"expected activity of 0 or more, got 1560 negative values"),
        (films() * [1, 1, 1, 1, 1, np.nan], {}, "expected finite"),
        (films(), {"size": 7}, "^size: expected at most 6"),
        (films() * [1, 0, 0, 1, 1, 1], {"size": 5}, "^size: expected at most 4"),
        (films(), {"n_neurons": 7}, "^n_neurons: expected at most 6"),
        (films(), {"strength": "learnt"}, "^strength: .* did you mean 'learned'"),
        (films(), {"tau_trace": "400"}, "^tau_trace: expected a time"),
        (films(), {"learning_rate": -0.1}, "^learning_rate: expected a finite number above zero"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(sequences, options, message):
    with pytest.raises(ValueError, match=message):
        cells(**options).fit(sequences)


def test_codes_of_other_cells_are_refused():
    net = cells().fit(films())
    with pytest.raises(ValueError, match="5 features"):
        net.transform(np.ones((3, 5)))
    with pytest.raises(ValueError, match="got 6 negative"):
        net.transform(-np.ones((1, 6)))
    with pytest.raises(ValueError, match="5 features"):
        net.partial_fit(np.ones((3, 2, 5)))

"""Weights and answers of complex cells are those that a few lines of algebra give."""

import numpy as np
import pytest
from complex_cases import cells, films

KAPPA = np.exp(-200 / 400)  # of the default time constants


def mean_products(sequences, kappa):
    """The fixed point, term by term: correlations over k codes, each kappa**k, averaged over transitions."""
    every = sequences.reshape(-1, sequences.shape[2])
    z = (sequences - every.mean(axis=0)) / every.std(axis=0)
    n_codes, total = sequences.shape[1], 0.0
    for now in range(1, n_codes):
        for before in range(now):
            product = z[:, before].T @ z[:, now]
            total = total + kappa ** (now - before) * (product + product.T) / 2
    return total / (len(sequences) * (n_codes - 1))


@pytest.mark.parametrize(("n_sequences", "n_codes"), [(20, 2), (130, 2), (1, 2), (130, 5), (47, 3)])
def test_weights_are_correlations_of_the_past_with_the_present(n_sequences, n_codes):
    sequences = films(n_sequences, n_codes, seed=n_codes) + (0 if n_sequences > 1 else np.eye(2, 6))
    learned = cells().fit(sequences).association_
    np.testing.assert_allclose(learned, mean_products(sequences, KAPPA), rtol=0, atol=1e-12)
    assert np.abs(learned).max() > 0.1


def test_several_runs_of_the_simulation_are_one():
    # A batch of one sequence at a time: 300 batches, more than a run holds.
    sequences = films(150)
    learned = cells(batch_size=1).fit(sequences).association_
    np.testing.assert_allclose(learned, mean_products(sequences, KAPPA), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("trace", "code"), [("100 ms", "200 ms"), ("2 s", "50 ms")])
def test_a_trace_decays_as_its_time_constant_says(trace, code):
    sequences = films(n_codes=4)
    learned = cells(tau_trace=trace, presentation=code).fit(sequences).association_
    kappa = {"100 ms": np.exp(-2), "2 s": np.exp(-0.025)}[trace]
    np.testing.assert_allclose(learned, mean_products(sequences, kappa), rtol=0, atol=1e-12)


def test_a_sequence_knows_nothing_of_the_one_before():
    sequences = films(n_codes=3)
    shuffled = np.random.default_rng(1).permutation(sequences)
    np.testing.assert_allclose(
        cells().fit(shuffled).association_, cells().fit(sequences).association_, atol=1e-12
    )


def test_the_order_within_a_sequence_is_what_is_learned():
    sequences = films(n_codes=4)
    rng = np.random.default_rng(2)
    mixed = np.stack([rng.permutation(sequences[:, k]) for k in range(4)], axis=1)
    assert cells().fit(sequences).members_[:, 1].tolist() == [1, 0, 3, 2, 5, 4]
    partners = mean_products(mixed, KAPPA)[[0, 2, 4], [1, 3, 5]]
    assert np.abs(partners).max() < 0.3 * mean_products(sequences, KAPPA)[0, 1]
    np.testing.assert_allclose(cells().fit(mixed).association_[[0, 2, 4], [1, 3, 5]], partners, atol=1e-12)


def test_a_rate_of_ones_own_forgets():
    sequences = films(60)
    learned = cells(learning_rate=0.25).fit(sequences).association_
    every = sequences.reshape(-1, 6)
    z = (sequences - every.mean(axis=0)) / every.std(axis=0)
    expected = np.zeros((6, 6))
    for first in (0, 20, 40):
        product = KAPPA * z[first : first + 20, 0].T @ z[first : first + 20, 1] / 20
        expected += 0.25 * ((product + product.T) / 2 - expected)
    np.testing.assert_allclose(learned, expected, rtol=0, atol=1e-12)


def test_learning_in_parts_with_the_same_adaptation_is_learning_in_one():
    sequences = films(100)
    doubled = np.concatenate([sequences, sequences])
    parts = cells().partial_fit(sequences).partial_fit(sequences)
    assert parts.n_transitions_ == 200
    np.testing.assert_allclose(parts.association_, cells().fit(doubled).association_, rtol=0, atol=1e-12)


@pytest.mark.parametrize("strength", ["alike", "learned"])
def test_a_cell_answers_the_root_of_the_weighted_energies_of_its_members(strength):
    net = cells(size=3, strength=strength).fit(films())
    codes = films(75, seed=5)[:, 0]
    expected = np.sqrt((codes[:, net.members_] ** 2 * net.member_weights_).sum(axis=2))
    # A code lasts 20 time constants of the membrane.
    np.testing.assert_allclose(net.transform(codes), expected, rtol=3e-9)
    assert (net.member_weights_ == 1).all() == (strength == "alike")
    assert (net.member_weights_[:, :2] == 1).all()


def test_the_membrane_follows_with_its_time_constant():
    net = cells().fit(films())
    codes = films(30, seed=5)[:, 0]
    settled, brief = net.transform(codes), net.set_params(presentation="10 ms").transform(codes)
    np.testing.assert_allclose(brief, settled * np.sqrt(1 - np.exp(-1)), rtol=3e-9)


def test_contrast_and_unit_of_the_simple_cells_are_those_of_the_complex_ones():
    sequences, codes = films(), films(30, seed=5)[:, 0]
    net, other = cells().fit(sequences), cells().fit(1000 * sequences)
    np.testing.assert_allclose(other.association_, net.association_, atol=1e-12)
    np.testing.assert_allclose(other.transform(1000 * codes), 1000 * net.transform(codes), rtol=1e-12)

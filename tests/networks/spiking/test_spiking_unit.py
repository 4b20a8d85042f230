"""What a spiking network learns does not depend on the unit its stimuli come in."""

import numpy as np
import pytest
from spiking_cases import BATCH, einet, learned, mixtures, sailnet, spiking_lca

FACTORS = (2.0**-10, 1 / 255, 255.0, 2.0**10)


def stimuli_in_no_unit():
    """Patches of different contrast and level, as photographs have them."""
    rng = np.random.default_rng(3)
    contrast = np.exp(0.5 * rng.standard_normal((4 * BATCH - 7, 1)))
    return 0.3 * contrast * mixtures(len(contrast)) + 0.2 * rng.standard_normal((len(contrast), 1))


STIMULI = stimuli_in_no_unit()
# Every argument that has the unit of the stimuli is given times c.
NETWORKS = {
    "SAILnet": lambda c: sailnet(field_rate=0.1),
    "SAILnet with noise": lambda c: sailnet(field_rate=0.1, noise=0.2),
    "SAILnet in a common unit": lambda c: sailnet(field_rate=0.1, standardise=False),
    "SAILnet, equalised": lambda c: sailnet(homeostasis="equalisation", standardise=False),
    "SAILnet, equal gains": lambda c: sailnet(homeostasis="variance_gain", homeostasis_rate=0.02),
    "E-I Net": lambda c: einet(learning_rate=0.5),
    "E-I Net in a common unit": lambda c: einet(learning_rate=0.5, standardise=False),
    "spiking LCA": lambda c: spiking_lca(threshold=0.2 * c, charge=0.4 * c),
    "spiking LCA with noise and current": lambda c: spiking_lca(
        threshold=0.2 * c, charge=0.4 * c, noise=0.05 * c, membrane_terms="+ current", namespace={"current": 0.02 * c}
    ),
    "spiking LCA, single neurons": lambda c: spiking_lca(threshold=0.2 * c, charge=0.4 * c, pairs=False),
    "spiking LCA, automatic": lambda c: spiking_lca(threshold="auto", charge="auto"),
    "spiking LCA from stimuli": lambda c: spiking_lca(threshold="auto", charge="auto", initial_dictionary="stimuli"),
}  # fmt: skip
# What is not a pure number, by the power of the unit that it has; objectives of standardised stimuli have none.
_UNITS = {"objective": 2, "spikes": 1}


@pytest.fixture(params=NETWORKS)
def name(request):
    return request.param


def fitted(name, c):
    return NETWORKS[name](c).fit(c * STIMULI)


def powers(net):
    """Power of the unit in each column of the history."""
    if hasattr(net, "threshold_"):
        return _UNITS
    return {"objective": 0 if net.standardise else 2}


@pytest.mark.parametrize("c", FACTORS)
def test_stimuli_and_arguments_in_another_unit_give_the_same_fields(name, c):
    plain, net = fitted(name, 1.0), fitted(name, c)
    same = np.testing.assert_array_equal if np.log2(c) % 1 == 0 else assert_close
    for attribute, values in learned(plain).items():
        same(learned(net)[attribute], values)
    for column in plain.history_:
        same(net.history_[column] / c ** powers(net).get(column, 0), plain.history_[column])
    # Whole numbers of spikes leave no room for rounding.
    np.testing.assert_array_equal(net.usage_, plain.usage_)
    for population, counts in plain.spike_counts(STIMULI).items():
        np.testing.assert_array_equal(net.spike_counts(c * STIMULI)[population], counts)
        assert counts.sum() > 100


def assert_close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("c", FACTORS)
def test_what_is_decoded_and_its_score_are_in_the_unit_of_the_stimuli_or_have_none(name, c):
    plain, net = fitted(name, 1.0), fitted(name, c)
    decoded = [each.inverse_transform(each.transform(k * STIMULI)) for each, k in ((plain, 1.0), (net, c))]
    unit = 1.0 if getattr(net, "standardise", False) else c
    np.testing.assert_allclose(decoded[1], unit * decoded[0], rtol=1e-9, atol=1e-12 * unit)
    assert net.score(c * STIMULI) == pytest.approx(unit**2 * plain.score(STIMULI), rel=1e-9)


def test_the_unit_is_measured_at_the_first_fit_kept_in_pieces_and_measured_anew():
    for make in (lambda: sailnet(standardise=False), lambda: spiking_lca(threshold="auto", charge="auto")):
        net = make().partial_fit(STIMULI)
        square = net.mean_square_
        assert square == pytest.approx(np.mean(STIMULI**2), rel=1e-12)
        assert net.partial_fit(1.5 * STIMULI).mean_square_ == square
        assert net.fit(1.5 * STIMULI).mean_square_ == pytest.approx(2.25 * square, rel=1e-12)


def test_the_automatic_threshold_is_two_deviations_and_charge_leaves_rates_four_norms():
    net = spiking_lca(threshold="auto", charge="auto").partial_fit(STIMULI)
    assert net.threshold_ == pytest.approx(2 * STIMULI.std())
    norm = np.sqrt((STIMULI**2).sum(axis=1).mean())
    # Time constant and step are 1 and .05 ms.
    assert net.charge_ * 1 / 0.05 == pytest.approx(4 * norm)
    np.testing.assert_array_equal(net.set_params(threshold=0.7, charge=0.3).threshold_, 0.7)
    assert net.charge_ == 0.3


def test_a_fixed_learning_rate_would_depend_on_the_unit():
    nets = [spiking_lca(threshold=0.2 * c, charge=0.4 * c).partial_fit(c * STIMULI) for c in (1.0, 4.0)]
    for net in nets:
        net.mean_square_ = 1.0
    small, large = (net.partial_fit(c * STIMULI).dictionary_ for net, c in zip(nets, (1.0, 4.0), strict=True))
    assert np.abs(small - large).max() > 0.01

"""Resampled divergences: closed forms of the correction, and an interval that covers where percentiles do not."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from neurosim.analysis.v1.divergence import jensen_shannon_bits
from neurosim.analysis.v1.resampled import Resampled, resampled_counts, resampled_divergence, smoothed_shares

_SCRIPT = Path(__file__).parents[3] / "verification" / "interval_coverage.py"


@pytest.fixture(scope="module")
def simulation():
    spec = importlib.util.spec_from_file_location("coverage_simulation", _SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_bias_is_taken_off_and_the_spread_is_turned_around():
    # Draws .02 too high on average, with a long upper tail: the long arm of the interval is the lower one.
    draws = np.array([0.01, 0.02, 0.02, 0.02, 0.03, 0.12]) + 0.3 - 0.0166666666666667
    found = Resampled(0.5, 0.3, draws)
    assert found.corrected() == pytest.approx(0.5 - 0.02)
    low, high = found.interval()
    assert 0.5 - low > 3 * (high - 0.5)
    assert (low, high) == pytest.approx((0.8 - np.percentile(draws, 97.5), 0.8 - np.percentile(draws, 2.5)))


def test_of_draws_from_the_bare_sample_it_is_the_stated_formula():
    draws = np.random.default_rng(0).uniform(0.1, 0.3, size=50)
    corrected, (low, high) = Resampled(0.18, 0.18, draws).divergence()
    assert corrected == pytest.approx(max(0, 2 * 0.18 - draws.mean()))
    assert low == pytest.approx(max(0, 2 * 0.18 - np.percentile(draws, 97.5)))
    assert high == pytest.approx(max(0, 2 * 0.18 - np.percentile(draws, 2.5)))


def test_a_divergence_stays_between_0_and_1_bit_and_a_difference_is_free():
    below, above = Resampled(0.01, 0.01, np.full(3, 0.2)), Resampled(0.99, 0.99, np.full(3, 0.8))
    assert below.divergence() == (0, (0, 0))
    assert above.divergence() == (1, (1, 1))
    assert (below - above).corrected() == pytest.approx(0.02 - 0.2 - (1.98 - 0.8))


def test_one_count_in_all_is_added_and_draws_reach_empty_bins():
    counts = np.array([[8, 0], [1, 0]])
    shares = smoothed_shares(counts)
    np.testing.assert_allclose(shares, (np.array([8, 0, 1, 0]) + 0.25) / 10)
    draws = resampled_counts(counts, 4000, rng=np.random.default_rng(0))
    assert (draws.sum(axis=1) == 9).all()
    np.testing.assert_allclose(draws.mean(axis=0) / 9, shares, atol=0.01)


def test_the_draws_come_from_what_the_centre_is_of():
    # With a hundred times the counts there is hardly any bias left: draws lie around the centre.
    rng, cells, units = np.random.default_rng(0), np.array([4000, 2000, 0]), np.array([1000, 3000, 1000])
    found = resampled_divergence(cells, units, cell_draws=resampled_counts(cells, 400, rng=rng), rng=rng)
    assert found.bits == jensen_shannon_bits(cells, units)
    assert found.centre == jensen_shannon_bits(smoothed_shares(cells), smoothed_shares(units))
    assert found.draws.mean() == pytest.approx(found.centre, abs=0.002)


def test_without_units_everything_is_nan():
    cells = np.array([3, 2])
    draws = resampled_counts(cells, 5, rng=np.random.default_rng(0))
    found = resampled_divergence(cells, 0 * cells, cell_draws=draws, rng=np.random.default_rng(0))
    assert np.isnan([found.bits, *found.interval(), found.divergence()[0]]).all()


@pytest.mark.parametrize(
    ("direction", "bits", "n_units"),
    [("narrow", 0.0, 79), ("narrow", 0.013, 250), ("exchanged", 0.05, 79), ("compact", 0.16, 79)],
)
def test_the_interval_covers_the_truth_and_percentiles_do_not(simulation, direction, bits, n_units):
    # Of 200 intervals that cover in 92 %, fewer than 172 do once in a thousand times.
    cells = simulation.cell_shares("table")
    model = simulation.model_shares(cells, direction, bits)
    found = simulation.coverage(
        cells, model, n_units, repetitions=200, n_draws=200, rng=np.random.default_rng(0)
    )
    assert found["true_bits"] == pytest.approx(bits, abs=1e-9)
    assert found["reflected"] > 0.855
    assert found["percentile"] < 0.7
    assert abs(found["corrected"] - bits) < 0.5 * (found["js_bits"] - bits)


def test_the_difference_of_400_and_60_units_is_not_drawn_to_the_larger(simulation):
    cells = simulation.cell_shares("table")
    models = [cells, cells]
    found = simulation.difference_coverage(
        cells, models, (400, 60), repetitions=150, n_draws=200, rng=np.random.default_rng(0)
    )
    assert found["true_bits"] == pytest.approx(0, abs=1e-9)
    assert found["reflected"] > 0.84
    assert found["difference"] < -0.03
    assert abs(found["corrected"]) < 0.5 * abs(found["difference"])


@pytest.mark.parametrize(
    ("population", "direction", "bits"),
    [("table", "narrow", 0.16), ("table", "exchanged", 0.16), ("blurred", "narrow", 0.16)],
)
def test_the_simulated_model_is_as_far_as_it_should_be(simulation, population, direction, bits):
    cells = simulation.cell_shares(population)
    model = simulation.model_shares(cells, direction, bits)
    assert (cells.sum(), model.sum()) == pytest.approx((1, 1))
    assert jensen_shannon_bits(cells, model) == pytest.approx(bits, abs=1e-9)
    with pytest.raises(ValueError, match=f"that going {direction} reaches"):
        simulation.model_shares(cells, direction, 0.9)

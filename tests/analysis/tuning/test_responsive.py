"""The one scale from activity to spikes/s, and the grid made of a table of stimuli."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.tuning.curve_input import response_grid
from neurosim.analysis.tuning.responsive import rate_scale


def test_the_medians_of_responsive_units_become_those_of_macaque():
    rng = np.random.default_rng(0)
    best, blank = rng.lognormal(size=101), rng.uniform(0, 0.02, size=101)
    best[:20] = 0
    scale = rate_scale(best, blank)
    responsive = best - blank > 5 / 243.1 * (best - blank).max()
    assert scale.n_responsive == responsive.sum() < 101
    assert np.median(scale.rates(best[responsive])) == pytest.approx(33.8)
    assert np.median(scale.rates(blank[responsive])) == pytest.approx(0.82)


def test_multiplying_all_activity_changes_no_rate():
    best, blank = np.array([1.0, 2.0, 5.0]), np.array([0.1, 0.0, 0.2])
    rates = [rate_scale(k * best, k * blank).rates(k * best) for k in (1, 1e-6)]
    np.testing.assert_allclose(*rates)


def test_a_population_without_responses_is_refused():
    with pytest.raises(ValueError, match="got none of 3"):
        rate_scale(np.zeros(3), np.zeros(3))


def test_trials_are_averaged_and_rows_may_come_in_any_order():
    rng = np.random.default_rng(0)
    stimuli = pd.DataFrame(
        [(f, o) for f in (1.0, 2.0) for o in (0, 90)] * 3, columns=["frequency", "orientation"]
    )
    responses = (stimuli["frequency"] * 100 + stimuli["orientation"]).to_numpy()[:, None] + [0.0, 1.0]
    order = rng.permutation(len(stimuli))
    grid, values = response_grid(responses[order], stimuli.iloc[order], axes=("orientation", "frequency"))
    np.testing.assert_allclose(grid[1], [[101, 201], [191, 291]])
    assert [each.tolist() for each in values] == [[0, 90], [1, 2]]


def test_responses_that_do_not_match_the_table_are_refused():
    stimuli = pd.DataFrame({"frequency": [1, 1, 2], "orientation": [0, 90, 0]})
    with pytest.raises(ValueError, match="one row for each of the 3 stimuli"):
        response_grid(np.ones((4, 2)), stimuli, axes=("frequency", "orientation"))
    with pytest.raises(ValueError, match="none of 1 of 4, first frequency=2, orientation=90"):
        response_grid(np.ones((3, 2)), stimuli, axes=("frequency", "orientation"))
    with pytest.raises(ValueError, match="missing: phase"):
        response_grid(np.ones((3, 2)), stimuli, axes=("frequency", "phase"))
    with pytest.raises(ValueError, match="leave blanks out"):
        response_grid(np.ones((3, 2)), stimuli.assign(frequency=[1, np.nan, 2]), axes=("frequency",))

"""Joint structure: what is planted together is found, what is shuffled apart is not."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.v1.joint_structure import joint_structure

TUNED = ("circular_variance", "orientation_half_width", "orthogonal_to_preferred")


def population(n_units, rng):
    """Simple units well tuned and complex ones badly: a negative correlation, as in cortex but stronger."""
    simple = rng.uniform(size=n_units) < 0.4
    variance = np.where(simple, rng.beta(2, 4, n_units), rng.beta(4, 3, n_units))
    return pd.DataFrame(
        {
            "modulation_ratio": np.where(simple, rng.uniform(1, 1.8, n_units), rng.uniform(0, 1, n_units)),
            "circular_variance": variance,
            "orientation_half_width": 12 + 40 * variance,
            "orthogonal_to_preferred": variance**2,
        }
    )


@pytest.fixture
def cells():
    return population(300, np.random.default_rng(0))


def compared(units, cells, **options):
    return joint_structure(units, cells, rng=0, **options).set_index("component")


def test_another_sample_of_the_same_population_reaches_every_ceiling(cells):
    found = compared(population(2000, np.random.default_rng(1)), cells)
    np.testing.assert_allclose(found["ceiled"], 1, atol=0.06)
    assert ((found["cells_low"] <= found["value"]) & (found["value"] <= found["cells_high"])).mean() > 0.8


def test_shuffling_which_unit_is_simple_keeps_marginals_and_loses_joint_structure(cells):
    units = population(1000, np.random.default_rng(1))
    shuffled = units.assign(modulation_ratio=np.random.default_rng(2).permutation(units["modulation_ratio"]))
    kept, lost = compared(units, cells), compared(shuffled, cells)
    assert kept.loc["spearman_modulation_variance", "value"] < -0.2
    assert abs(lost.loc["spearman_modulation_variance", "value"]) < 0.1
    groups = [f"{name}_{kind}" for name in TUNED for kind in ("simple", "complex")]
    assert (lost.loc[groups, "ceiled"] < kept.loc[groups, "ceiled"]).all()
    assert lost.loc["complex_share", "value"] == kept.loc["complex_share", "value"]


def test_values_are_medians_shares_and_rank_correlations(cells):
    found, ratio = compared(cells, cells), cells["modulation_ratio"]
    assert (
        found.loc["circular_variance_simple", "value"] == cells.loc[ratio > 1, "circular_variance"].median()
    )
    assert found.loc["complex_share", "value"] == (ratio < 1).mean()
    assert found.loc["spearman_modulation_variance", "value"] == pytest.approx(
        ratio.corr(cells["circular_variance"], method="spearman")
    )
    tuned = (cells["circular_variance"] < 0.5) & (ratio < 1)
    assert found.loc["invariant_and_tuned", "value"] == pytest.approx(tuned.sum() / (ratio < 1).sum())


def test_pools_are_all_that_are_meant_to_be_complex(cells):
    pools = np.arange(len(cells)) < 150
    both = (cells["circular_variance"] < 0.5) & (cells["modulation_ratio"] < 1)
    found = compared(cells, cells, pools=pools).loc["invariant_and_tuned"]
    assert (found["n_units"], found["value"]) == (150, pytest.approx(both[:150].mean()))


def test_a_group_of_fewer_than_20_units_is_described_but_not_compared(cells):
    units = cells.assign(modulation_ratio=np.where(np.arange(300) < 10, 1.5, 0.5))
    found = compared(units, cells).loc["circular_variance_simple"]
    assert found["n_units"] == 10
    assert np.isfinite(found["value"])
    assert np.isnan(found["ceiled"])


def test_units_that_do_not_respond_are_left_out_and_those_without_a_value_counted(cells):
    units = pd.concat([cells, cells.assign(circular_variance=0.99)], ignore_index=True)
    units["responsive_orientation"] = np.arange(600) < 300
    units.loc[:9, "circular_variance"] = np.nan
    found = compared(units, cells)
    assert found.loc["complex_share", "n_units"] == 300
    assert found.loc["spearman_modulation_variance", ["n_units", "n_missing"]].tolist() == [290, 10]


def test_bad_input_says_what_was_expected(cells):
    with pytest.raises(ValueError, match=r"`properties` with .* missing: modulation_ratio"):
        joint_structure(cells.drop(columns="modulation_ratio"), cells, rng=0)
    with pytest.raises(ValueError, match="True or False for each of 300 units"):
        joint_structure(cells, cells, rng=0, pools=np.arange(300))


@pytest.mark.slow
def test_intervals_of_values_and_similarities_cover(cells):
    rng, value, score = np.random.default_rng(5), [], []
    truth = compared(population(5000, rng), cells, n_draws=1000)
    for _ in range(40):
        found = joint_structure(population(200, rng), cells, rng=rng, n_draws=200, n_bootstrap=60)
        found = found.set_index("component")
        value.append((found["value_low"] <= truth["value"]) & (truth["value"] <= found["value_high"]))
        score.append((found["low"] <= truth["ceiled"] + 0.005) & (truth["ceiled"] - 0.005 <= found["high"]))
    assert np.mean(value) > 0.9
    assert np.mean(score) > 0.88

"""Models side by side: the paired bootstrap covers nothing as nothing, sees a real gain, and hides no seed."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.v1.divergence import row_divergences
from neurosim.analysis.v1.field_shape import compare_nx_ny, nx_ny_counts
from neurosim.analysis.v1.model_comparison import compare_models, paired_difference, seed_divergences
from neurosim.analysis.v1.resampled import resampled_counts
from neurosim.datasets.v1 import published_table

TABLE = published_table("nx_ny")
CENTRES = np.sqrt(TABLE.edges[0][1:] * TABLE.edges[0][:-1])


def like_macaque(n_units, rng):
    rows, columns = np.divmod(rng.choice(25, size=n_units, p=(TABLE.counts / 79).ravel()), 5)
    return pd.DataFrame({"nx": CENTRES[rows], "ny": CENTRES[columns], "gabor_like": True})


def rounder(n_units, rng, middle=0.4):
    shape = middle * np.exp(rng.normal(scale=0.4, size=(n_units, 2)))
    return pd.DataFrame({"nx": shape[:, 0], "ny": shape[:, 1], "gabor_like": True})


def without_gabors(fits):
    return fits.assign(gabor_like=False, nx=np.nan, ny=np.nan)


def test_a_model_does_not_differ_from_itself_and_pairing_narrows_the_interval():
    fits = rounder(400, np.random.default_rng(0))
    compared = paired_difference(fits, fits, rng=np.random.default_rng(1))
    assert compared.difference == 0
    assert compared.interval[0] < 0 < compared.interval[1]
    assert 0.4 < compared.first_closer_share < 0.6

    rng = np.random.default_rng(2)
    counts = nx_ny_counts(fits["nx"], fits["ny"])
    one, other = (
        row_divergences(
            resampled_counts(TABLE.counts, 1000, rng=rng), resampled_counts(counts, 1000, rng=rng)
        )
        for _ in range(2)
    )
    unpaired = np.diff(np.percentile(one - other, (2.5, 97.5)))[0]
    assert np.diff(compared.interval)[0] < 0.7 * unpaired


def test_the_interval_of_two_samples_of_one_distribution_covers_zero():
    # 95 % of 40 are 38; five fewer would be seen by chance once in three hundred times.
    covered = 0
    for repetition in range(40):
        rng = np.random.default_rng(repetition)
        low, high = paired_difference(rounder(200, rng), rounder(200, rng), rng=rng, n_bootstrap=200).interval
        covered += low <= 0 <= high
    assert covered >= 34


def test_a_model_of_few_units_is_not_put_further_away_once_corrected():
    # Both are drawn from the cells' own distribution; 60 units are measured further away than 400.
    gaps = []
    for repetition in range(40):
        rng = np.random.default_rng(repetition)
        pair = paired_difference(like_macaque(400, rng), like_macaque(60, rng), rng=rng, n_bootstrap=200)
        gaps.append((pair.difference, pair.difference_corrected, pair.interval[0] <= 0 <= pair.interval[1]))
    plain, corrected, covered = np.mean(gaps, axis=0)
    assert plain < -0.03
    assert abs(corrected) < 0.5 * abs(plain)
    assert covered >= 34 / 40


def test_a_model_like_macaque_is_closer_than_one_far_from_it():
    rng = np.random.default_rng(0)
    near, far = like_macaque(300, rng), rounder(300, rng, middle=0.8)
    compared = paired_difference(near, far, rng=rng)
    assert compared.interval[1] < -0.1
    assert compared.first_closer_share == 1
    turned = paired_difference(far, near, rng=rng)
    assert turned.difference == -compared.difference
    assert turned.interval[0] > 0.1


def test_a_model_is_the_mean_of_its_seeds_and_each_is_what_the_single_comparison_says():
    rng = np.random.default_rng(0)
    seeds, reference = [rounder(n, rng) for n in (50, 100, 200)], like_macaque(100, rng)
    single = [compare_nx_ny(fits, rng=rng, n_bootstrap=2).js_bits for fits in seeds]
    table = compare_models({"a": seeds, "b": reference}, reference="b", rng=rng, n_bootstrap=50)
    row = table.set_index("arm").loc["a"]
    np.testing.assert_allclose(seed_divergences(seeds), single)
    np.testing.assert_allclose(
        row[["js_bits", "js_min", "js_max"]].astype(float), [np.mean(single), min(single), max(single)]
    )
    assert row["difference"] == pytest.approx(np.mean(single) - seed_divergences(reference)[0])
    assert (row["n_seeds"], row["n_units"], row["n_fields"]) == (3, 350, 350)


def test_the_table_says_what_the_pairwise_comparison_says():
    rng = np.random.default_rng(0)
    models = {"a": [rounder(150, rng), rounder(150, rng)], "b": like_macaque(200, rng)}
    table = compare_models(models, reference="b", rng=np.random.default_rng(1)).set_index("arm")
    pair = paired_difference(models["a"], models["b"], rng=np.random.default_rng(2))
    assert table.loc["a", "difference"] == pytest.approx(pair.difference)
    ends = table.loc["a", ["difference_low", "difference_high"]].astype(float)
    np.testing.assert_allclose(ends, pair.interval, atol=0.02)
    assert table.loc["a", "difference_corrected"] == pytest.approx(pair.difference_corrected, abs=0.01)
    assert (table.loc["b", ["difference", "difference_low", "difference_high"]] == 0).all()


def test_the_interval_of_a_single_seed_is_that_of_the_single_comparison():
    fits = rounder(150, np.random.default_rng(0))
    row = compare_models({"a": fits}, reference="a", rng=np.random.default_rng(1)).iloc[0]
    single = compare_nx_ny(fits, rng=np.random.default_rng(2))
    np.testing.assert_allclose((row["js_low"], row["js_high"]), single.interval, atol=0.02)
    assert row["js_bits_corrected"] == pytest.approx(single.js_bits_corrected, abs=0.01)
    assert row["floor_bits"] == pytest.approx(single.floor_bits, abs=0.002)


def test_broad_tuning_and_gabor_likeness_are_counted_by_hand_over_all_seeds():
    first = pd.DataFrame({"nx": [0.2, 0.3, 0.31], "ny": [0.2, 0.3, 0.1], "gabor_like": True})
    second = pd.DataFrame({"nx": [0.5, 0.1], "ny": [0.5, 0.1], "gabor_like": [True, False]})
    table = compare_models({"a": [first, second]}, reference="a", rng=np.random.default_rng(0), n_bootstrap=2)
    row = table.iloc[0]
    assert row["broadly_tuned_share"] == 2 / 4
    assert row["gabor_like_share"] == 4 / 5
    assert (row["nx_median"], row["ny_median"]) == pytest.approx((0.305, 0.25))
    assert table.attrs["macaque_broadly_tuned_share"] == 19 / 79


@pytest.mark.parametrize("n_dead", [1, 2])
def test_a_model_with_a_seed_without_gabors_has_no_distance_and_leaves_the_others_alone(n_dead):
    fits = rounder(60, np.random.default_rng(0))
    seeds = [without_gabors(fits)] * n_dead + [fits] * (2 - n_dead)
    table = compare_models(
        {"dead": seeds, "a": fits}, reference="a", rng=np.random.default_rng(0), n_bootstrap=20
    )
    dead, alive = table.iloc[0], table.iloc[1]
    bits = [name for name in table if name.startswith(("js_", "difference"))]
    assert dead[bits].isna().all()
    assert not alive.isna().any()
    assert (dead["n_units"], dead["n_fields"]) == (60 * (2 - n_dead), 120)
    compared = paired_difference(seeds, fits, rng=np.random.default_rng(0), n_bootstrap=20)
    assert np.isnan([compared.difference, *compared.interval, compared.first_closer_share]).all()


def test_bad_input_is_refused():
    rng = np.random.default_rng(0)
    fits = rounder(10, rng)
    with pytest.raises(ValueError, match="at least one model"):
        compare_models({}, reference="a", rng=rng)
    with pytest.raises(ValueError, match="did you mean 'sailnet'"):
        compare_models({"sailnet": fits}, reference="sailnets", rng=rng)
    with pytest.raises(ValueError, match=r"'second', got one \(number 1\) of 10 rows without \['ny'\]"):
        paired_difference(fits, [fits, fits.drop(columns="ny")], rng=rng)
    with pytest.raises(ValueError, match="0 rows"):
        paired_difference(fits[:0], fits, rng=rng)
    with pytest.raises(ValueError, match="at least one table of fit_gabors for 'a'"):
        compare_models({"a": []}, reference="a", rng=rng)
    with pytest.raises(ValueError, match="at least 2 bootstrap samples"):
        paired_difference(fits, fits, rng=rng, n_bootstrap=1)

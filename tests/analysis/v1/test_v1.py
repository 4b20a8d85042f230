"""The comparison of n_x and n_y with macaque cells."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.fields.gabor import fit_gabors, gabor
from neurosim.analysis.v1.field_shape import (
    compare_nx_ny,
    nx_ny_counts,
    sampling_floor_bits,
    sweep_amplitude_bounds,
)
from neurosim.datasets.v1 import published_table

CENTRES = np.sqrt(published_table("nx_ny").edges[0][1:] * published_table("nx_ny").edges[0][:-1])


def cells_as_fits() -> pd.DataFrame:
    """Write every published cell as a unit in the middle of its bin."""
    counts = published_table("nx_ny").counts
    rows, columns = (np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices(counts.shape))
    return pd.DataFrame({"nx": CENTRES[rows], "ny": CENTRES[columns], "gabor_like": True})


def test_the_table_is_no_distance_from_itself():
    compared = compare_nx_ny(cells_as_fits(), rng=np.random.default_rng(0))
    assert compared.js_bits == 0
    assert (compared.n_units, compared.n_fields) == (79, 79)
    assert compared.broadly_tuned_share == pytest.approx(19 / 79)
    # Closer than another 79 cells would be.
    assert compared.js_bits_corrected == 0
    assert compared.interval == (0, 0)
    assert compared.floor_bits == pytest.approx(0.066, abs=0.003)


def test_units_where_no_cell_is_are_one_bit_away_and_no_more():
    far = pd.DataFrame({"nx": [1.2] * 50, "ny": [1.2] * 50, "gabor_like": True})
    compared = compare_nx_ny(far, rng=np.random.default_rng(0))
    assert compared.js_bits == pytest.approx(1)
    # Fifty units do not show that no cell at all has such a shape.
    assert compared.js_bits_corrected > 0.95
    assert 0.9 < compared.interval[0] < compared.interval[1] == 1


def test_exchanging_nx_and_ny_of_the_cells_is_noticed():
    cells = cells_as_fits().rename(columns={"nx": "ny", "ny": "nx"})
    compared = compare_nx_ny(cells, rng=np.random.default_rng(0))
    assert compared.js_bits > 2 * sampling_floor_bits(79, rng=np.random.default_rng(1))


def test_values_outside_the_table_go_to_the_outer_bins():
    counts = nx_ny_counts([0.0, 0.01, 5.0, 5.0], [0.01, 5.0, 0.0, 9.0])
    assert counts.sum() == 4
    assert [counts[corner] for corner in ((0, 0), (0, 4), (4, 0), (4, 4))] == [1, 1, 1, 1]


def test_rows_are_nx_and_columns_ny():
    assert nx_ny_counts([CENTRES[1]], [CENTRES[3]])[1, 3] == 1


@pytest.mark.parametrize(("n_units", "floor"), [(79, 0.0666), (250, 0.0446), (400, 0.0412)])
def test_the_sampling_floor_resamples_the_cells_too(n_units, floor):
    bits = sampling_floor_bits(n_units, rng=np.random.default_rng(0), n_draws=40000)
    assert bits == pytest.approx(floor, abs=0.001)


def test_only_gabor_like_units_are_compared():
    fits = cells_as_fits()
    junk = pd.DataFrame({"nx": [np.nan, 9.0], "ny": [np.nan, 9.0], "gabor_like": False})
    compared = compare_nx_ny(pd.concat([fits, junk], ignore_index=True), rng=np.random.default_rng(0))
    assert (compared.n_units, compared.n_fields) == (79, 81)
    assert compared.js_bits == 0


def test_without_gabor_like_units_the_comparison_is_nan_and_says_how_many():
    fits = cells_as_fits().assign(gabor_like=False)
    compared = compare_nx_ny(fits, rng=np.random.default_rng(0))
    assert (compared.n_units, compared.n_fields) == (0, 79)
    assert np.isnan([compared.js_bits, *compared.interval, compared.nx_median]).all()


def test_the_interval_narrows_with_more_units_but_not_below_what_79_cells_allow():
    widths = []
    for copies in (1, 20):
        # Far enough from the cells for the interval to stay clear of 0.
        narrow = cells_as_fits().query("nx > .302 and ny > .302")
        fits = pd.concat([narrow] * copies, ignore_index=True)
        low, high = compare_nx_ny(fits, rng=np.random.default_rng(0)).interval
        widths.append(high - low)
    assert 0.02 < widths[1] < widths[0]


def test_the_same_generator_gives_the_same_interval():
    draws = [compare_nx_ny(cells_as_fits(), rng=np.random.default_rng(7)).interval for _ in range(2)]
    assert draws[0] == draws[1]


def test_macaque_like_units_are_closer_than_narrowly_tuned_ones():
    rng = np.random.default_rng(0)
    like = cells_as_fits().sample(400, replace=True, random_state=0)
    narrow = pd.DataFrame(
        {"nx": rng.uniform(0.5, 1, 400), "ny": rng.uniform(0.5, 1, 400), "gabor_like": True}
    )
    near, far = compare_nx_ny(like, rng=rng), compare_nx_ny(narrow, rng=rng)
    assert near.interval[1] < far.interval[0]


def as_gabors(n_units, rng, *, size=32):
    """Draw exact Gabors whose n_x and n_y are those of the published table, at random places in their bins."""
    edges, counts = published_table("nx_ny").edges[0], published_table("nx_ny").counts
    bins = np.divmod(rng.choice(25, size=n_units, p=(counts / counts.sum()).ravel()), 5)
    nx, ny = (np.exp(rng.uniform(np.log(edges[low]), np.log(edges[low + 1]))) for low in bins)
    # An envelope of 1.5 to 4.5 pixels fits into the patch, and is no point.
    frequency = np.clip(np.sqrt(nx * ny) / 2.6, ny / 4.5, 0.3)
    return nx, ny, gabor(
        {
            "x0": size / 2 + rng.uniform(-2, 2, n_units), "y0": size / 2 + rng.uniform(-2, 2, n_units),
            "orientation": rng.uniform(0, np.pi, n_units), "frequency": frequency,
            "phase": rng.uniform(-np.pi, np.pi, n_units), "sigma_x": nx / frequency, "sigma_y": ny / frequency,
            "amplitude": 1.0,
        },
        height=size, width=size,
    )  # fmt: skip


def test_400_gabors_drawn_from_the_published_table_are_no_distance_from_it():
    rng = np.random.default_rng(0)
    _, _, fields = as_gabors(400, rng)
    compared = compare_nx_ny(fit_gabors(fields, n_starts=6), rng=rng)
    assert compared.n_units > 320
    assert compared.js_bits_corrected <= 0.01
    assert compared.interval[0] == 0
    # The control: the same fields without the broadly tuned ones and with bars twice as long.
    nx, ny, _ = as_gabors(400, rng)
    narrow = pd.DataFrame({"nx": nx, "ny": 2 * ny, "gabor_like": (nx > 0.302) | (ny > 0.302)})
    assert compare_nx_ny(narrow, rng=rng).interval[0] > 0.05


def test_the_sweep_has_one_row_per_space_and_bound_and_repeats_the_comparison():
    shape = {"orientation": [0.3, 1.0], "frequency": 0.2, "phase": [0.0, np.pi / 2], "sigma_x": [2.0, 0.9]}
    fields = gabor({"x0": 6, "y0": 6, "amplitude": 1, "sigma_y": 2, **shape}, height=12, width=12)
    spaces = {"image": fields, "whitened": fields[:1]}
    sweep = sweep_amplitude_bounds(
        spaces, rng=np.random.default_rng(0), bounds=(1.5, 3), n_bootstrap=20, n_starts=3
    )
    assert sweep["space"].tolist() == ["image", "image", "whitened", "whitened"]
    assert sweep["amplitude_bound"].tolist() == [1.5, 3, 1.5, 3]
    # The second field, odd with n_x = .18, is unidentified under the bound of 1.5 only.
    assert sweep["n_units"].tolist() == [1, 2, 1, 1]
    assert (sweep["low"] <= sweep["high"]).all()


def test_bad_input_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="without \\['gabor_like'\\]"):
        compare_nx_ny(cells_as_fits().drop(columns="gabor_like"), rng=rng)
    with pytest.raises(ValueError, match="leave out fields that have no fit"):
        nx_ny_counts([np.nan], [0.3])
    with pytest.raises(ValueError, match="equally many units"):
        nx_ny_counts([0.3, 0.3], [0.3])
    with pytest.raises(ValueError, match="at least one unit"):
        sampling_floor_bits(0, rng=rng)

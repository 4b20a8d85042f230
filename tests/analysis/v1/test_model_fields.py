"""Fields of several models: the sweep repeats the comparison, bandwidths leave out points and count them."""

import numpy as np
import pytest

from neurosim.analysis.fields.fields import spectral_bandwidths
from neurosim.analysis.fields.gabor import gabor
from neurosim.analysis.v1.field_shape import sweep_amplitude_bounds
from neurosim.analysis.v1.model_fields import bandwidth_medians, sweep_models


def drawn(n_fields, sigma, seed=0):
    rng = np.random.default_rng(seed)
    shape = {"orientation": rng.uniform(0, np.pi, n_fields), "phase": rng.uniform(-3, 3, n_fields)}
    place = {"x0": [7.5] * n_fields, "y0": 7.5, "frequency": 0.2, "amplitude": 1}
    return gabor(shape | place | {"sigma_x": sigma, "sigma_y": sigma}, height=16, width=16)


def points(n_fields):
    fields = np.zeros((n_fields, 16, 16))
    fields[:, 3, 4] = 1
    return fields


def test_the_sweep_of_models_agrees_with_the_sweep_of_one_field_set():
    models = {"narrow": [drawn(6, 2.5, seed=1), drawn(6, 2.5, seed=2)], "wide": [drawn(6, 1.2)]}
    rng = np.random.default_rng(0)
    table = sweep_models(models, rng=rng, reference="wide", bounds=(1.1, 3.0), n_bootstrap=20, n_starts=3)
    seeds = {"0": models["narrow"][0], "1": models["narrow"][1]}
    single = sweep_amplitude_bounds(seeds, rng=rng, bounds=(1.1, 3.0), n_bootstrap=20, n_starts=3)
    by_bound = single.groupby("amplitude_bound")["js_bits"]
    narrow = table[table["arm"] == "narrow"].set_index("amplitude_bound")
    assert table["arm"].tolist() == ["narrow", "wide"] * 2
    np.testing.assert_allclose(narrow["js_bits"], by_bound.mean())
    np.testing.assert_allclose(narrow["js_max"], by_bound.max())
    assert (narrow["n_units"] == single.groupby("amplitude_bound")["n_units"].sum()).all()


def test_the_bound_reaches_the_fits():
    # Odd with n_x = .2: identified under the wider bound only.
    odd = gabor(
        {"x0": [7.5], "y0": 7.5, "orientation": 0.3, "frequency": 0.2, "phase": np.pi / 2, "sigma_x": 1.0,
         "sigma_y": 2, "amplitude": 1}, height=16, width=16,
    )  # fmt: skip
    table = sweep_models(
        {"odd": [odd]}, rng=np.random.default_rng(0), bounds=(1.1, 3), n_bootstrap=2, n_starts=3
    )
    assert table["n_units"].tolist() == [0, 1]


def test_bandwidths_are_of_spread_out_fields_of_all_seeds_and_narrower_envelopes_are_broader():
    seeds = [np.concatenate([drawn(4, 2.5), points(3)]), drawn(5, 2.5, seed=1)]
    table = bandwidth_medians({"narrow": seeds, "wide": [drawn(9, 1.5)], "points": [points(2)]}).set_index(
        "arm"
    )
    assert table["n_used"].tolist() == [9, 9, 0]
    assert table["n_fields"].tolist() == [12, 9, 2]
    kept = spectral_bandwidths(np.concatenate([drawn(4, 2.5), drawn(5, 2.5, seed=1)]))
    assert table.loc["narrow", "octaves_median"] == kept["frequency_bandwidth_octaves"].median()
    assert table.loc["narrow", "degrees_median"] == kept["orientation_half_bandwidth_degrees"].median()
    assert (
        table.loc["narrow", ["octaves_q75", "degrees_q75"]]
        < table.loc["wide", ["octaves_q25", "degrees_q25"]].to_numpy()
    ).all()
    assert table.loc["points", "octaves_q25":].isna().all()


def test_fields_without_an_end_to_their_bandwidth_stay_in_as_the_broadest():
    blobs = gabor(
        {"x0": [7.5] * 3, "y0": 7.5, "orientation": 0, "frequency": 0, "phase": 0, "sigma_x": 2.5, "sigma_y": 2.5,
         "amplitude": 1}, height=16, width=16,
    )  # fmt: skip
    row = bandwidth_medians({"a": [np.concatenate([drawn(5, 2.5), blobs])]}).iloc[0]
    assert row["octaves_infinite_share"] == 3 / 8
    assert np.isfinite(row["octaves_median"])
    assert np.isinf(row["octaves_q75"])


def test_bad_input_is_refused():
    rng = np.random.default_rng(0)
    fields = drawn(2, 2.0)
    with pytest.raises(ValueError, match="at least one model"):
        sweep_models({}, rng=rng)
    with pytest.raises(ValueError, match="choose one of a"):
        sweep_models({"a": [fields]}, rng=rng, reference="zzz")
    with pytest.raises(ValueError, match="at least one bound"):
        sweep_models({"a": [fields]}, rng=rng, bounds=())
    with pytest.raises(ValueError, match="at least one model"):
        bandwidth_medians({})
    with pytest.raises(ValueError, match="at least one array of fields for 'a'"):
        bandwidth_medians({"a": []})

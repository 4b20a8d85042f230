"""The Gabor function and its fits: conventions, invariants, bounds, bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosim.analysis.fields.gabor import GABOR_PARAMETERS, fit_gabors, gabor

SHAPE = {"orientation": 0.4, "frequency": 0.16, "phase": 0.7, "sigma_x": 2.2, "sigma_y": 2.8}
FIELD = {"x0": 7.0, "y0": 8.5, "amplitude": 1.0, **SHAPE}

FIELD_IN_ORDER = [FIELD[name] for name in GABOR_PARAMETERS]


def drawn(**changes: float) -> np.ndarray:
    return gabor({**FIELD, **changes}, height=16, width=16)


def test_orientation_zero_is_a_carrier_along_the_columns():
    field = gabor({**FIELD, "orientation": 0.0, "sigma_x": 50.0, "sigma_y": 50.0}, height=16, width=16)[0]
    across_bars, along_bars = np.ptp(field, axis=1).mean(), np.ptp(field, axis=0).mean()
    assert across_bars > 1.9
    assert along_bars < 0.1


def test_the_wave_vector_turns_from_x_to_y_downwards():
    waves = gabor({**FIELD, "orientation": np.pi / 4, "sigma_x": 40, "sigma_y": 40}, height=16, width=16)[0]
    # Bars of a wave vector at 45° run along x + y = const: one step right and one up stays on the bar.
    assert np.corrcoef(waves[1:, :-1].ravel(), waves[:-1, 1:].ravel())[0, 1] > 0.99
    assert np.corrcoef(waves[:-1, :-1].ravel(), waves[1:, 1:].ravel())[0, 1] < 0.5


@pytest.mark.parametrize(("phase", "parity"), [(0.0, 1), (np.pi, 1), (np.pi / 2, -1), (-np.pi / 2, -1)])
def test_phase_zero_is_even_and_a_quarter_turn_odd_about_the_centre(phase, parity):
    field = drawn(x0=7.5, y0=7.5, phase=phase)[0]
    np.testing.assert_allclose(field[::-1, ::-1], parity * field, atol=1e-12)


def test_a_noiseless_gabor_comes_back_with_every_parameter():
    fits = fit_gabors(drawn(amplitude=3.0))
    expected = [{**FIELD, "amplitude": 3.0}[name] for name in GABOR_PARAMETERS]
    np.testing.assert_allclose(fits[list(GABOR_PARAMETERS)].to_numpy()[0], expected, rtol=1e-5)
    np.testing.assert_allclose(fits[["r2", "nx", "ny"]].to_numpy()[0], [1, 0.352, 0.448], rtol=1e-5)
    assert fits["gabor_like"].all()


def test_the_table_redraws_the_field_it_was_fitted_to():
    fields = np.concatenate([drawn(), drawn(orientation=2.9, phase=-2.0), drawn(orientation=1.6, x0=5.0)])
    np.testing.assert_allclose(gabor(fit_gabors(fields), height=16, width=16), fields, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(
    orientation=st.floats(0, np.pi, exclude_max=True),
    phase=st.floats(-np.pi, np.pi),
    frequency=st.floats(0.1, 0.3),
    scale=st.floats(1e-8, 1e8),
)
def test_fitted_parameters_stay_in_their_stated_ranges_at_any_scale(orientation, phase, frequency, scale):
    fits = fit_gabors(
        scale * drawn(orientation=orientation, phase=phase, frequency=frequency), n_starts=4
    ).iloc[0]
    assert 0 <= fits["orientation"] < np.pi
    assert -np.pi < fits["phase"] <= np.pi
    assert 0 <= fits["frequency"] <= 0.5
    assert fits["amplitude"] >= 0
    assert fits["r2"] > 0.999


def test_changing_the_sign_turns_the_phase_by_half_a_cycle_and_nothing_else():
    fits = fit_gabors(np.concatenate([drawn(), -drawn()]))
    same = [name for name in GABOR_PARAMETERS if name != "phase"]
    np.testing.assert_allclose(fits.loc[0, same].tolist(), fits.loc[1, same].tolist(), rtol=1e-6)
    assert abs(fits["phase"].diff().iloc[1]) == pytest.approx(np.pi, abs=1e-6)


def test_transposing_a_field_exchanges_the_axes():
    fits = fit_gabors(np.concatenate([drawn(), drawn().transpose(0, 2, 1)]))
    np.testing.assert_allclose(
        fits.loc[0, ["x0", "y0"]].tolist(), fits.loc[1, ["y0", "x0"]].tolist(), atol=1e-4
    )
    assert fits["orientation"].sum() == pytest.approx(np.pi / 2, abs=1e-5)
    np.testing.assert_allclose(*fits[["nx", "ny"]].to_numpy(), rtol=1e-5)


def test_a_field_is_fitted_alike_alone_and_among_others():
    rng = np.random.default_rng(3)
    fields = rng.standard_normal((5, 16, 16)) * 0.1 + drawn()
    together, alone = fit_gabors(fields), fit_gabors(fields[3:4])
    np.testing.assert_allclose(
        together.loc[3, list(GABOR_PARAMETERS)].to_numpy(dtype=float),
        alone.loc[0, list(GABOR_PARAMETERS)].to_numpy(dtype=float),
        rtol=1e-4,
    )


def test_rectangular_fields_are_fitted():
    fields = gabor({**FIELD, "x0": 14.0, "y0": 4.0}, height=10, width=20)
    fits = fit_gabors(fields)
    np.testing.assert_allclose(fits[["x0", "y0"]].to_numpy()[0], [14, 4], atol=1e-4)


@pytest.mark.parametrize("nx", [0.08, 0.12, 0.16, 0.2])
def test_a_two_lobed_field_with_small_nx_is_flagged_by_the_amplitude_bound(nx):
    fields = drawn(phase=np.pi / 2, frequency=nx / 2.5, sigma_x=2.5)
    fits = fit_gabors(fields).iloc[0]
    assert fits["r2"] > 0.95
    assert fits["amplitude"] == pytest.approx(1.5 * np.abs(fields).max())
    assert fits["at_bound"]
    assert not fits["gabor_like"]


@pytest.mark.parametrize("nx", [0.28, 0.4])
def test_a_two_lobed_field_with_larger_nx_is_identified(nx):
    fits = fit_gabors(drawn(phase=np.pi / 2, frequency=nx / 2.5, sigma_x=2.5)).iloc[0]
    assert not fits["at_bound"]
    assert fits["nx"] == pytest.approx(nx, rel=1e-3)


def test_a_looser_amplitude_bound_identifies_what_a_tighter_one_flags():
    fields = drawn(phase=np.pi / 2, frequency=0.18 / 2.5, sigma_x=2.5)
    flags = [
        fit_gabors(fields, amplitude_bound=bound)["at_bound"].iloc[0] for bound in (1.1, 1.5, 3.0, np.inf)
    ]
    assert flags == [True, True, False, False]


def test_r2_never_falls_when_the_amplitude_bound_rises():
    rng = np.random.default_rng(0)
    fields = drawn(phase=np.pi / 2, frequency=0.06) + 0.1 * rng.standard_normal((20, 16, 16))
    r2 = np.stack([fit_gabors(fields, amplitude_bound=bound)["r2"] for bound in (1.1, 1.5, 2, 3)])
    assert (np.diff(r2, axis=0) > -1e-6).all()


def test_a_blob_is_a_gabor_with_nx_near_zero_and_no_bound_hit():
    fits = fit_gabors(drawn(frequency=0.0, phase=0.0)).iloc[0]
    assert fits["r2"] > 0.999
    assert fits["nx"] < 0.1
    assert not fits["at_bound"]


def test_a_full_field_grating_passes_r2_and_is_flagged_by_its_length():
    fits = fit_gabors(drawn(sigma_x=1e3, sigma_y=1e3)).iloc[0]
    assert fits["r2"] > 0.99
    assert fits["at_bound"]
    assert not fits["gabor_like"]


def test_a_single_pixel_passes_r2_and_fails_the_participation_ratio():
    field = np.zeros((1, 16, 16))
    field[0, 5, 9] = 1
    fits = fit_gabors(field).iloc[0]
    assert fits["r2"] > 0.7
    assert fits["participation_ratio"] == 1
    assert not fits["gabor_like"]


def test_a_constant_field_gets_nan_and_no_flag_while_its_neighbours_are_fitted():
    fields = np.stack([np.zeros((16, 16)), drawn()[0], np.full((16, 16), 0.1)])
    fits = fit_gabors(fields)
    assert fits["r2"].isna().tolist() == [True, False, True]
    assert fits["gabor_like"].tolist() == [False, True, False]
    assert not fits["at_bound"].any()
    assert fit_gabors(np.zeros((2, 8, 8)))["r2"].isna().all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_field_with_a_pixel_that_is_no_number_gets_nan_and_is_counted_while_its_neighbours_are_fitted(
    value,
):
    fields = np.concatenate([drawn(), drawn(orientation=2.0), drawn(phase=-1.0)])
    whole = fit_gabors(fields)
    fields[1, 3, 4] = value
    with pytest.warns(UserWarning, match="1 of 3 fields have NaN or infinite pixels, first field 1"):
        fits = fit_gabors(fields)
    numbers = fits.drop(columns=["at_bound", "bound", "gabor_like"])
    assert numbers.isna().all(axis=1).tolist() == [False, True, False]
    assert fits["gabor_like"].tolist() == [True, False, True]
    assert fits.loc[1, "bound"] == "none"
    pd.testing.assert_frame_equal(fits.drop(index=1), whole.drop(index=1))


@pytest.mark.parametrize("shape", [(16, 16, 16), (300, 16, 16), (1, 8, 40), (300, 8, 40), (20, 10, 20)])
def test_fields_in_the_order_of_the_conventions_are_not_taken_for_matlab_ones(shape):
    assert len(fit_gabors(np.zeros(shape))) == shape[0]


def test_fields_that_look_like_matlab_ones_can_be_passed_in_parts():
    fields = gabor({**FIELD, "x0": np.full(16, 9.0)}, height=16, width=20)
    with pytest.raises(
        ValueError, match="or, if these are 16 fields of 16 × 20 pixels, pass them in two parts"
    ):
        fit_gabors(fields)
    assert (fit_gabors(fields[:8])["r2"] > 0.999).all()


# An offset.


@pytest.mark.filterwarnings("ignore:most fields lie about")
@pytest.mark.parametrize(("baseline", "highest"), [(0.1, 0.85), (0.3, 0.5), (-2.0, 0.1), (50.0, 0.1)])
def test_a_gabor_on_a_baseline_comes_back_with_an_offset_and_is_lost_without(baseline, highest):
    fields = drawn() + baseline
    fits = fit_gabors(fields, offset=True)
    np.testing.assert_allclose(fits[list(GABOR_PARAMETERS)].to_numpy()[0], [*FIELD_IN_ORDER], rtol=1e-4)
    np.testing.assert_allclose(fits[["r2", "offset"]].to_numpy()[0], [1, baseline], rtol=1e-5)
    assert fits["gabor_like"].all()
    assert fit_gabors(fields)["r2"].iloc[0] < highest


def test_adding_a_constant_changes_the_offset_and_nothing_else():
    rng = np.random.default_rng(1)
    fields = drawn() + 0.2 * rng.standard_normal((6, 16, 16))
    plain, lifted = (fit_gabors(fields + level, offset=True) for level in (0.0, 3.0))
    np.testing.assert_allclose(lifted["offset"] - plain["offset"], 3, rtol=1e-5)
    same = [*GABOR_PARAMETERS, "r2", "participation_ratio"]
    np.testing.assert_allclose(lifted[same], plain[same], rtol=1e-3)


def test_an_offset_never_makes_a_fit_worse_and_redraws_what_it_was_fitted_to():
    rng = np.random.default_rng(2)
    fields = drawn() + 0.3 * rng.standard_normal((20, 16, 16))
    with_offset, without = fit_gabors(fields, offset=True, amplitude_bound=np.inf), fit_gabors(fields)
    assert (with_offset["r2"] > without["r2"] - 1e-6).all()
    residual = fields - gabor(with_offset, height=16, width=16)
    deviation = fields.var(axis=(1, 2)) * 256
    np.testing.assert_allclose(1 - (residual**2).sum(axis=(1, 2)) / deviation, with_offset["r2"], rtol=1e-6)
    # The best constant leaves no mean.
    np.testing.assert_allclose(residual.mean(axis=(1, 2)), 0, atol=1e-9)


def test_an_offset_does_not_make_noise_or_a_constant_gabor_like():
    noise = np.random.default_rng(0).standard_normal((60, 16, 16)) + 5
    assert not fit_gabors(noise, offset=True)["gabor_like"].any()
    constant = fit_gabors(np.stack([np.full((16, 16), 0.1), drawn()[0]]), offset=True)
    assert constant["r2"].isna().tolist() == [True, False]


# What the flags say.


@pytest.mark.parametrize(
    ("changes", "bound"),
    [
        ({}, "none"),
        ({"phase": np.pi / 2, "frequency": 0.04, "sigma_x": 2.5}, "amplitude"),
        ({"sigma_y": 40.0}, "sigma_y"),
        ({"sigma_x": 1e3, "sigma_y": 1e3}, "sigma_x, sigma_y"),
    ],
)
def test_the_bound_that_was_hit_is_named(changes, bound):
    fits = fit_gabors(drawn(**changes)).iloc[0]
    assert fits["bound"] == bound
    assert fits["at_bound"] == (bound != "none")


@pytest.mark.parametrize("surround", [0.0, 0.5, 1.0])
def test_a_blob_and_a_difference_of_gaussians_count_as_gabor_like_though_no_orientation_is_in_them(surround):
    y, x = np.indices((16, 16)) - 7.3
    square = x**2 + y**2
    field = np.exp(-square / 4.5) - surround * np.exp(-square / 18) / 4
    fits = fit_gabors(field[None]).iloc[0]
    assert fits["gabor_like"]
    # Turned by a right angle it is the same field, up to the grid.
    np.testing.assert_allclose(field, field.T)


def test_the_columns_are_those_of_the_design():
    fits = fit_gabors(drawn())
    flags = ["participation_ratio", "at_bound", "bound", "gabor_like"]
    shape = [*GABOR_PARAMETERS, "r2", "nx", "ny"]
    assert fits.columns.tolist() == [*shape, *flags]
    assert fit_gabors(drawn(), offset=True).columns.tolist() == [*shape, "offset", *flags]
    assert fits[["at_bound", "gabor_like"]].dtypes.tolist() == [np.dtype(bool)] * 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (np.zeros((16, 16)), "n_fields, height, width"),
        (np.zeros((0, 16, 16)), "at least one pixel"),
        (
            np.zeros((16, 16, 300)),
            r"looks like 300 fields of 16 × 16 pixels in MATLAB's order; pass np.moveaxis",
        ),
        (np.zeros((12, 16, 300)), r"looks like 300 fields of 12 × 16 pixels"),
        (np.zeros((2, 3, 16)), "at least 4 × 4 pixels"),
    ],
)
def test_fields_that_cannot_be_fitted_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        fit_gabors(fields)


@pytest.mark.parametrize("options", [{"amplitude_bound": 0.9}, {"amplitude_bound": np.nan}, {"n_starts": 0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(ValueError, match="expected"):
        fit_gabors(drawn(), **options)


def test_drawing_without_a_parameter_names_it():
    with pytest.raises(ValueError, match="missing \\['phase'\\]"):
        gabor({name: value for name, value in FIELD.items() if name != "phase"}, height=8, width=8)


def test_drawing_accepts_a_table():
    assert gabor(pd.DataFrame([FIELD, FIELD]), height=6, width=5).shape == (2, 6, 5)


def test_fields_in_grey_values_are_told_of_unless_a_constant_is_fitted() -> None:
    shape = {"x0": 6, "y0": 6, "orientation": [0.2, 1.0, 2.0], "frequency": 0.15, "phase": 1.0}
    fields = gabor(shape | {"sigma_x": 2, "sigma_y": 2, "amplitude": 1}, height=12, width=12)
    fit_gabors(fields, n_starts=1)
    fit_gabors(fields + 0.1, n_starts=1)
    with pytest.warns(UserWarning, match=r"most fields lie about 12[67].* rather than about 0.*offset=True"):
        fit_gabors(127 + 100 * fields, n_starts=1)
    fit_gabors(127 + 100 * fields, n_starts=1, offset=True)
    one_is_grey = np.concatenate([fields, 127 + 100 * fields[:1], np.full((5, 12, 12), 9.0)])
    fit_gabors(one_is_grey, n_starts=1)

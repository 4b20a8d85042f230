"""The Gabor function and its fits: conventions, invariants, bounds, bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosim.analysis.gabor import GABOR_PARAMETERS, fit_gabors, gabor

SHAPE = {"orientation": 0.4, "frequency": 0.16, "phase": 0.7, "sigma_x": 2.2, "sigma_y": 2.8}
FIELD = {"x0": 7.0, "y0": 8.5, "amplitude": 1.0, **SHAPE}


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


def test_the_columns_are_those_of_the_design():
    fits = fit_gabors(drawn())
    flags = ["participation_ratio", "at_bound", "gabor_like"]
    assert fits.columns.tolist() == [*GABOR_PARAMETERS, "r2", "nx", "ny", *flags]
    assert fits[["at_bound", "gabor_like"]].dtypes.tolist() == [np.dtype(bool)] * 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (np.zeros((16, 16)), "n_fields, height, width"),
        (np.zeros((0, 16, 16)), "at least one pixel"),
        (np.full((2, 16, 16), np.nan), "first in field 0"),
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

"""Traces follow the exact solution closely enough to be looked at, and say what they are measured in."""

import numpy as np
import pytest
from reference_lca import random_dictionary
from scipy.integrate import solve_ivp

from neurosim.networks import LCA, WLSC, TopographicLCA

TAU = 0.01
RNG = np.random.default_rng(5)
STIMULI = RNG.standard_normal((3, 9))
# A random one, and one so stiff that forward Euler is stable only below tau/20.
DICTIONARIES = {
    "random": random_dictionary(20, 9, RNG),
    "stiff": random_dictionary(40, 9, RNG) * 0.2 + np.eye(9)[np.zeros(40, dtype=int)],
}


def charging_error(**options):
    """Largest relative error of a leaky membrane that a constant stimulus charges from silence."""
    net = LCA.from_dictionary(np.eye(1), threshold=10.0, presentation="50 ms", backend="numpy", **options)
    u = net.simulate([[2.0]], record=("u",))["u"][1:, 0, 0]
    exact = 2.0 * -np.expm1(-u["time"] / TAU)
    return float(np.abs(u / exact - 1).max())


def exact_membranes(dictionary, stimulus, times):
    """Membranes of an LCA with threshold .3, by an integrator of high order with tight tolerances."""
    lateral = dictionary @ dictionary.T - np.eye(len(dictionary))

    def slope(_, u):
        return (dictionary @ stimulus - u - lateral @ (u - np.clip(u, -0.3, 0.3))) / TAU

    start = np.zeros(len(dictionary))
    return solve_ivp(
        slope, (0, times[-1] + 1e-9), start, method="RK45", t_eval=times, rtol=1e-9, atol=1e-9
    ).y.T


def test_a_leaky_membrane_charges_exponentially_within_one_per_cent():
    assert charging_error() < 0.0101
    # The steps that settling takes are for something else.
    assert charging_error(dt="5 ms") > 0.1


def test_half_the_step_is_half_the_error():
    errors = [charging_error(dt=f"{dt} ms") for dt in (0.2, 0.1, 0.05)]
    np.testing.assert_allclose(np.divide(errors[:-1], errors[1:]), 2, rtol=0.02)


@pytest.mark.parametrize("name", DICTIONARIES)
def test_a_population_follows_the_exact_solution_within_one_per_cent_of_its_largest_potential(name):
    dictionary = DICTIONARIES[name]
    net = LCA.from_dictionary(dictionary, threshold=0.3, presentation="60 ms", backend="numpy")
    u = net.simulate(STIMULI, record=("u",))["u"]
    for k, stimulus in enumerate(STIMULI):
        exact = exact_membranes(dictionary, stimulus, u["time"].to_numpy())
        assert np.abs(u[:, k] - exact).max() < 0.01 * np.abs(exact).max()


def test_a_given_step_is_kept_and_the_last_step_ends_the_presentation():
    options = {"presentation": "40 ms", "backend": "numpy"}
    given = LCA.from_dictionary(np.eye(2), dt="4 ms", **options).simulate([[1.0, 0.0]])["time"]
    np.testing.assert_allclose(given, 4e-3 * np.arange(10), atol=1e-12)
    chosen = LCA.from_dictionary(np.eye(2), **options).simulate([[1.0, 0.0]], every=10)["time"]
    np.testing.assert_allclose(chosen, 2e-3 * np.arange(20), atol=1e-12)


@pytest.mark.parametrize("code", ["nonnegative", "simplex"])
def test_networks_with_steps_of_their_own_are_recorded_finely_too(code):
    net = WLSC.from_dictionary(3 * np.eye(4), code=code, presentation="20 ms", backend="numpy")
    assert net.simulate([[1.0, 0.0, 0.0, 0.5]], record=("u",))["time"].diff("time").max() <= TAU / 50 + 1e-12


def test_variables_say_what_they_are_measured_in():
    net = LCA.from_dictionary(
        np.eye(2), form="residual", membrane_terms="- v/mV - g", presentation="2 ms", backend="numpy",
        extra_equations="dv/dt = (a*mV - v)/(20*ms) : volt\ndg/dt = (a - g)/(20*ms) : 1",
    )  # fmt: skip
    traces = net.simulate([[1.0, 0.0]], record=("u", "a", "s", "r", "v", "g"))
    units = {name: traces[name].attrs.get("units") for name in traces}
    stimuli = dict.fromkeys(("u", "a", "s", "r"), "unit of the stimuli")
    # What the user's dimensionless variable stands for is the user's to say.
    assert units == stimuli | {"v": "V", "g": None}
    assert traces["time"].attrs["units"] == "s"


def test_fields_of_free_norm_have_a_unit_of_their_own():
    net = WLSC.from_dictionary(np.eye(2), presentation="2 ms", backend="numpy")
    traces = net.simulate([[1.0, 0.0]], record=("u", "a"))
    assert traces["u"].attrs["units"] == "unit of the stimuli times unit of the fields"
    assert traces["a"].attrs["units"] == "unit of the stimuli over unit of the fields"
    unit = WLSC.from_dictionary(np.eye(2), norm="unit", presentation="2 ms", backend="numpy")
    assert unit.simulate([[1.0, 0.0]])["a"].attrs["units"] == "unit of the stimuli"
    sheet = TopographicLCA.from_dictionary(np.eye(9), presentation="2 ms", backend="numpy")
    assert sheet.simulate(np.ones((1, 9)))["u"].attrs["units"] == "unit of the stimuli"

"""Impossible input of the spiking networks is refused with what was expected, what was got and what to do."""

import numpy as np
import pytest
from brian2 import mV
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from spiking_cases import BATCH, NETWORKS, einet, patches, sailnet, spiking_lca, started

from neurosim.engine.errors import DivergenceError
from neurosim.networks.spiking.checks import RateWatch
from neurosim.networks.spiking.spiking_lca import SpikingLCA

STIMULI = patches(BATCH, seed=8)


@pytest.fixture(params=NETWORKS)
def make(request):
    return NETWORKS[request.param]


@pytest.fixture
def net(make):
    return started(make(), STIMULI)


@pytest.mark.parametrize("method", ["fit", "partial_fit", "transform", "score", "simulate", "spike_counts"])
@pytest.mark.parametrize(("value", "name"), [(np.nan, "NaN"), (-np.inf, "infinity")])
def test_a_pixel_that_is_not_finite_is_named(net, method, value, name):
    stimuli = STIMULI.copy()
    stimuli[3, 1] = value
    message = (
        rf"expected finite pixels, got {name} at stimulus 3, pixel 1 \(1 NaN or infinite values in all\)"
    )
    with pytest.raises(ValueError, match=message):
        getattr(net, method)(stimuli)


@pytest.mark.parametrize("method", ["partial_fit", "transform", "score", "simulate"])
def test_a_wrong_number_of_pixels_is_refused(net, method):
    with pytest.raises(ValueError, match=r"X has 24 features, but .* is expecting 25 features"):
        getattr(net, method)(STIMULI[:, :24])


@pytest.mark.parametrize("shape", [(0, 25), (25,), (2, 5, 5)])
def test_stimuli_that_are_no_matrix_or_empty_are_refused(net, shape):
    with pytest.raises(ValueError, match=r"0 sample|Expected 2D array|dim 3"):
        net.transform(np.zeros(shape))


@pytest.mark.parametrize("method", ["transform", "simulate", "inverse_transform", "assemble"])
def test_a_network_that_has_not_learned_says_so(make, method):
    with pytest.raises(NotFittedError):
        getattr(make(), method)(*([] if method == "assemble" else [STIMULI]))


@pytest.mark.parametrize(
    ("name", "value", "near"),
    [
        ("learning_rate_schedule", "cosin", "cosine"),
        ("backend", "cpp_standalon", "cpp_standalone"),
        ("initial_dictionary", "stimulus", "stimuli"),
    ],
)
def test_an_unknown_option_is_told_the_near_one(make, name, value, near):
    with pytest.raises(ValueError, match=f"{name}: expected one of .*got '{value}'; did you mean '{near}'"):
        make(**{name: value}).fit(STIMULI)


@pytest.mark.parametrize(("make", "value"), [(sailnet, "equalization"), (einet, "treshold")])
def test_an_unknown_homeostasis_is_told_the_near_one(make, value):
    near = {"equalization": "equalisation", "treshold": "threshold"}[value]
    with pytest.raises(ValueError, match=f"homeostasis: expected one of .*'{value}'; did you mean '{near}'"):
        make(homeostasis=value).fit(STIMULI)


SHARED = [
    ("n_neurons", 0), ("n_neurons", 2.5), ("batch_size", True), ("n_epochs", -1), ("learning_rate", np.inf),
    ("learning_rate", -1.0), ("noise", -0.1), ("noise", np.nan), ("tau", "10"), ("tau", 10), ("tau", 10 * mV),
    ("dt", "0 ms"), ("presentation", "10 apples"), ("refractory", "-1 ms"), ("delay", "soon"),
    ("initial_dictionary", np.zeros((20, 25))), ("initial_dictionary", np.ones((3, 25))),
]  # fmt: skip
OWN = [
    (sailnet, "target_rate", 0.0), (sailnet, "initial_threshold", -2.0), (sailnet, "lateral_rate", -1.0),
    (sailnet, "field_rate", "fast"), (sailnet, "homeostasis_rate", np.nan),
    (einet, "n_inhibitory", 0), (einet, "tau_inhibitory", "5"), (einet, "inhibitory_rate", 0),
    (einet, "excite_rate", -0.7), (einet, "inhibit_rate", np.inf), (einet, "disinhibit_rate", -1),
    (spiking_lca, "threshold", -0.1), (spiking_lca, "charge", 0.0), (spiking_lca, "pairs", "no"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), SHARED)
def test_an_impossible_parameter_is_named_with_its_value(make, name, value):
    with pytest.raises(ValueError, match=f"{name}: expected .*got "):
        make().set_params(**{name: value}).fit(STIMULI)


@pytest.mark.parametrize(("make", "name", "value"), OWN)
def test_an_impossible_parameter_of_its_own_is_named_with_its_value(make, name, value):
    with pytest.raises(ValueError, match=f"{name}: expected .*got "):
        make(**{name: value}).fit(STIMULI)


def test_a_step_longer_than_the_presentation_is_refused(net):
    with pytest.raises(ValueError, match="dt: expected at most the presentation '2 ms', got '3 ms'"):
        net.set_params(dt="3 ms", presentation="2 ms").transform(STIMULI)


def test_a_step_longer_than_the_time_constant_of_sailnet_is_refused():
    with pytest.raises(ValueError, match=r"dt: expected at most tau='2 ms', .* got '3 ms'"):
        sailnet(dt="3 ms", tau="2 ms").fit(STIMULI)


@pytest.mark.parametrize("dictionary", [np.zeros(4), np.zeros((0, 4)), [[1, np.nan]]])
def test_a_dictionary_that_is_no_finite_matrix_is_refused(dictionary):
    with pytest.raises(ValueError, match="expected a finite dictionary of shape"):
        SpikingLCA.from_dictionary(dictionary)


def test_a_code_of_another_population_or_of_other_stimuli_is_refused(net):
    with pytest.raises(ValueError, match=r"expected a code of shape \(n_stimuli, 20\), got \(5, 7\)"):
        net.inverse_transform(np.zeros((5, 7)))
    with pytest.raises(ValueError, match="expected one code per stimulus, got 1 for 40 stimuli"):
        net.objective(STIMULI, np.zeros((1, 20)))


def test_an_unknown_trace_or_population_is_told_those_that_exist(net, caplog):
    cases = {
        (
            "inhibitoin",
        ): "record: expected one of .*'inhibition'.*got 'inhibitoin'; did you mean 'inhibition'",
        ("tau",): "record: expected one of .*got 'tau'",
        (): "record: expected one of .*got ''",
        "spike": "record: expected one of 'spikes', .*got 'spike'; did you mean 'spikes'",
        "neuron.spikes": r"record: expected one of 'spikes', .*got 'neuron.spikes'",
    }
    for record, message in cases.items():
        with pytest.raises(ValueError, match=message):
            net.simulate(STIMULI, record=record)
    with pytest.raises(ValueError, match="every: expected a whole number of at least 1, got 0"):
        net.simulate(STIMULI, record=("u",), every=0)
    # Nothing was built in vain, of which Brian2 would complain.
    assert "never included in a network" not in caplog.text


# A population out of the range in which it can learn.


def test_a_population_that_falls_silent_stops_learning_with_batch_rate_and_parameter():
    stimuli = np.tile(STIMULI, (13, 1))
    message = (
        r"population 'neurons' fell silent: 0 spikes per stimulus and neuron in the last 3 runs up to batch 120; .*"
        r"grown too strong: lower initial_threshold=30.0 or learning_rate=1.0, or show more stimuli"
    )
    with pytest.raises(DivergenceError, match=message):
        sailnet(initial_threshold=30.0, presentation="5 ms", batch_size=4).fit(stimuli)


def test_a_silent_inhibitory_population_is_named_too():
    net = einet(presentation="5 ms", batch_size=4, homeostasis="none", initial_threshold=0.3)
    net.partial_fit(STIMULI)
    net.inhibitory_thresholds_ += 100
    with pytest.raises(
        DivergenceError, match=r"population 'inhibitory' fell silent: .*lower initial_threshold=0.3"
    ):
        net.partial_fit(np.tile(STIMULI, (13, 1)))


@pytest.mark.parametrize(
    ("make", "name", "parameters"),
    [
        (sailnet, "neurons", "initial_threshold=1.0 or homeostasis_rate=0.1"),
        (einet, "excitatory", "initial_threshold=1.0 or homeostasis_rate=1.0"),
        (spiking_lca, "neurons", "threshold=1.0 or charge=0.2"),
    ],
)
def test_a_population_that_fires_in_every_step_stops_learning(make, name, parameters, backend):
    # Potentials of the others have no unit: what is loud for them is what comes after silence.
    own = {"pairs": False} if make is spiking_lca else {"standardise": False}
    net = make(initial_dictionary=np.ones((20, 25)), backend=backend, **own)
    n_steps = net._timing().n_steps
    message = (
        rf"population '{name}' fires in every step: {n_steps} spikes per stimulus and neuron in {n_steps} steps at "
        rf"batch 1; the threshold is too low .*: raise {parameters}"
    )
    started(net, np.full((BATCH, 25), 1e-4))
    with pytest.raises(DivergenceError, match=message):
        net.partial_fit(np.full((BATCH, 25), 1e4))


def test_a_population_that_fires_now_and_then_may_go_on():
    watch = RateWatch(n_steps=50, remedies=sailnet()._remedies())
    silent, busy, always = np.zeros((4, 3)), np.full((4, 3), 47.0), np.full((4, 3), 48.0)
    for counts in (silent, silent, busy, silent, silent):
        watch.look({"neurons": counts}, batch=1)
    with pytest.raises(DivergenceError, match="fell silent"):
        watch.look({"neurons": silent}, batch=1)
    with pytest.raises(DivergenceError, match="fires in every step"):
        RateWatch(n_steps=50, remedies=sailnet()._remedies()).look({"neurons": always}, batch=1)


def test_weights_that_run_away_are_a_divergence_and_no_code(backend):
    net = sailnet(field_rate=1e12, lateral_rate=1e12, backend=backend)
    with pytest.raises(
        DivergenceError,
        match=r"no finite number after 50 steps of batch \d of the run; weights have run away: lower learning_rate=1.0",
    ):
        net.fit(patches(8 * BATCH))


# What explains a membrane that is no number.


def test_a_parameter_declared_in_the_equations_is_refused_since_nothing_could_set_it(make):
    options = {
        "membrane_terms": "- g",
        "extra_equations": "dg/dt = (n - g)/tau_g : 1\ntau_g : second (shared)",
    }
    message = r"extra_equations: .* the parameter tau_g, .* stays 0: .* namespace=\{'tau_g': ...\}"
    with pytest.raises(ValueError, match=message):
        make(**options).fit(STIMULI)


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        (
            {"membrane_terms": "+ 1/gap", "namespace": {"gap": 0.0}},
            r"the namespace gives gap = 0.0, .*divide by",
        ),
        ({"noise": 1e99}, r"no membrane can take noise=1e\+99: pass a smaller one"),
    ],
)
def test_a_membrane_that_is_no_number_is_explained_by_what_is_set(net, make, changed, cause):
    for call in (net.set_params(**changed).transform, net.simulate, make(**changed).fit):
        with pytest.raises(
            DivergenceError, match=rf"(no finite number after \d+ steps|divide by zero).*; {cause}"
        ):
            call(STIMULI)


def test_terms_that_drive_a_membrane_beyond_any_number_are_named():
    with pytest.raises(
        DivergenceError, match=r"no finite number .*membrane_terms='\+ 1e200' .* make them smaller"
    ):
        spiking_lca(membrane_terms="+ 1e200").fit(STIMULI)
    # A membrane that is reset to zero stays a number, and fires all the time.
    with pytest.raises(DivergenceError, match=r"fires in every step: .* or change membrane_terms='\+ 1e200'"):
        sailnet(membrane_terms="+ 1e200").fit(STIMULI)


def test_stimuli_of_an_absurd_size_are_refused_where_they_have_a_unit():
    for make in (spiking_lca, lambda: sailnet(standardise=False)):
        with pytest.raises(ValueError, match=r"largest pixel is between 1e-15 and 1e\+15, got .*e\+200"):
            make().fit(1e200 * STIMULI)
    np.testing.assert_array_equal(
        sailnet().fit(2.0**600 * STIMULI).dictionary_, sailnet().fit(STIMULI).dictionary_
    )


# What a fit that went wrong is told.


def test_a_population_of_which_most_stay_silent_is_warned_of():
    # A few neurons see what there is; the fields of the others are at right angles to it.
    stimuli = STIMULI.copy()
    stimuli[:, 5:] = 0
    options = {"initial_dictionary": np.eye(25)[:20], "threshold": 2.0}
    with pytest.warns(ConvergenceWarning, match=r"15 of 20 neurons stayed silent .* lower threshold=2.0"):
        spiking_lca(**options, charge=1.0).fit(3 * stimuli)


@pytest.mark.parametrize("homeostasis", ["threshold", "none"])
def test_a_silent_sailnet_is_told_what_its_homeostasis_could_do(homeostasis):
    remedy = {
        "threshold": "lower initial_threshold=30.0 .*homeostasis_rate=0.1",
        "none": "set homeostasis='none'",
    }
    with pytest.warns(ConvergenceWarning, match=f"20 of 20 neurons stayed silent .*{remedy[homeostasis]}"):
        sailnet(initial_threshold=30.0, homeostasis=homeostasis).fit(STIMULI)


def test_a_dense_code_is_warned_of_and_a_sparse_one_is_not():
    with pytest.warns(ConvergenceWarning, match=r"the code is dense: [5-9]\d% .* raise threshold=0.1"):
        spiking_lca(threshold=0.1).fit(STIMULI)
    assert spiking_lca().fit(STIMULI).usage_.mean() < 0.4

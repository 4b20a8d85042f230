"""Membranes of a whole picture move as those of plain Brian2 synapses between the same neurons."""

import brian2
import numpy as np
import pytest
from reference_convolution import Convolution, random_fields

from neurosim.networks import ConvolutionalLCA

SHAPE, THRESHOLD, TAU, DT, STEPS = (8, 8), 0.3, 10.0, 0.5, 60  # pixels, 1, ms, ms
RNG = np.random.default_rng(5)
FIELDS = random_fields(3, (3, 3), RNG)
PICTURE = RNG.standard_normal(SHAPE)
CASES = [("valid", 1), ("torus", 1), ("torus", 2)]


def placed(boundary, stride):
    """Every neuron's field among the pixels, one row per neuron."""
    reference = Convolution(FIELDS, SHAPE, (stride, stride), boundary)
    n = np.prod(reference.positions) * len(FIELDS)
    codes = np.eye(n).reshape(n, *reference.positions, len(FIELDS))
    return np.stack([reference.picture(code).ravel() for code in codes])


def plain_brian2(rows, form):
    """Membranes at every step, with one synapse for each pair that has a weight."""
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"
    step = DT * brian2.ms
    goal = "drive - u - inhibition" if form == "lateral" else "excitation + a - u"
    neurons = brian2.NeuronGroup(
        len(rows),
        f"""du/dt = ({goal}) / ({TAU}*ms) : 1
        a = u - clip(u, -{THRESHOLD}, {THRESHOLD}) : 1
        drive : 1
        inhibition : 1
        excitation : 1""",
        method="euler",
        dt=step,
    )
    parts = [neurons]
    if form == "lateral":
        neurons.drive = rows @ PICTURE.ravel()
        overlaps = rows @ rows.T - np.eye(len(rows))
        parts.append(connected(neurons, neurons, overlaps, into="inhibition", sends="a", step=step))
    else:
        pixels = brian2.NeuronGroup(
            rows.shape[1], "s : 1\nprediction : 1\nr = s - prediction : 1", dt=step, method="euler"
        )
        pixels.s = PICTURE.ravel()
        predict = connected(neurons, pixels, rows, into="prediction", sends="a", step=step)
        excite = connected(pixels, neurons, rows.T, into="excitation", sends="r", step=step)
        # Neurons hear of a residual only once it knows the present activity.
        (later,), (sooner,) = excite.summed_updaters.values(), predict.summed_updaters.values()
        sooner.order = later.order - 1
        parts += [pixels, predict, excite]
    watch = brian2.StateMonitor(neurons, "u", record=True, dt=step)
    brian2.Network(*parts, watch).run(STEPS * step)
    return np.array(watch.u).T


def connected(source, target, weights, *, into, sends, step):
    synapses = brian2.Synapses(source, target, f"w : 1\n{into}_post = w * {sends}_pre : 1 (summed)", dt=step)
    before, after = np.nonzero(weights)
    synapses.connect(i=before, j=after)
    synapses.w = weights[before, after]
    return synapses


def network(boundary, stride, form, backend="numpy"):
    return ConvolutionalLCA.from_dictionary(
        FIELDS[..., 0], stride=stride, boundary=boundary, form=form, threshold=THRESHOLD, tau=f"{TAU} ms", epsilon=0,
        tolerance=0, dt=f"{DT} ms", presentation=f"{STEPS * DT} ms", backend=backend,
    )  # fmt: skip


# Steps this long oscillate where fields stand at every pixel, in both simulations alike.
@pytest.mark.filterwarnings("ignore:dt = .* exceeds the stability bound")
@pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("boundary", "stride"), CASES)
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_trajectories_are_those_of_plain_synapses(form, boundary, stride):
    expected = plain_brian2(placed(boundary, stride), form)
    net = network(boundary, stride, form)
    traces = net.simulate(PICTURE[np.newaxis], record=("u",))["u"].isel(stimulus=0).to_numpy()
    np.testing.assert_allclose(traces, expected[: len(traces)], atol=1e-12)
    assert np.abs(expected[-1]).max() > THRESHOLD


@pytest.mark.filterwarnings("ignore:dt = .* exceeds the stability bound")
@pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("boundary", "stride"), CASES[1:])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_the_loop_over_whole_presentations_ends_where_they_do(form, boundary, stride, backend):
    potential = plain_brian2(placed(boundary, stride), form)[-1]
    code = network(boundary, stride, form, backend).transform(PICTURE[np.newaxis]).ravel()
    # Brian2's monitor saw the last step begin; one more step ends it.
    rows = placed(boundary, stride)
    activity = potential - np.clip(potential, -THRESHOLD, THRESHOLD)
    goal = rows @ (PICTURE.ravel() - activity @ rows) + activity
    last = potential + DT / TAU * (goal - potential)
    np.testing.assert_allclose(code, last - np.clip(last, -THRESHOLD, THRESHOLD), atol=1e-12)

"""Pathways with shared weights, and their learning rule, give the sums over all pairs on every backend."""

import numpy as np
import pytest
from brian2 import Clock, Network, NeuronGroup, ms

from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.errors import RuleError
from neurosim.engine.presentation import Presentation
from neurosim.engine.program import Program
from neurosim.engine.shared.grid import Grid
from neurosim.engine.shared.pathways import ConvolutionPathway, SharedPathway
from neurosim.engine.shared.plasticity import SharedPlasticity
from neurosim.engine.shared.weights import SharedFields, SharedOverlaps, compare_shared, shared_overlaps

RNG = np.random.default_rng(4)
CELLS = "a : 1\nexcitation : 1\ninhibition : 1"
PIXELS = "s : 1\nprediction : 1"
GRID = Grid((6, 8), (3, 4), (1, 2), "torus", 2)
VALUES = RNG.standard_normal((3, GRID.field_size))


def learned(backend, rule, **options):
    """Show two pictures once, with an activity that stays, and return what pathways and weights hold then."""
    with activated(backend):
        if backend == "cpp_standalone":
            fresh_standalone_device()
        clock = Clock(1 * ms, name="shared_clock")
        n = 2 * 3 * GRID.n_positions
        cells = NeuronGroup(n, CELLS, clock=clock, name="cells", namespace={})
        pixels = NeuronGroup(2 * GRID.n_pixels, PIXELS, clock=clock, name="pixels", namespace={})
        fields = SharedFields(VALUES, GRID)
        overlaps = SharedOverlaps(shared_overlaps(VALUES, GRID), GRID)
        parts = [
            ConvolutionPathway(cells, pixels, fields, transmits="a", into="prediction", name="predict"),
            ConvolutionPathway(pixels, cells, fields.T, transmits="2*s", into="excitation", name="excite"),
            SharedPathway(cells, cells, overlaps, transmits="a", into="inhibition", name="inhibit"),
        ]
        presentation = Presentation(
            pixels, "s", n_replicas=2, capacity=1, collected={"a": cells.variables["a"]}, reset=[],
            watched=(cells, "a"), settling="a",
        )  # fmt: skip
        plasticity = SharedPlasticity(pixels, cells, fields, rule=rule, presentation=presentation, **options)
        presentation.learning.append(compare_shared(fields, overlaps))
        network = Network(pixels, cells, *parts, presentation.scheduled(clock))
        program = Program(network, clock=clock, backend=backend, float_dtype=np.float64)
    active = RNG.standard_normal(n) * (np.arange(n) % 3 == 0)
    shown = RNG.standard_normal(2 * GRID.n_pixels)
    for variable, values in {
        cells.variables["a"]: active,
        presentation.block.array("stimuli"): shown,
        plasticity.parameter("eta"): [0.3],
        presentation.block.array("control"): [0, 0, 1, 3, 2, -1, 0, 0, 0, 0],
        presentation.block.array("pace"): [1e-3, 1e-3, np.inf],
    }.items():
        program.write(variable, values)
    program.run(dt=1e-3)
    read = {name: program.read(cells.variables[name]) for name in ("excitation", "inhibition")}
    read |= {"prediction": program.read(pixels.variables["prediction"])}
    read |= {"fields": program.read(fields.variable), "table": program.read(overlaps.variable)}
    return active.reshape(2, -1), shown.reshape(2, -1), read


def placed(values):
    """Every neuron's field among the pixels."""
    rows = []
    for row, column in np.ndindex(*GRID.positions):
        for field in values.reshape(3, 3, 4, 2):
            canvas = np.zeros((6, 8, 2))
            for i, j in np.ndindex(3, 4):
                canvas[(row + i) % 6, (2 * column + j) % 8] += field[i, j]
            rows.append(canvas.ravel())
    return np.array(rows)


def check(backend):
    active, shown, read = learned(backend, "w += eta*(a_post*s_pre - a_post**2*w*s_pre**2)")
    # Pathways transmit once more after the fields have learned, before the network stops.
    matrix = placed(read["fields"])
    np.testing.assert_allclose(read["prediction"], (active @ matrix).ravel(), atol=1e-12)
    np.testing.assert_allclose(read["excitation"], 2 * (shown @ matrix.T).ravel(), atol=1e-12)
    gram = matrix @ matrix.T - np.eye(len(matrix))
    np.testing.assert_allclose(read["inhibition"], (active @ gram).ravel(), atol=1e-11)
    # Each neuron's own increment, added up over positions and divided by replicas and fields that fill the picture.
    expected = VALUES.copy()
    for value, picture in zip(active, shown, strict=True):
        canvas = picture.reshape(6, 8, 2)
        for at, activity in zip(np.ndindex(*GRID.positions), value.reshape(-1, 3), strict=True):
            seen = np.roll(canvas, (-at[0], -2 * at[1]), axis=(0, 1))[:3, :4].ravel()
            change = np.outer(activity, seen) - np.outer(activity**2, seen**2) * VALUES
            expected += 0.3 * change / (2 * 4)
    np.testing.assert_allclose(read["fields"].reshape(3, -1), expected, atol=1e-12)
    np.testing.assert_allclose(read["table"].reshape(3, -1), shared_overlaps(expected, GRID), atol=1e-11)


def test_sums_and_increments_are_those_of_all_pairs(backend):
    check(backend)


def test_a_rule_without_both_neurons_is_refused():
    with pytest.raises(RuleError, match="terms name a variable of either neuron and no mean"):
        learned("numpy", "w += eta*(a_post*s_pre - w)")


def test_constraints_that_need_more_than_a_field_are_refused():
    with pytest.raises(ValueError, match="unknown constraint 'dale' of shared fields"):
        learned("numpy", "w += eta*a_post*s_pre", constraints=("dale",))


def test_weights_of_another_grid_are_refused():
    with (
        activated("numpy"),
        pytest.raises(ValueError, match=r"shape \(n_features, 24\), got an array of shape \(3, 5\)"),
    ):
        SharedFields(np.ones((3, 5)), GRID)
    with activated("numpy"):
        cells = NeuronGroup(70, CELLS, name="too_few", namespace={})
        pixels = NeuronGroup(96, PIXELS, name="enough", namespace={})
        fields = SharedFields(VALUES, GRID)
        with pytest.raises(ValueError, match="want 72 source and 96 target neurons"):
            ConvolutionPathway(cells, pixels, fields, transmits="a", into="prediction")

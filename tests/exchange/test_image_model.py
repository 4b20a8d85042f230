"""Networks as models that others call: images in, responses out, in pixels or degrees."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from saving_cases import NEEDS_JAX, PARAMETERS, fitted

import neurosim
from neurosim.exchange import ImageModel
from neurosim.front_end.front_end import FrontEnd
from neurosim.networks import LCA


def _images(n=3, side=4, seed=0):
    return np.random.default_rng(seed).random((n, side, side))


def test_a_network_without_a_front_end_answers_images_as_its_stimuli(graded):
    images = _images()
    model = ImageModel(graded)
    assert (model.identifier, model.image_shape, model.n_units) == ("LCA", (4, 4), 12)
    assert model.visual_degrees is None
    np.testing.assert_array_equal(model.respond(images), graded.transform(images.reshape(3, -1)))
    np.testing.assert_array_equal(model(images), model.respond(images))


@pytest.mark.parametrize("name", ["sailnet", "einet", "spiking-lca"])
def test_spiking_networks_answer_with_their_code(name, learned, stimuli):
    model = ImageModel(learned[name])
    np.testing.assert_array_equal(model.respond(stimuli.reshape(-1, 4, 4)), learned[name].transform(stimuli))


def test_a_run_sees_images_through_its_own_front_end(run):
    from neurosim import load

    network, images = load(run), _images(4, side=8)
    model = ImageModel(run)
    rows = network.front_end_.rows(images).astype(np.float32)
    assert model.identifier == "einet-0"
    np.testing.assert_array_equal(model.respond(images), network.transform(rows))


def test_images_of_eight_bits_are_told_of_where_a_front_end_sees_them(graded):
    images = np.round(255 * _images()).astype(np.uint8)
    model = ImageModel(graded, front_end=FrontEnd(gain=2.0))
    with pytest.warns(UserWarning, match=r"images of 8 bits, up to \d+, .* from 0 to 1; divide them by 255"):
        model.respond(images)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.respond(images / 255)
        ImageModel(graded).respond((images > 127).astype(np.uint8))


def test_relays_are_channels_of_one_image():
    fields = np.random.default_rng(0).random((5, 2 * 16))
    model = ImageModel(LCA.from_dictionary(fields, threshold=0.1), front_end=FrontEnd(on_off="split"))
    assert model.image_shape == (4, 4)
    assert model.respond(_images()).shape == (3, 5)


def test_images_at_other_pixels_per_degree_are_brought_to_the_models_own(graded):
    model = ImageModel(graded, pixels_per_degree=8)
    assert model.visual_degrees == (0.5, 0.5)
    coarse = _images()
    fine = np.kron(coarse, np.ones((4, 4)))
    seen = model.respond(fine, pixels_per_degree=32)
    assert np.corrcoef(seen.ravel(), model.respond(coarse).ravel())[0, 1] > 0.9
    np.testing.assert_array_equal(model.respond(coarse, pixels_per_degree=8), model.respond(coarse))


def test_no_image_is_cut_or_filled(graded):
    model = ImageModel(graded, pixels_per_degree=8)
    with pytest.raises(
        ValueError, match=r"expected images of 4 × 4 pixels \(0.5 × 0.5 degrees\), got 5 × 5 pixels"
    ):
        model.respond(_images(side=5))
    with pytest.raises(ValueError, match=r"got 5 × 5 pixels \(0.312 × 0.312 degrees\)"):
        model.respond(_images(side=5), pixels_per_degree=16)


def test_what_a_model_was_not_told_is_asked_for(graded):
    with pytest.raises(ValueError, match=r"ImageModel\(network, pixels_per_degree=...\)"):
        ImageModel(graded).respond(_images(), pixels_per_degree=8)
    with pytest.raises(ValueError, match="pixels_per_degree: expected a number above 0, got -1"):
        ImageModel(graded, pixels_per_degree=-1)
    with pytest.raises(ValueError, match=r"pass shape=\(height, width\)"):
        ImageModel(LCA.from_dictionary(np.eye(12), threshold=0.1))


LINKED = {"LinkedLCA", "OrdinalLinkedLCA", "ConvolutionalLinkedLCA"}


@pytest.mark.parametrize("name", sorted(LINKED))
def test_a_network_of_several_modalities_is_refused(name):
    with pytest.raises(ValueError, match="sees images alone, got one that sees left, right at once"):
        ImageModel(fitted(name))


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - LINKED - {"ComplexCells"}))
def test_every_network_that_sees_images_is_a_model(name):
    if name in NEEDS_JAX:
        pytest.importorskip("jax")
    network, shape = fitted(name), (4, 4)
    model, images = ImageModel(network, shape=shape), _images()
    rows = images.reshape(3, -1).astype(network.dictionary_.dtype)
    answers = model.respond(images)
    assert answers.shape == (3, model.n_units)
    np.testing.assert_array_equal(answers, network.transform(rows).astype(np.float64))


def test_the_laboratory_takes_a_model_as_its_units():
    from neurosim.laboratory import orientation_tuning
    from neurosim.stimuli import VisualField

    # Upright bars, as in the example of `orientation_tuning`.
    upright = np.tile(np.cos(np.pi * np.arange(16) / 2), (16, 1)).ravel()
    model = ImageModel(LCA.from_dictionary([upright], threshold=0.1), pixels_per_degree=8)
    unit = {"x_deg": 0.0, "y_deg": 0.0, "frequency_cpd": 2.0}
    tuned = orientation_tuning(model, unit, field=VisualField(height=16, width=16, pixels_per_degree=8))
    assert np.argmax(tuned.response.max("phase_rad")[0].data) == 6


def test_a_program_of_someone_else_calls_it(run, tmp_path):
    program = tmp_path / "benchmark.py"
    program.write_text(
        "import sys\n"
        "import numpy as np\n"
        "from neurosim.exchange import ImageModel\n"
        "model = ImageModel(sys.argv[1], pixels_per_degree=6.0)\n"
        "answers = model.respond(np.random.default_rng(0).random((5, 16, 16)), pixels_per_degree=12.0)\n"
        "assert np.isfinite(answers).all()\n"
        "print(model.identifier, *answers.shape, *model.image_shape)\n"
    )
    # From another folder, as a program of its own.
    own = {**os.environ, "PYTHONPATH": str(Path(neurosim.__file__).parents[1])}
    words = [sys.executable, str(program), str(run)]
    told = subprocess.run(words, cwd=tmp_path, env=own, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["einet-0", "5", "12", "8", "8"]

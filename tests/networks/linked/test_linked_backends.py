"""Linked networks give the same numbers on every backend."""

import functools

import numpy as np
import pytest
from linked_cases import BATCH, MEAN_SQUARE, WEIGHTS, fields, linked, ordinal, stimuli

from neurosim.engine.backend import require_backend
from neurosim.engine.errors import BackendError

# Shown as briefly as to plain loops.
pytestmark = pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")

START = np.hstack(list(fields().values()))
# Five batches and a short one.
STIMULI = stimuli(6 * BATCH - 3)
LABELS = np.arange(len(STIMULI["left"])) % 3
LEFT = {"left": STIMULI["left"][:20]}
KINDS = {
    "each": lambda **options: linked(**options).fit(STIMULI),
    "joint": lambda **options: linked(norm="joint", **options).fit(STIMULI),
    "ordinal": lambda **options: ordinal(norm="joint", current=0.3, **options).fit(STIMULI, LABELS),
    "ordinal each": lambda **options: ordinal(current=0.3, **options).fit(STIMULI, LABELS),
}


@functools.cache
def trained(backend, kind, form):
    options = {
        "weights": WEIGHTS,
        "initial_dictionary": START,
        "learning_rate": 4.0 * MEAN_SQUARE,
        "n_epochs": 2,
    }
    return KINDS[kind](form=form, backend=backend, learning_rate_schedule="linear", **options)


def check_same(backend, kind, form):
    plain, net = trained("numpy", kind, form), trained(backend, kind, form)
    for name in ("dictionary_", "lateral_", "history_"):
        np.testing.assert_allclose(getattr(net, name), getattr(plain, name), atol=1e-9, err_msg=name)
    np.testing.assert_array_equal(net.usage_, plain.usage_)
    for shown in (STIMULI, LEFT):
        np.testing.assert_allclose(net.transform(shown), plain.transform(shown), atol=1e-9)


@pytest.fixture
def cython():
    try:
        require_backend("cython")
    except BackendError as error:
        pytest.skip(str(error))
    return "cython"


def test_two_epochs_of_learning_and_the_codes_agree(cython):
    check_same(cython, "ordinal", "lateral")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["lateral", "residual"])
@pytest.mark.parametrize("kind", KINDS)
def test_two_epochs_of_learning_and_the_codes_agree_for_every_kind(compiled_backend, kind, form):
    check_same(compiled_backend, kind, form)


@pytest.mark.parametrize("kind", ["joint", "ordinal each"])
def test_both_forms_learn_the_same_fields(kind):
    longer = {"presentation": "2 second", "dt": None, "tolerance": 1e-6}
    lateral, residual = (
        KINDS[kind](form=form, weights=WEIGHTS, initial_dictionary=START, **longer)
        for form in ("lateral", "residual")
    )
    np.testing.assert_allclose(residual.dictionary_, lateral.dictionary_, atol=1e-5)


def test_learning_changes_the_fields_and_the_current_the_learning_by_far_more_than_the_tolerance():
    learned = {kind: trained("numpy", kind, "lateral").dictionary_ for kind in KINDS}
    assert all(np.abs(rows - START).max() > 0.1 for rows in learned.values())
    assert np.abs(learned["ordinal"] - learned["joint"]).max() > 0.1
    assert np.abs(learned["ordinal each"] - learned["each"]).max() > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_learning_without_one_modality_agrees_across_backends(compiled_backend, form):
    options = {
        "weights": WEIGHTS,
        "initial_dictionary": START,
        "learning_rate": 4.0 * MEAN_SQUARE,
        "form": form,
    }
    nets = [linked(backend=name, **options).fit(STIMULI) for name in ("numpy", compiled_backend)]
    before = nets[1].dictionaries_["right"]
    for net in nets:
        # One modality alone drives them less.
        net.set_params(threshold=0.2).partial_fit(LEFT)
    np.testing.assert_allclose(nets[1].dictionary_, nets[0].dictionary_, atol=1e-9)
    np.testing.assert_allclose(nets[1].dictionaries_["right"], before, atol=1e-15)


@pytest.mark.slow
def test_single_precision_agrees_across_backends(compiled_backend):
    single = {name: array.astype(np.float32) for name, array in STIMULI.items()}
    nets = [
        ordinal(weights=WEIGHTS, initial_dictionary=START, norm="joint", backend=name).fit(single, LABELS)
        for name in ("numpy", compiled_backend)
    ]
    assert nets[1].dictionary_.dtype == np.float32
    np.testing.assert_allclose(nets[1].dictionary_, nets[0].dictionary_, atol=1e-5)
    np.testing.assert_allclose(nets[1].transform(single), nets[0].transform(single), atol=1e-5)

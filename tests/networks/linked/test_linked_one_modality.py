"""A linked network of one modality is the LCA, to the last bit."""

import numpy as np
import pandas as pd
import pytest
from linked_cases import SIZES, linked, stimuli

from neurosim.networks import LCA

# Shown as briefly as to plain loops.
pytestmark = pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")

SEEN = stimuli(37)["left"]
FORMS = ("lateral", "residual")
LEARNED = ("dictionary_", "lateral_", "usage_", "dead_neurons_")


def options(form, **changed):
    """What both estimators are given: their defaults differ in two parameters."""
    common = {
        "form": form,
        "nonnegative": True,
        "initial_dictionary": "stimuli",
        "learning_rate": 2.0 / SIZES["left"],
    }
    return {**linked().get_params(), **common, **changed}


def lca(**parameters):
    own = {name: value for name, value in parameters.items() if name in LCA().get_params()}
    return LCA(**own).fit(SEEN)


def assert_same(net, alone, shown):
    for name in LEARNED:
        np.testing.assert_array_equal(getattr(net, name), getattr(alone, name), err_msg=name)
    pd.testing.assert_frame_equal(net.history_, alone.history_, check_exact=True)
    np.testing.assert_array_equal(net.transform(shown), alone.transform(SEEN))
    assert net.transform(shown).any()
    assert net.score(shown) == alone.score(SEEN)
    assert net.equations == alone.equations


@pytest.mark.parametrize("named", [True, False], ids=["mapping", "plain array"])
@pytest.mark.parametrize("form", FORMS)
def test_one_modality_learns_and_encodes_as_an_lca_does(form, named, backend):
    parameters = options(form, backend=backend, n_epochs=2)
    shown = {"left": SEEN} if named else SEEN
    assert_same(linked(**parameters).fit(shown), lca(**parameters), shown)


@pytest.mark.parametrize("changed", [{"norm": "joint"}, {"weights": {"left": 1}}, {"nonnegative": False}])
def test_it_does_so_with_either_norm_a_weight_of_one_and_signed_codes(changed):
    parameters = options("lateral", **changed)
    assert_same(linked(**parameters).fit({"left": SEEN}), lca(**parameters), {"left": SEEN})


def test_it_does_so_piece_by_piece_and_with_default_steps():
    parameters = options("lateral", dt=None, epsilon=None, presentation="200 ms")
    alone, net = lca(**parameters), linked(**parameters).fit({"left": SEEN})
    assert_same(net.partial_fit({"left": SEEN[:11]}), alone.partial_fit(SEEN[:11]), {"left": SEEN})


def test_any_other_weight_is_another_network():
    parameters = options("lateral")
    alone, net = lca(**parameters), linked(**parameters | {"weights": {"left": 1.5}}).fit({"left": SEEN})
    assert np.abs(net.transform({"left": SEEN}) - alone.transform(SEEN)).max() > 1e-2


def test_a_plain_array_is_a_modality_that_can_be_recalled():
    net = linked().fit(SEEN)
    assert net.modalities_ == {"stimulus": SIZES["left"]}
    np.testing.assert_array_equal(
        net.recall(SEEN, want="stimulus"), net.inverse_transform(net.transform(SEEN))
    )
    np.testing.assert_array_equal(net.transform({"stimulus": SEEN}), net.transform(SEEN))


def test_a_given_dictionary_may_be_a_plain_array_too():
    rows = 2 * stimuli(5)["left"]
    net, alone = (cls.from_dictionary(rows, nonnegative=True) for cls in (type(linked()), LCA))
    np.testing.assert_array_equal(net.dictionaries_["stimulus"], rows)
    np.testing.assert_array_equal(net.transform(SEEN), alone.transform(SEEN))

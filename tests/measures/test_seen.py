import numpy as np
import pytest

from neurosim.measures.seen import dictionaries, rebuilt, shown_to, side_by_side
from neurosim.networks import LCA
from neurosim.networks.linked.linked_lca import LinkedLCA
from neurosim.stimuli.kinds.stimuli import only

_SEEN, _HEARD = np.eye(3), np.eye(3)[:, :2]


@pytest.fixture
def linked() -> LinkedLCA:
    return LinkedLCA.from_dictionary({"seen": _SEEN, "heard": _HEARD}, threshold=0.1, backend="numpy")


def test_a_network_that_links_is_shown_modalities_and_another_its_only_one(linked: LinkedLCA) -> None:
    rows = {"seen": np.ones((2, 3))}
    assert set(shown_to(linked, rows)) == {"seen"}
    assert shown_to(LCA(), rows) is rows["seen"]
    assert only(rows) is rows["seen"]
    with pytest.raises(ValueError, match="too many values"):
        shown_to(LCA(), rows | {"heard": np.ones((2, 2))})


def test_codes_stand_for_every_modality_present_or_not(linked: LinkedLCA) -> None:
    code = np.array([[0.0, 2.0, 1.0]])
    made = rebuilt(linked, code, ["seen", "heard"], present=["seen"])
    np.testing.assert_array_equal(made["seen"], code)
    np.testing.assert_array_equal(made["heard"], [[0.0, 2.0]])
    shown = {"seen": np.array([[0.0, 2.1, 1.1]])}
    np.testing.assert_allclose(
        linked.recall(shown, want="heard"),
        rebuilt(linked, linked.transform(shown), ["seen", "heard"], present=["seen"])["heard"],
    )


def test_what_is_absent_is_recalled_through_weights_of_its_own_and_what_is_present_is_not() -> None:
    rows = {"seen": np.tile(_SEEN, (4, 1)), "heard": np.tile(_SEEN, (4, 1))}
    net = LinkedLCA(
        3, threshold=0.1, completion={"heard": 5.0}, batch_size=6, backend="numpy", random_state=0
    )
    code = net.fit(rows).transform({"seen": _SEEN})
    absent, present = (
        rebuilt(net, code, list(rows), present=names) for names in (["seen"], ["seen", "heard"])
    )
    np.testing.assert_array_equal(absent["heard"], code @ net.recall_weights_["heard"])
    np.testing.assert_array_equal(present["heard"], code @ net.dictionaries_["heard"])
    assert np.abs(absent["heard"] - present["heard"]).max() > 1e-3
    np.testing.assert_array_equal(absent["seen"], present["seen"])


def test_fields_of_a_network_of_one_modality_have_its_name() -> None:
    network = LCA.from_dictionary(_SEEN, backend="numpy")
    assert list(dictionaries(network, ["seen"])) == ["seen"]
    np.testing.assert_array_equal(rebuilt(network, np.eye(3), ["seen"], present=["seen"])["seen"], _SEEN)


def test_modalities_stand_side_by_side_in_the_order_asked_for() -> None:
    rows = {"a": np.zeros((2, 1)), "b": np.ones((2, 2)), "c": np.full((2, 1), 2.0)}
    np.testing.assert_array_equal(side_by_side(rows, ["b", "a"]), [[1, 1, 0]] * 2)

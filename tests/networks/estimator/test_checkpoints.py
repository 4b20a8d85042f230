"""Every network that was interrupted while it learned ends as if it had not been, bit for bit."""

import warnings
from itertools import count

import numpy as np
import pandas as pd
import pytest

from neurosim import Checkpoint, networks
from neurosim.networks.estimator import checkpoint as module
from neurosim.networks.estimator.checkpoint_file import read_state, write_state
from tests.networks.saving_cases import CLASSES, NEEDS_JAX, PARAMETERS, SEQUENCES, WINDOWS, shown

NAMES = sorted(PARAMETERS)
# With small runs of batches, so that there is much to be interrupted, and all that has a state of its own.
MORE = {
    "LCA": {"n_epochs": 6, "reseed_dead": True, "initial_dictionary": "stimuli"},
    "WLSC": {"n_epochs": 6, "locality_ramp": 0.5},
    "OrdinalLinkedLCA": {
        "n_epochs": 4,
        "initial_threshold": 1.5,
        "final_current": 0.0,
        "block_inhibition": 0.1,
    },
    "SAILnet": {"n_epochs": 50, "homeostasis": "variance_gain"},
    "EINet": {"n_epochs": 50},
    "SpikingLCA": {"n_epochs": 50, "presentation": "2 ms"},
    "ComplexCells": {"batch_size": 1},
    "SVAE": {"n_epochs": 3},
}
INPUTS = {"LocalLowDimensionality": WINDOWS, "ComplexCells": np.tile(SEQUENCES, (4, 1, 1))}
FAST = 1e-9


class Killed(BaseException):
    """In place of a kill."""


def network(name, **changed):
    parameters = PARAMETERS[name] | MORE.get(name, {"n_epochs": 4}) | changed
    return getattr(networks, name)(9, **parameters)


def learned(net, name, checkpoint=None, stimuli=None):
    rows = INPUTS.get(name, shown(name)) if stimuli is None else stimuli
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of how little it has learned
        return net.fit(rows, *([CLASSES] if name == "OrdinalLinkedLCA" else []), checkpoint=checkpoint)


def state_of(net):
    """All that fit leaves, but for the time it took."""
    return {name: value for name, value in vars(net).items() if not name.startswith("seconds_")}


def assert_same(one, other):
    assert set(one) == set(other)
    for name, value in one.items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(value, other[name], check_exact=True)
        elif isinstance(value, dict):
            assert_same(value, other[name])
        elif isinstance(value, np.random.RandomState):
            assert_same(value.get_state(legacy=False), other[name].get_state(legacy=False))
        elif isinstance(value, list | tuple):
            assert_same(dict(enumerate(value)), dict(enumerate(other[name])))
        else:
            np.testing.assert_array_equal(value, other[name], err_msg=name)


@pytest.fixture
def killed_after(monkeypatch):
    """Have learning end at once after so many times of writing."""

    def set_to(n_writes):
        written = count(1)

        def write(path, state):
            write_state(path, state)
            if next(written) == n_writes:
                raise Killed

        monkeypatch.setattr(module, "write_state", write)

    return set_to


@pytest.mark.parametrize("name", NAMES)
def test_a_network_killed_again_and_again_ends_as_if_nothing_had_been(name, tmp_path, killed_after):
    if name in NEEDS_JAX:
        pytest.importorskip("jax")
    kept = Checkpoint(tmp_path / "training.npz", seconds=FAST)
    whole = learned(network(name), name)
    for n_writes in (1, 2, 1):
        killed_after(n_writes)
        with pytest.raises(Killed):
            learned(network(name), name, kept)
    killed_after(0)
    assert_same(state_of(learned(network(name), name, kept)), state_of(whole))
    # One that is over has nothing left to learn.
    killed_after(1)
    assert_same(state_of(learned(network(name), name, kept)), state_of(whole))


@pytest.mark.parametrize("name", ["LCA", "SAILnet"])
@pytest.mark.parametrize("state", [None, np.random.RandomState])
def test_a_generator_goes_on_where_it_was(name, state, tmp_path, killed_after):
    kept = Checkpoint(tmp_path / "training.npz", seconds=FAST)
    killed_after(1)
    with pytest.raises(Killed):
        learned(network(name, random_state=state and state(5)), name, kept)
    killed_after(0)
    resumed = learned(network(name, random_state=state and state(5)), name, kept)
    if state is not None:
        assert_same(state_of(resumed), state_of(learned(network(name, random_state=state(5)), name)))
    # Without a seed nobody can tell beforehand, but it is one training: started from the same fields.
    began = read_state(tmp_path / "training.npz").state["began"]
    rng = np.random.default_rng()
    rng.bit_generator.state = began
    again = learned(network(name, random_state=rng), name)
    np.testing.assert_array_equal(again.dictionary_, resumed.dictionary_)


def test_a_film_goes_on_with_the_states_of_its_membranes(tmp_path, killed_after):
    kept = Checkpoint(tmp_path / "training.npz", seconds=FAST)
    settings = {"carry_over": True, "presentation": "5 ms"}
    whole = learned(network("LCA", **settings), "LCA")
    killed_after(2)
    with pytest.raises(Killed):
        learned(network("LCA", **settings), "LCA", kept)
    killed_after(0)
    resumed = learned(network("LCA", **settings), "LCA", kept)
    assert_same(state_of(resumed), state_of(whole))
    # Without those states it would not have been the same.
    found = read_state(tmp_path / "training.npz")
    assert any(values.any() for values in found.state["states"].values())


@pytest.mark.parametrize("changed", [{"random_state": 4}, {"threshold": 2.0}, {"batch_size": 30}])
def test_other_parameters_or_seeds_are_refused_and_the_network_stays_as_it_was(changed, tmp_path):
    net = learned(network("LCA"), "LCA", tmp_path / "training.npz")
    before = net.dictionary_.copy()
    net.set_params(**changed)
    with pytest.raises(ValueError, match=r"training.npz' is of another training \(other parameters\)"):
        learned(net, "LCA", tmp_path / "training.npz")
    np.testing.assert_array_equal(net.dictionary_, before)


def test_other_stimuli_networks_and_versions_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "training.npz"
    learned(network("LCA"), "LCA", path)
    with pytest.raises(ValueError, match=r"other stimuli\)"):
        learned(network("LCA"), "LCA", path, stimuli=shown("LCA") * (1 + 1e-15))
    with pytest.raises(ValueError, match="other network"):
        learned(network("SAILnet"), "SAILnet", path)
    monkeypatch.setattr(module, "versions_here", lambda: "neurosim 0.0")
    with pytest.raises(ValueError, match=r"was written by neurosim .*, and here is neurosim 0\.0"):
        learned(network("LCA"), "LCA", path)


def test_a_short_training_writes_once_at_its_end(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(module, "write_state", lambda path, state: written.append(path.name))
    learned(network("LCA"), "LCA", tmp_path / "training.npz")
    assert written == ["training.npz"]


def test_a_full_disc_does_not_end_learning(tmp_path, monkeypatch):
    def full(path, state):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_state", full)
    kept = Checkpoint(tmp_path / "training.npz", seconds=FAST)
    whole = learned(network("SAILnet", n_epochs=4), "SAILnet")
    with pytest.warns(UserWarning, match=r"cannot be written \(No space left on device\); learning goes on"):
        resumed = network("SAILnet", n_epochs=4).fit(shown("SAILnet"), checkpoint=kept)
    assert_same(state_of(resumed), state_of(whole))


def test_impossible_checkpoints_are_refused_before_anything_is_learned(tmp_path):
    with pytest.raises(
        ValueError, match=r"checkpoint: expected a file in a folder that exists, got '.*nowhere"
    ):
        network("LCA").fit(shown("LCA"), checkpoint=tmp_path / "nowhere" / "training")
    with pytest.raises(ValueError, match="seconds: expected a finite number above zero, got 0"):
        Checkpoint(tmp_path / "training", seconds=0)

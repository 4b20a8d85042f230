"""Conditions learn one after the other from the same patches, each in its own unit."""

from pathlib import Path
from typing import Any

import numpy as np

from neurosim import Checkpoint
from neurosim.runs.conditions import Condition, Conditions
from neurosim.stimuli.kinds.stimuli import PATCHES, Stimuli


class _Network:
    """Keeps what it was shown."""

    seconds_compile_ = 2.0

    def fit(self, stimuli: Any, labels: Any, *, progress: Any, checkpoint: Any = None) -> None:
        assert labels is None
        self.shown, self.kept = stimuli, checkpoint
        progress({"stage": "compile"})


def test_every_condition_is_shown_the_same_patches_in_its_own_unit_and_kept_in_a_file_of_its_own(
    tmp_path: Path,
) -> None:
    patches = np.random.default_rng(0).normal(size=(7, 16))
    stimuli = Stimuli(
        training={PATCHES: patches}, held_out={PATCHES: patches}, shapes={PATCHES: (4, 4)}, sources={}
    )
    networks = {how: _Network() for how in ("none", "std", "norm")}
    events: list[Any] = []
    conditions = Conditions([Condition(f"by_{how}", network, how) for how, network in networks.items()])
    kept = Checkpoint(tmp_path / "network.npz", seconds=7)
    assert conditions.fit(stimuli, progress=events.append, checkpoint=kept).seconds_compile_ == 6
    assert networks["std"].kept == Checkpoint(tmp_path / "by_std.npz", seconds=7)
    assert networks["none"].shown is patches
    np.testing.assert_allclose(networks["std"].shown, patches / patches.std(axis=1, keepdims=True))
    np.testing.assert_allclose(
        networks["norm"].shown, patches / np.linalg.norm(patches, axis=1, keepdims=True)
    )
    assert [event["stage"] for event in events] == ["train", "compile"] * 3
    assert events[2]["step"] == "condition by_std, 2 of 3"

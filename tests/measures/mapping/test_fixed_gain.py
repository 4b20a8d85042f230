"""One gain for all images: the network's own where it learned with one, else that of the patches on average."""

import numpy as np
import pytest

from neurosim.measures.mapping.fixed_gain import fixed_gain_front_end, reach
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.kinds.photograph_patches import photographs
from neurosim.stimuli.kinds.photographs import PhotographSection
from neurosim.stimuli.kinds.stimuli import Stimuli, only


def stimuli(normalise: str) -> Stimuli:
    section = PhotographSection(
        photographs=["camera"], patch_size=8, n_train=300, n_test=20, normalise=normalise, dtype="float64"
    )
    return photographs(section, training_rng=np.random.default_rng(0), held_out_rng=np.random.default_rng(1))


def test_a_network_that_learned_with_one_gain_keeps_its_front_end() -> None:
    given, rng = stimuli("mean"), np.random.default_rng(0)
    assert fixed_gain_front_end(given, margin=8, rng=rng) is given.front_end
    assert rng.random() == np.random.default_rng(0).random()  # nothing was drawn


def test_where_each_patch_had_its_own_images_come_out_as_strong_as_patches() -> None:
    given = stimuli("std")
    assert given.image_space is not None
    front_end = fixed_gain_front_end(given, margin=8, rng=np.random.default_rng(0))
    assert front_end is not given.front_end
    assert front_end.normalise is None
    windows = np.stack(
        [given.image_space.pictures[0][row : row + 64, row : row + 64] for row in range(0, 340, 30)]
    )
    inside = front_end.apply(windows)[..., 8:-8, 8:-8]
    assert np.sqrt((inside**2).mean()) == pytest.approx(np.sqrt((only(given.training) ** 2).mean()), rel=0.5)


def test_a_whitening_matrix_reaches_no_further_than_its_patch() -> None:
    given = stimuli("std")
    assert given.image_space is not None
    assert reach(given.image_space.whitener, 8) == 8
    assert reach(ZCA(), 8) == 0

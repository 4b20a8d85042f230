"""Films without their motion, as controls."""

import numpy as np

from neurosim.stimuli import stilled


def test_whole_grey_levels_wander_as_the_same_ones_with_a_point_do():
    levels = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 5)).astype(np.uint8)
    still = stilled(levels, rng=0)
    np.testing.assert_array_equal(still, stilled(levels.astype(np.float64), rng=0))
    np.testing.assert_allclose(still, stilled(levels.astype(np.float32), rng=0), atol=1e-3)
    assert len(np.unique(still[0, :, 2, 2])) == 6

"""How a data set is cut into runs."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from neurosim.networks.lca.presentation import chunks


@given(
    n_stimuli=st.integers(1, 2000),
    n_replicas=st.integers(1, 50),
    capacity=st.integers(1, 40),
    growing=st.booleans(),
)
def test_runs_cover_every_stimulus_once_in_whole_batches_up_to_the_capacity(
    n_stimuli, n_replicas, capacity, growing
):
    parts = list(chunks(n_stimuli, n_replicas=n_replicas, capacity=capacity, growing=growing))
    assert parts[0].start == 0
    assert parts[-1].stop == n_stimuli
    assert all(left.stop == right.start for left, right in pairwise(parts))
    sizes = [part.stop - part.start for part in parts]
    assert all(size % n_replicas == 0 for size in sizes[:-1])
    assert max(sizes) <= n_replicas * capacity


def test_growing_runs_double_from_one_batch():
    stops = [part.stop for part in chunks(100, n_replicas=5, capacity=4, growing=True)]
    assert stops == [5, 15, 35, 55, 75, 95, 100]
    assert [part.stop for part in chunks(50, n_replicas=5, capacity=4)] == [20, 40, 50]

"""The Jensen–Shannon divergence: closed forms and what it is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon

from neurosim.analysis.v1.divergence import jensen_shannon_bits, row_divergences

HISTOGRAMS = arrays(np.int64, (5, 5), elements=st.integers(0, 50)).filter(lambda counts: counts.sum() > 0)


@given(p=HISTOGRAMS, q=HISTOGRAMS)
def test_divergence_is_symmetric_bounded_and_zero_only_for_equal_shares(p, q):
    bits = jensen_shannon_bits(p, q)
    assert 0 <= bits <= 1 + 1e-12
    assert jensen_shannon_bits(q, p) == pytest.approx(bits, abs=1e-12)
    assert jensen_shannon_bits(p, 3 * p) == pytest.approx(0, abs=1e-12)
    assert (bits < 1e-12) == np.allclose(p / p.sum(), q / q.sum())


def test_disjoint_histograms_are_one_bit_apart():
    assert jensen_shannon_bits([3, 2, 0, 0], [0, 0, 1, 9]) == pytest.approx(1)


def test_half_overlap_has_its_closed_form():
    # P = (½, ½, 0), Q = (0, ½, ½): the shared bin costs nothing, the others ½·½·log₂ 2 each
    assert jensen_shannon_bits([1, 1, 0], [0, 1, 1]) == pytest.approx(0.5)


@given(p=HISTOGRAMS, q=HISTOGRAMS)
def test_it_is_the_divergence_and_not_scipys_distance(p, q):
    distance = jensenshannon(p.ravel(), q.ravel(), base=2)
    assert jensen_shannon_bits(p, q) == pytest.approx(distance**2, abs=1e-7)


def test_rows_are_compared_with_a_single_row_or_pairwise():
    p, q = np.array([[1, 1, 0]]), np.array([[0, 1, 1], [1, 1, 0]])
    np.testing.assert_allclose(row_divergences(p, q), [0.5, 0])
    np.testing.assert_allclose(row_divergences(q, q), [0, 0])


@pytest.mark.parametrize("other", [[1, 2, 3], [0, 0], [-1, 2], [np.nan, 1]])
def test_what_is_no_histogram_on_the_same_bins_is_refused(other):
    with pytest.raises(ValueError, match="expected"):
        jensen_shannon_bits([1, 1], other)

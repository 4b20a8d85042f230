"""The divergence of a posterior from a prior, by quadrature."""

from itertools import pairwise

import numpy as np
from scipy import stats
from scipy.integrate import quad

from neurosim.networks.estimator.jax_arrays import NUMPY


def quadrature(prior, mean, sd):
    """∫ q (log q − log p), over the normal deviate, in parts that meet where a prior has its kink or its spike."""

    def integrand(deviate):
        log_q = stats.norm.logpdf(deviate) - np.log(sd)
        return stats.norm.pdf(deviate) * (log_q - prior.log_density(mean + sd * deviate, NUMPY))

    inner = [(z - mean) / sd for z in (-0.3, 0.0, 0.3)]
    edges = np.unique(np.clip([-13, -6, 0, 6, 13, *inner], -13, 13))
    return sum(quad(integrand, *part, epsabs=1e-9, limit=200)[0] for part in pairwise(edges))

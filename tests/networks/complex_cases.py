"""Complex cells small enough for tests, and sequences that they learn from."""

import numpy as np

from neurosim.networks import ComplexCells


def films(n_sequences=130, n_codes=2, n_simple=6, seed=0):
    """Sparse activity that goes over to the neighbour, cell 0 to 1 and back, 2 to 3 and so on."""
    rng = np.random.default_rng(seed)
    causes = rng.exponential(size=(n_sequences, n_simple // 2)) * (
        rng.random((n_sequences, n_simple // 2)) < 0.4
    )
    codes = np.zeros((n_sequences, n_codes, n_simple))
    for k in range(n_codes):
        codes[:, k, k % 2 :: 2] = causes
    return codes + 0.05 * rng.random(codes.shape)


def cells(**options):
    return ComplexCells(**{"size": 2, "backend": "numpy", "batch_size": 20, **options})

"""The dictionary learners that are compared, each in pieces so that the clock can stop while others look."""

import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.held_out import held_out_objective
from benchmarks.problem import PATCH, Float32s, training_patches
from benchmarks.settings import THREADS, THRESHOLD

__all__ = ["package_pieces", "scikit_learn_pieces", "seconds_to_reach", "starting_fields", "train_dl"]

N_NEURONS = 256
N_TRAINING = 100_000
_PEER_BATCH = 256

# Of the package: the rate falls linearly over so many patches and then stays low, found on another starting point.
_BATCH, _RATE, _FALLS_OVER, _LEAST = 100, 0.5, 40_000, 0.04
_PIECE = 2_000  # patches between two looks

Piece = Callable[[Float32s], Float32s]


def starting_fields(seed: int) -> Float32s:
    """Return the fields everybody starts from: some training patches, scaled to unit norm."""
    patches = training_patches(N_TRAINING)
    rows = patches[np.random.default_rng(seed).choice(len(patches), size=N_NEURONS, replace=False)]
    fields: Float32s = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return fields


def train_dl(seed: int, *, seconds: float, n_threads: int = THREADS) -> tuple[float, int]:
    """Return the held-out objective after SPAMS has learned for so many seconds, and the batches it has seen."""
    import spams

    columns = np.asfortranarray(training_patches(N_TRAINING).T)
    fields, model = spams.trainDL(
        columns,
        return_model=True,
        D=np.asfortranarray(starting_fields(seed).T),
        K=N_NEURONS,
        lambda1=THRESHOLD,
        mode=2,
        batchsize=_PEER_BATCH,
        iter=-int(seconds),
        numThreads=n_threads,
        verbose=False,
    )
    return held_out_objective(fields.T, threshold=THRESHOLD), int(model["iter"])


def seconds_to_reach(pieces: str, seed: int, *, objective: float, limit: float) -> tuple[float, float, int]:
    """Let a learner go on until its held-out objective is as low as another's.

    Parameters
    ----------
    pieces : str
        Name of a function of this module that begins a learner.
    seed : int
    objective : float
    limit : float
        Seconds after which to give up.

    Returns
    -------
    seconds : float
        Of learning alone: the clock stands still while the objective is measured.
    reached : float
        The objective at the end, above the wanted one where the learner gave up.
    n_patches : int
        Patches it has seen.
    """
    begin: Callable[[int], Piece] = globals()[pieces]
    learn, total, seen = begin(seed), 0.0, 0
    for part in _parts(seed):
        started = time.perf_counter()
        fields = learn(part)
        total += time.perf_counter() - started
        seen += len(part)
        reached = held_out_objective(fields, threshold=THRESHOLD)
        if reached <= objective or total >= limit:
            return total, reached, seen
    raise AssertionError("the parts never end")


def package_pieces(seed: int) -> Piece:
    """Begin `LCA` with the common fields, compiled beforehand."""
    from neurosim.networks import LCA

    net = LCA(
        N_NEURONS,
        threshold=THRESHOLD,
        batch_size=_BATCH,
        initial_dictionary=starting_fields(seed),
        backend="cython",
        random_state=seed,
    )
    # One piece on a network of the same design compiles what all of them use.
    LCA(**{**net.get_params(), "learning_rate": 0.0}).partial_fit(training_patches(_PIECE))
    seen = 0

    def learn(patches: Float32s) -> Float32s:
        nonlocal seen
        net.set_params(learning_rate=_RATE * max(1 - seen / _FALLS_OVER, _LEAST))
        net.partial_fit(patches)
        seen += len(patches)
        fields: Float32s = net.dictionary_
        return fields

    return learn


def scikit_learn_pieces(seed: int) -> Piece:
    """Begin `MiniBatchDictionaryLearning` with the common fields."""
    from sklearn.decomposition import MiniBatchDictionaryLearning

    # Its code's tolerance is out of reach of single precision, where coordinate descent uses up all iterations.
    learner = MiniBatchDictionaryLearning(
        N_NEURONS,
        alpha=THRESHOLD,
        batch_size=_PEER_BATCH,
        fit_algorithm="cd",
        dict_init=starting_fields(seed).astype(np.float64),
        random_state=seed,
    )

    def learn(patches: Float32s) -> Float32s:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Objective did not converge")
            for start in range(0, len(patches), _PEER_BATCH):
                learner.partial_fit(patches[start : start + _PEER_BATCH].astype(np.float64))
        return np.asarray(learner.components_, dtype=np.float32)

    return learn


def _parts(seed: int) -> Iterator[Float32s]:
    """Yield the training patches in random order, again and again, a piece at a time."""
    patches, rng = training_patches(N_TRAINING), np.random.default_rng(seed)
    assert patches.shape[1] == PATCH**2
    while True:
        order = rng.permutation(len(patches))
        for start in range(0, len(order), _PIECE):
            yield patches[order[start : start + _PIECE]]

"""A network of Gabors that do not act on each other, on a few patches, for all tests of the laboratory's measure."""

from functools import cache

import numpy as np

from neurosim.analysis.fields.gabor import gabor
from neurosim.measures.context import Context
from neurosim.measures.laboratory import LABORATORY
from neurosim.networks import LCA
from neurosim.recipes.recipe import Recipe
from neurosim.recipes.run_sections import LaboratorySection
from neurosim.registry.measure import Measured
from neurosim.stimuli.kinds.photograph_patches import photographs
from neurosim.stimuli.kinds.photographs import PhotographSection
from neurosim.stimuli.kinds.stimuli import Stimuli

THRESHOLD = 0.2


class FeedForward(LCA):
    """A network whose units do not act on each other: what the control has to equal."""

    def transform(self, X: np.ndarray) -> np.ndarray:
        return np.maximum(X @ self.dictionary_.T - THRESHOLD, 0.0)

    def settle(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.transform(X), np.zeros(len(X), dtype=bool)


@cache
def stimuli() -> Stimuli:
    section = PhotographSection(
        photographs=["camera"], patch_size=8, n_train=200, n_test=20, normalise="std", dtype="float64"
    )
    return photographs(section, training_rng=np.random.default_rng(0), held_out_rng=np.random.default_rng(1))


@cache
def network(strength: float = 1.0) -> LCA:
    import pandas as pd

    rng, n = np.random.default_rng(0), 24
    parameters = pd.DataFrame(
        {
            "x0": rng.uniform(3, 4, n), "y0": rng.uniform(3, 4, n), "orientation": rng.uniform(0, np.pi, n),
            "frequency": 0.2, "phase": rng.uniform(0, 2 * np.pi, n), "sigma_x": 1.5, "sigma_y": 1.8, "amplitude": 1.0,
        }
    )  # fmt: skip
    rows = gabor(parameters, height=8, width=8).reshape(n, -1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return FeedForward.from_dictionary(
        strength * rows, threshold=THRESHOLD, nonnegative=True, backend="numpy"
    )


def context(section: LaboratorySection | None, strength: float = 1.0) -> Context:
    recipe = Recipe().model_copy(update={"laboratory": section})
    return Context(network(strength), stimuli(), recipe=recipe)


@cache
def measured(**keys: object) -> Measured:
    section = LaboratorySection(**keys)
    return LABORATORY.compute(context(section), np.random.default_rng(0))

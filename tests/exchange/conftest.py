"""Small networks that several tests hand on, each learned once."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "networks")]

N_PIXELS, N_NEURONS = 16, 12


@pytest.fixture(scope="session")
def stimuli():
    """Twenty stimuli that no network learned from."""
    from spiking_cases import mixtures

    return mixtures(20, n_pixels=N_PIXELS, seed=1)


@pytest.fixture(scope="session")
def learned():
    """A network of each spiking model that has learned a little."""
    from spiking_cases import einet, mixtures, sailnet, spiking_lca

    training = mixtures(400, n_pixels=N_PIXELS)
    made = {"sailnet": sailnet, "einet": einet, "spiking-lca": spiking_lca}
    return {name: make(N_NEURONS).fit(training) for name, make in made.items()}


@pytest.fixture(scope="session")
def graded():
    """An LCA with random fields."""
    from neurosim.networks import LCA

    fields = np.random.default_rng(0).standard_normal((N_NEURONS, N_PIXELS))
    fields /= np.linalg.norm(fields, axis=1, keepdims=True)
    return LCA.from_dictionary(fields, threshold=0.5, backend="numpy")


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """The folder of a tiny run of an E-I Net on photographs."""
    from neurosim.recipes.recipe import load_recipe
    from neurosim.runs.execute import execute

    assignments = (
        'stimuli.photographs=["camera", "china"]', "stimuli.patch_size=8", "stimuli.n_train=1000",
        "stimuli.n_test=60", "network.n_neurons=12", "network.batch_size=100", "network.backend=numpy",
        "network.n_epochs=1", "network.n_inhibitory=3", "network.target_rate=0.05",
        "analysis.bound_sweep=[1.2]", "analysis.n_starts=2", "analysis.n_bootstrap=100", "analysis.margin=4",
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("runs") / "einet-0"
    execute(load_recipe("einet", assignments=assignments), out=folder)
    return folder

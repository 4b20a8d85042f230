"""Each of three modalities is recalled while it is missing, and counted as right only where the pairs were."""

from itertools import permutations

import numpy as np
import pytest

from neurosim.measures.context import Context
from neurosim.measures.recall import MISSING
from neurosim.networks import LCA, LinkedLCA
from neurosim.recipes.recipe import Recipe
from neurosim.stimuli.kinds.stimuli import Labels, Stimuli

CLASSES = np.array([2, 5, 6])
SIZES = {"seen": (2, 3), "printed": (2, 2), "heard": (1, 5)}


def _context(*, labelled: bool = True, wrong: str | None = None) -> Context:
    """Three causes, each a neuron with a field in every modality, those of one perhaps in a wrong order."""
    rng = np.random.default_rng(0)
    fields = {name: np.linalg.qr(rng.normal(size=(np.prod(shape), 3)))[0].T for name, shape in SIZES.items()}
    order = np.arange(90) % 3
    shown = {name: rows[order] for name, rows in fields.items()}
    stimuli = Stimuli(
        training=shown,
        held_out={name: rows[:60] for name, rows in shown.items()},
        shapes=SIZES,
        sources={},
        labels=Labels(CLASSES[order], CLASSES[order[:60]]) if labelled else None,
    )
    known = {name: np.roll(rows, name == wrong, axis=0) for name, rows in fields.items()}
    return Context(LinkedLCA.from_dictionary(known, threshold=0.1, backend="numpy"), stimuli, recipe=Recipe())


def test_every_modality_is_recalled_from_all_others_and_from_each_alone() -> None:
    context = _context()
    assert MISSING.applies(context)
    measured = MISSING.compute(context, np.random.default_rng(1))
    table = measured.tables["missing"]
    assert table["shown"][:3].tolist() == ["printed and heard", "seen and heard", "seen and printed"]
    assert table["recalled"][:3].tolist() == list(SIZES)
    assert list(zip(table["shown"], table["recalled"], strict=True))[3:] == list(permutations(SIZES, 2))
    assert (table["accuracy"] == 1).all()
    assert table["accuracy_shuffled"].to_numpy() == pytest.approx(1 / 3, abs=0.2)
    assert table["cosine"].to_numpy() == pytest.approx(1)
    assert measured.metrics == {"recall_accuracy_least": 1}
    assert set(measured.metrics) <= set(MISSING.metrics)


def test_the_least_is_that_of_the_modality_with_wrong_pairs() -> None:
    measured = MISSING.compute(_context(wrong="heard"), np.random.default_rng(1))
    table = measured.tables["missing"].set_index("recalled")[:3]
    assert table["accuracy"]["heard"] == 0
    assert measured.metrics["recall_accuracy_least"] == 0


def test_without_classes_there_are_cosines_alone() -> None:
    measured = MISSING.compute(_context(labelled=False), np.random.default_rng(1))
    assert measured.metrics == {}
    assert {"cosine", "cosine_shuffled"} < set(measured.tables["missing"])
    assert "accuracy" not in measured.tables["missing"]


@pytest.mark.parametrize(("labelled", "n_columns"), [(True, 3), (False, 10)])
def test_the_figure_has_a_panel_for_each_modality(labelled: bool, n_columns: int) -> None:
    measured = MISSING.compute(_context(labelled=labelled), np.random.default_rng(1))
    panels = measured.figures["missing"]().axes
    assert [panel.get_title(loc="left").split()[0] for panel in panels] == list(SIZES)
    assert {len(panel.get_xticks()) for panel in panels} == {n_columns}
    assert set(measured.figures) == set(MISSING.figures)


def test_two_modalities_and_plain_networks_have_the_recall_that_their_recipe_wants() -> None:
    three = _context()
    two = Stimuli(
        training={name: three.stimuli.training[name] for name in ("seen", "printed")},
        held_out={name: three.stimuli.held_out[name] for name in ("seen", "printed")},
        shapes=SIZES,
        sources={},
    )
    assert not MISSING.applies(Context(three.network, two, recipe=Recipe()))
    plain = LCA.from_dictionary(np.eye(6), threshold=0.1)
    assert not MISSING.applies(Context(plain, three.stimuli, recipe=Recipe()))

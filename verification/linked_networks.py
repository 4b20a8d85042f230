"""Networks of MNIST's digits that the tables of linked dictionaries are of: their recipes, learned or kept."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

import neurosim
from neurosim.networks import LCA
from neurosim.networks.models import built
from neurosim.recipes.recipe import load_recipe
from neurosim.stimuli import printed_digits, unit_norm

# Recipe of each network, and what is changed in it.
RECIPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "linked": ("linked-mnist", ()),
    "equal-weight": ("linked-mnist", ("network.weights.printed=1.0",)),
    # Threshold and current as they were, beside which verification/ordinal_front.py sets what is shipped.
    "ordinal": (
        "ordinal-mnist",
        ("network.threshold=0.2", "network.final_current=0.15", "network.block_inhibition=0"),
    ),
    "single": ("linked-mnist", ()),
}
# As shipped; ordinal_front.py measures it.
SHIPPED: dict[str, tuple[str, tuple[str, ...]]] = {"ordinal-mnist": ("ordinal-mnist", ())}


def trained(
    code: str, seed: int, given: NDArray[Any], labels: NDArray[Any], *, keep: Path | None = None
) -> Any:
    """Return a network that has learned digits of unit norm, and the print of each where it links the two.

    One that learned as many digits and was kept in the folder is taken from there.
    """
    kept = keep and keep / f"{code}-{seed}-{len(given)}.nc"
    if kept and kept.exists():
        return neurosim.load(kept)
    recipe, changed = (RECIPES | SHIPPED)[code]
    net: Any = built(load_recipe(recipe, assignments=changed).network, random_state=seed)
    if code == "single":
        own = {name: value for name, value in net.get_params().items() if name in LCA().get_params()}
        net = LCA(**own).fit(given)
    else:
        printed = unit_norm(printed_digits().flat)
        net.fit({"handwriting": given, "printed": printed[labels]}, labels)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        net.save(kept)
    return net


def handwriting(code: str, rows: NDArray[Any]) -> Any:
    """Return handwriting as a network takes it, the print absent."""
    return rows if code == "single" else {"handwriting": rows}

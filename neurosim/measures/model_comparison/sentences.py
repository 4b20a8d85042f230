"""What several networks on the same patches were, and which differ from the first in their distance to cortex."""

from collections.abc import Iterator

import pandas as pd

from neurosim.networks.models import MODELS
from neurosim.results.run_folder import RunFolder


def comparison_sentences(run: RunFolder) -> Iterator[str]:
    """Say which networks learned, on what, how far they are from macaque, and which from the first of them."""
    names = [str(each["name"]) for each in run.recipe.get("arms", [])]
    if not names:
        return
    stimuli = run.section("stimuli")
    n_train, size = stimuli["n_train"], stimuli["patch_size"]
    yield (
        f"{len(names)} networks ({', '.join(names)}; {_learned_by(run)}) learned from the same {n_train:,} patches of "
        f"{size} × {size} pixels; every code below is for {stimuli['n_test']:,} patches none of them saw."
    )
    yield from _distances(run, names)
    active = {name: value for name in names if (value := run.number(f"active_filters_{name}")) is not None}
    if active:
        told = ", ".join(f"{name} {value:.0f}" for name, value in active.items())
        yield f"Active filters, without one of which the bound falls by more than .05 nats: {told}."
    if "arms" in run.tables:
        yield from _against_the_first(run.tables["arms"], names)


def _distances(run: RunFolder, names: list[str]) -> Iterator[str]:
    bits, corrected = (
        [value for name in names if (value := run.number(f"v1_nxny_js_bits_{kind}{name}")) is not None]
        for kind in ("", "corrected_")
    )
    if bits:
        without = (
            f" ({min(corrected):.3f} to {max(corrected):.3f} without the bias of few cells and fields)"
            if corrected
            else ""
        )
        yield (
            f"In image space, the shape of the fields (n_x, n_y) is {min(bits):.3f} to {max(bits):.3f} bits of "
            f"Jensen–Shannon divergence away from 79 macaque simple cells{without}, where 0 is "
            "identical and 1 disjoint."
        )
    if "js_low" in run.tables.get("arms", ()):
        yield from _verdict(run.tables["arms"])


def _verdict(table: pd.DataFrame) -> Iterator[str]:
    """Say whose distance may be 0, and how many fields are broadly tuned."""
    image = table[table["space"] == "image"].dropna(subset=["js_low"])
    if image.empty:
        return
    held = image["arm"][image["js_low"] <= 0].tolist()
    yield (
        f"The 95 % interval of {', '.join(map(str, held))} holds 0: by this measure such fields cannot be told "
        "from the cells."
        if held
        else "No network's fields are shaped like macaque's: none of the 95 % intervals reaches 0."
    )
    least, most = image["broadly_tuned_share"].min(), image["broadly_tuned_share"].max()
    yield (
        f"Broadly tuned (n_x and n_y below .302 cycles) are {least:.1%} to {most:.1%} of the fields compared; of the "
        "macaque cells 19 of 79, 24 %."
    )


def _learned_by(run: RunFolder) -> str:
    densities = {model.name for model in MODELS if model.has("likelihood")}
    conditions = run.recipe["arms"]
    others = [str(each["name"]) for each in conditions if each.get("network", {}).get("model") in densities]
    if not others:
        return "Brian2"
    words = "variational autoencoders trained by back-propagation, not Brian2"
    return words if len(others) == len(conditions) else f"Brian2, but for {', '.join(others)}: {words}"


def _against_the_first(table: pd.DataFrame, names: list[str]) -> Iterator[str]:
    """Say which networks the 95 % interval of the paired difference tells from the first."""
    image = table[(table["space"] == "image") & table["arm"].isin(names[1:])].dropna(
        subset=["difference_low"]
    )
    if image.empty:
        return
    closer, further = (
        image["arm"][chosen].tolist()
        for chosen in (image["difference_high"] < 0, image["difference_low"] > 0)
    )
    told = [
        f"{', '.join(map(str, those))} {'is' if len(those) == 1 else 'are'} {where} macaque than {names[0]}"
        for those, where in ((closer, "closer to"), (further, "further from"))
        if those
    ]
    rest = len(image) - len(closer) - len(further)
    if rest:
        told.append(f"{rest} of {len(image)} cannot be told from {names[0]}")
    yield f"By 95 % intervals of the difference against the same resampled cells, {'; '.join(told)}."

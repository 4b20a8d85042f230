"""Complex cells learned by the trace rule, beside its correlations in numpy, pools without a shift, and random ones.

    python verification/complex_cells.py [--seeds 0 1 2]

For each seed the recipe `lca` is run (256 neurons). Its codes are shown to `ComplexCells`: of 20,000 pairs of natural
patches displaced by up to 4 pixels, of the same patches without displacement, and of 8,000 films of 5 patches, which
drift evenly by up to 2 pixels a frame into any direction (with the default trace of two frames, and with one of ten).
Pools of 12 around the units in the middle of the tiled network (those of ``laboratory_tiled.py``) then see gratings of
contrast 1, 12 orientations and 8 phases, at their place and frequency; once with the tiled network's responses, once
with those of the same fields that do not interact. Every signed unit is two in one population, of opposite sign, and is
seen where it is positive in the other, so that no pool can hold a unit and its opposite, whose F1 cancel. Means over
seeds, with the smallest and the largest, are kept in ``complex_cells.csv``; n counts pools of all seeds.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from laboratory_pools import DISC, SIZE, opposites, phase_range, told
from laboratory_tiled import Floats, Respond, Subjects, row, subjects

from neurosim.analysis import orientation_properties
from neurosim.laboratory import (
    Pools,
    complex_pools,
    displaced_pairs,
    learned_pools,
    network_units,
    one_sided,
    orientation_tuning,
    over_phases,
    random_pools,
)
from neurosim.networks import ComplexCells
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute
from neurosim.stimuli import embedded_photographs

N_FILMS, N_FRAMES, FASTEST = 8000, 5, 2.0  # pixels a frame
KINDS = {"one sign": False, "both signs": True}


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in parser.parse_args().seeds:
            out = Path(folder) / f"lca-{seed}"
            execute(load_recipe("lca", assignments=[f"run.seed={seed}"]), out=out)
            for each in measured(subjects(out / "network.nc"), seed):
                print("{what}, {of}: {value:.4g} (n = {n})".format(**each), flush=True)
                rows.append(each)
    by_figure = pd.DataFrame(rows).groupby(["what", "of"], sort=False)
    table = by_figure.agg(
        value=("value", "mean"), low=("value", "min"), high=("value", "max"), n=("n", "sum")
    )
    table["date"] = datetime.now(UTC).date().isoformat()
    table.reset_index().to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")


def measured(of: Subjects, seed: int) -> Iterator[dict[str, object]]:
    """Every figure of one network."""
    before, after, drifting = codes(of, seed)
    pools = {}
    for kind, opposite in KINDS.items():
        signs = one_sided(lambda code: code, opposite=opposite)
        sided = [signs(before), signs(after), signs(drifting.reshape(-1, drifting.shape[2]))]
        films = sided[2].reshape(N_FILMS, N_FRAMES, -1)
        started = time.process_time()
        learned = ComplexCells(size=SIZE).fit(np.stack(sided[:2], axis=1))
        yield row(f"{kind}: learning, processor time, s", "pairs", time.process_time() - started, 1)
        by_strength = ComplexCells(size=SIZE, strength="learned").fit(np.stack(sided[:2], axis=1))
        n_units = sided[0].shape[1]
        pools[kind] = {
            "trace rule": complex_pools(learned),
            "trace rule, learned strengths": complex_pools(by_strength),
            "trace rule, films": complex_pools(ComplexCells(size=SIZE).fit(films)),
            "trace rule, films, long trace": complex_pools(
                ComplexCells(size=SIZE, tau_trace="2 s").fit(films)
            ),
            "correlations in numpy": learned_pools(*sided[:2], size=SIZE),
            "no shift": complex_pools(ComplexCells(size=SIZE).fit(np.stack([sided[0]] * 2, axis=1))),
            "random": random_pools(n_units, size=SIZE, rng=seed),
        }
        for name, each in pools[kind].items():
            alike = shared(pools[kind]["trace rule"], each)
            yield row(f"{kind}: partners shared with the trace rule", name, alike, len(each.members))
            held = opposites(of, each)
            yield row(f"{kind}: pools with a unit and its opposite, share", name, *held)
    chosen = {
        kind: {name: each.around(of.chosen) for name, each in found.items()} for kind, found in pools.items()
    }
    for arm, respond in {
        "LCA": of.tiled.respond,
        "no interactions": of.tiled.without_interactions(threshold=None),
    }.items():
        both = one_sided(respond, opposite=True)
        for (kind, name), table in tuned(of, both, chosen).items():
            yield from told(table, kind, f"{arm}, {name}")


def codes(of: Subjects, seed: int) -> tuple[Floats, Floats, Floats]:
    """Signed codes of pairs, before and after, and of films."""
    photographs, side = embedded_photographs(), round(of.network.n_features_in_**0.5)
    respond = network_units(of.network, front_end=of.front_end)
    before, after = displaced_pairs(photographs, size=side, rng=seed)
    films = drifting_patches(list(photographs.values()), side, np.random.default_rng(seed))
    return respond(before), respond(after), respond(films).reshape(N_FILMS, N_FRAMES, -1)


def drifting_patches(photographs: list[Floats], side: int, rng: np.random.Generator) -> Floats:
    """Patches that drift evenly over photographs, frame after frame and film after film."""
    reach = int(np.ceil(FASTEST * (N_FRAMES - 1)))
    frames = np.empty((N_FILMS, N_FRAMES, side, side))
    for film in frames:
        picture = photographs[rng.integers(len(photographs))]
        corner = [rng.integers(reach, length - side - reach + 1) for length in picture.shape]
        angle, speed = rng.uniform(0, 2 * np.pi), FASTEST * np.sqrt(rng.uniform())
        for k in range(N_FRAMES):
            y, x = np.rint(corner + k * speed * np.array([np.sin(angle), np.cos(angle)])).astype(int)
            film[k] = picture[y : y + side, x : x + side]
    return frames.reshape(-1, side, side)


def shared(one: Pools, other: Pools) -> float:
    """Share of the partners of the first's pools that the other's around the same units have too."""
    known = np.intersect1d(one.firsts, other.firsts)
    pairs = zip(one.around(known).members, other.around(known).members, strict=True)
    return float(np.mean([(len(np.intersect1d(a, b)) - 1) / (SIZE - 1) for a, b in pairs]))


def tuned(
    of: Subjects, both: Respond, chosen: dict[str, dict[str, Pools]]
) -> dict[tuple[str, str], pd.DataFrame]:
    """Properties of simple units and of all pools, from one showing."""
    units = of.units.iloc[of.chosen].assign(contrast=1.0, diameter_deg=DISC / of.field.pixels_per_degree)
    names = [("one sign", "simple units")]
    names += [(kind, name) for kind, found in chosen.items() for name in found]

    def all_arms(images: Floats) -> Floats:
        found = both(images)
        parts = [found[:, of.chosen]]
        for kind, pools in chosen.items():
            seen = found if KINDS[kind] else found[:, : len(of.units)]
            parts += [each.answers(seen) for each in pools.values()]
        return np.concatenate(parts, axis=1)

    rows = pd.concat([units.drop(columns="orientation_rad")] * len(names), ignore_index=True)
    shown = orientation_tuning(all_arms, rows, field=of.field)
    split = over_phases(shown)
    table = orientation_properties(
        split["mean"],
        orientations_deg=split["orientation_deg"].to_numpy(),
        modulation=split["modulation"].to_numpy(),
    )
    table["phase_range"] = phase_range(shown.response.to_numpy())
    n = len(units)
    return {name: table.iloc[k * n : (k + 1) * n] for k, name in enumerate(names)}


if __name__ == "__main__":
    main()

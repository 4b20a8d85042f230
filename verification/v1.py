"""The recipe `v1` beside what its parts do: arms × seeds × two sets of photographs, all measures in one table.

    python verification/v1.py [--only "v1" "one stream"] [--seeds 0 1 2] [--sets embedded kodak] [--kodak FOLDER]
        [--tiled] [--again] [--quick]

Named before anything of this table was measured. The rule: what `v1` is was to be chosen on the embedded photographs
by reconstruction (at least 6.5 dB) and by physiology, not by the distance to cortex; Kodak's photographs verify it and
choose nothing; three seeds. Constants had been seen with their distance in prototypes, and the same 79 cells judge
every arm. The arms, all else as the recipe ships:

- v1: as it ships.
- no adaptation: adaptation 0, threshold 1.5, sharp relays of rms .558, as the first prototype.
- signed: one signed pair of channels (broad relays without a floor) and a signed code, 512 neurons.
- f^.5 filter: one kind of relays behind a ramp of power .5 (cutoff .4), floor .5, 512 neurons.
- one stream: all 768 neurons see both kinds of relays, which is an LCA.
- broad only: 512 neurons behind the broad relays alone.
- no gain control: the same network as `v1`, its output not divided by a pool.
- spiking, sailnet: the recipes `v1-spiking` and `v1-sailnet`, spiking neurons behind the same relays. They joined last.

Controls are columns, as the laboratory makes them: random pools, random fields, the same fields feed-forward without
and with the threshold, drawn Gabors. A feed-forward distance to cortex is not in the table: runs do not map fields of
controls. With ``--tiled``, `v1` and those without adaptation and gain control see gratings once more, tiled over 40×40
pixels, stride 12. Gain control and pixels per degree joined `v1` after its first row, as its recipe says.
A row of the dated table ``v1.csv`` that is there is skipped, unless ``--again``; rows are written one by one.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute
from neurosim.runs.finished.laboratory import laboratory

TABLE = Path(__file__).with_suffix(".csv")
KEYS = ("arm", "seed", "photographs")
BROAD = "{kind='centre_surround', centre_sigma=.7, surround_sigma=4.2, cutoff=.4}".replace("=.", "=0.")
SHARP = "{kind='olshausen', ramp=1.75, cutoff=0.26}"
RAMP = "{kind='olshausen', ramp=0.5, cutoff=0.4}"


def relays(*each: tuple[str, str, object, float]) -> str:
    """The assignment of relays, given as name, filter, floor and root mean square."""
    told = [
        f"{{name='{name}', filter={kind}, floor={floor!r}, rms={rms}}}" for name, kind, floor, rms in each
    ]
    return f"stimuli.relays=[{', '.join(told)}]"


ALONE = ["network.n_neurons=512", "network.streams=[[512, 2]]"]
ARMS: dict[str, list[str]] = {
    "v1": [],
    "no adaptation": [
        relays(("broad", BROAD, 0.5, 1.0), ("sharp", SHARP, "none", 0.558)),
        "network.adaptation=0",
        "network.threshold=1.5",
    ],
    "signed": [relays(("broad", BROAD, "none", 1.0)), *ALONE, "network.nonnegative=false"],
    "f^.5 filter": [relays(("broad", RAMP, 0.5, 1.0)), *ALONE],
    "one stream": ["network.streams=[[768, 4]]"],
    "broad only": [relays(("broad", BROAD, 0.5, 1.0)), *ALONE],
    "no gain control": ["laboratory.gain_control=0"],
    "spiking": [],
    "sailnet": [],
}
RECIPES = {"spiking": "v1-spiking", "sailnet": "v1-sailnet"}  # of the others: v1
TILED = ("v1", "no adaptation", "no gain control")
QUICK = [
    "stimuli.n_train=2000", "stimuli.n_test=200", "stimuli.patch_size=8", "network.backend=numpy",
    "analysis.n_starts=2", "analysis.n_bootstrap=100", "analysis.noise_frames=2000",
]  # fmt: skip
SUMMARY = {
    "js": "v1_nxny_js_bits", "js_corrected": "v1_nxny_js_bits_corrected", "interval": "v1_nxny_js_interval",
    "js_adjoint": "v1_nxny_js_bits_adjoint", "js_adjoint_corrected": "v1_nxny_js_bits_corrected_adjoint",
    "nx": "nx_median_image", "ny": "ny_median_image", "broad_share": "broadly_tuned_share",
    "gabor_share": "gabor_fraction_image", "snr_db": "reconstruction_snr_db", "active": "active_fraction",
    "dead": "dead_neurons", "seconds_train": "seconds_train", "seconds_analyze": "seconds_analyze",
}  # fmt: skip
LABORATORY = {
    "mean14": "v1_similarity_mean", "mean14_interval": "v1_similarity_interval",
    "mean14_simple": "v1_similarity_mean_simple", "mean14_control": "v1_similarity_control",
    "suppressed": "suppressed_share", "suppressed_control": "suppressed_share_control",
    "invariant": "complex_invariant_share",
}  # fmt: skip
CONTROLS = (
    "simple_units", "feed_forward", "feed_forward_threshold", "feed_forward_divided", "random_fields", "random_pools",
    "drawn_gabors",
)  # fmt: skip


def main() -> None:
    """Run what is not in the table yet."""
    chosen = parser().parse_args()
    table = TABLE.with_name("v1_quick.csv") if chosen.quick else TABLE
    for photographs in chosen.sets:
        with source(photographs, chosen.kodak) as given:
            for seed in chosen.seeds:
                for arm in chosen.only:
                    tiled = chosen.tiled and arm in TILED
                    key = {"arm": arm, "seed": seed, "photographs": photographs}
                    if not chosen.again and is_there(table, key, tiled=tiled):
                        continue
                    extra = [*given, *(QUICK if chosen.quick else [])]
                    row = key | measured(arm, seed, extra, tiled=tiled)
                    print(", ".join(f"{name} {value}" for name, value in row.items()), flush=True)
                    store(table, row)


def parser() -> argparse.ArgumentParser:
    """Options to choose rows with."""
    made = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    made.add_argument("--only", nargs="+", default=list(ARMS), choices=list(ARMS))
    made.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    made.add_argument("--sets", nargs="+", default=["embedded", "kodak"], choices=["embedded", "kodak"])
    made.add_argument(
        "--kodak", type=Path, help="folder of Kodak's photographs, or of kodak24_gray_uint8.npz"
    )
    for name in ("tiled", "again", "quick"):
        made.add_argument(f"--{name}", action="store_true")
    return made


@contextmanager
def source(photographs: str, kodak: Path | None) -> Iterator[list[str]]:
    """Assignments that name the photographs; those of an npz file are written out, and gone afterwards."""
    if photographs == "embedded":
        yield []
        return
    folder = kodak or Path(os.environ["NEUROSIM_DATA"]) / "kodak"
    packed = folder / "kodak24_gray_uint8.npz"
    if not packed.exists():
        yield [f"stimuli.source={json.dumps(str(folder.resolve()))}"]
        return
    from PIL import Image

    with tempfile.TemporaryDirectory() as written:
        for number, image in enumerate(np.load(packed)["images"]):
            Image.fromarray(image).save(Path(written) / f"kodak{number + 1:02d}.png")
        yield [f"stimuli.source={json.dumps(written)}"]


def measured(arm: str, seed: int, extra: list[str], *, tiled: bool) -> dict[str, Any]:
    """Run an arm and return what its files tell."""
    recipe = load_recipe(RECIPES.get(arm, "v1"), assignments=[f"run.seed={seed}", *ARMS[arm], *extra])
    with tempfile.TemporaryDirectory() as folder:
        run, before = Path(folder) / "run", processor()
        execute(recipe, out=run)
        row = row_of(run) | {"processor_s": processor() - before}
        if tiled:
            before, place = processor(), Path(folder) / "tiled"
            laboratory(run, assignments=["laboratory.tile={stride=12, size=40}"], out=place)
            found = {f"tiled_{name}": value for name, value in laboratory_of(place).items()}
            row |= found | {"tiled_processor_s": processor() - before}
    return row | {"date": datetime.now(UTC).date().isoformat()}


def row_of(run: Path) -> dict[str, Any]:
    """What the files of a run tell of its fields, its code and its laboratory."""
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    return told(summary, SUMMARY) | swept(pd.read_csv(run / "bound_sweep.csv")) | laboratory_of(run)


def told(summary: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Numbers of a summary by the names of the table, intervals as two; nothing where there is no such number."""
    found: dict[str, Any] = {}
    for name, key in names.items():
        value = summary.get(key)
        if isinstance(value, list):
            found |= {f"{name}_low": value[0], f"{name}_high": value[1]}
        else:
            found[name] = value
    return found


def swept(sweep: pd.DataFrame) -> dict[str, float]:
    """The distance of the claimed fields at the bounds beside 1.5."""
    own = sweep[(sweep["space"] == "image") & (sweep["amplitude_bound"] != 1.5)]
    found: dict[str, float] = {}
    for each in own.to_dict("records"):
        bound = f"{each['amplitude_bound']:g}"
        found |= {f"js_{bound}": each["js_bits"], f"js_{bound}_corrected": each["js_bits_corrected"]}
    return found


def laboratory_of(folder: Path) -> dict[str, Any]:
    """The laboratory's numbers: the network, each control, and the mean over components of joint structure."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    found = told(summary, LABORATORY)
    if (folder / "scoreboard.csv").exists():
        board = pd.read_csv(folder / "scoreboard.csv").set_index("property")
        mean = board.loc["mean of 14"]
        found |= {f"mean14_{name}": float(mean[name]) for name in CONTROLS if name in board}
    if (folder / "joint_structure.csv").exists():
        found["joint"] = float(pd.read_csv(folder / "joint_structure.csv")["ceiled"].mean())
    if (folder / "joint_structure_controls.csv").exists():
        controls = pd.read_csv(folder / "joint_structure_controls.csv").set_index(["population", "component"])
        for name in ("random_pools", "feed_forward_threshold"):
            if (name, "invariant_and_tuned") in controls.index:
                found[f"invariant_{name}"] = float(controls.loc[(name, "invariant_and_tuned"), "value"])
    return found


def processor() -> float:
    """Seconds of the processor in this process and those it started."""
    return time.process_time() + sum(os.times()[2:4])


def is_there(path: Path, key: dict[str, Any], *, tiled: bool) -> bool:
    """Whether the table has the row, with what a tiled laboratory tells where that is asked for."""
    if not path.exists():
        return False
    table = pd.read_csv(path)
    rows = table[same(table, key)]
    return len(rows) > 0 and (
        not tiled or bool(rows.get("tiled_mean14", pd.Series(dtype=float)).notna().any())
    )


def same(table: pd.DataFrame, key: dict[str, Any]) -> "pd.Series[bool]":
    """Which rows are of an arm, a seed and a set of photographs."""
    return pd.Series(np.all([table[name] == key[name] for name in KEYS], axis=0), index=table.index)


def store(path: Path, row: dict[str, Any]) -> None:
    """Write a row to the table, in place of an earlier one."""
    rows = [row]
    if path.exists():
        kept = pd.read_csv(path)
        rows = [*kept[~same(kept, row)].to_dict("records"), row]
    pd.DataFrame(rows).to_csv(path, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import neurosim
from neurosim import cli
from neurosim.engine.errors import BackendError, MissingExtraError
from neurosim.recipes import recipe_names
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.results.store import RunInterrupted
from neurosim.runs import execute as execute_module

_SUMMARY = {"active_fraction": 0.0712345, "v1_nxny_js_interval": [0.1, 0.25], "dead_neurons": 0}


class _Recorded:
    """Stands in for `execute`: keeps what it was asked, and does or raises what it is told."""

    def __init__(self, outcome: BaseException | None = None) -> None:
        self.outcome = outcome
        self.asked: dict[str, Any] = {}

    def __call__(self, recipe: Recipe, **arguments: Any) -> dict[str, Any]:
        self.asked = {"recipe": recipe, **arguments}
        arguments["progress"]({"stage": "compile"})
        if self.outcome is not None:
            raise self.outcome
        return _SUMMARY


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> _Recorded:
    stand_in = _Recorded()
    monkeypatch.setattr(execute_module, "execute", stand_in)
    return stand_in


def _neurosim(*words: str) -> Any:
    return CliRunner().invoke(cli.app, list(words))


def test_a_run_prints_its_key_figures_and_the_path_of_its_page(recorded: _Recorded) -> None:
    done = _neurosim("run", "lca", "--out", "somewhere")
    assert done.exit_code == 0
    assert re.search(r"active_fraction +0\.07123", done.stdout)
    assert "[0.1, 0.25]" in done.stdout
    assert str(Path("somewhere", "report.html")) in done.stdout
    assert "compile" in done.stderr


def test_a_quiet_run_says_nothing(recorded: _Recorded) -> None:
    done = _neurosim("run", "lca", "--quiet")
    assert (done.exit_code, done.output) == (0, "")


def test_options_reach_the_recipe(recorded: _Recorded) -> None:
    done = _neurosim(
        "run", "lca", "--set", "network.n_neurons=64", "--set", "network.tau=5 ms",
        "--backend", "numpy", "--seed", "7", "--overwrite",
    )  # fmt: skip
    assert done.exit_code == 0
    recipe = recorded.asked["recipe"]
    assert (recipe.network.n_neurons, recipe.network.tau) == (64, "5 ms")
    assert (recipe.network.backend, recipe.run.seed) == ("numpy", 7)
    assert recorded.asked["overwrite"] is True


def test_the_folder_is_named_after_recipe_and_seed_when_none_is_given(recorded: _Recorded) -> None:
    _neurosim("run", "lca", "--seed", "3")
    assert recorded.asked["out"] == Path("runs", "lca-3")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "lac"], "did you mean 'lca'?"),
        (["run", "lca", "--set", "network.n_neuron=3"], "did you mean 'network.n_neurons'?"),
        (["run", "lca", "--set", "network.n_neurons=-3"], "network.n_neurons: expected greater than"),
        (
            ["run", "lca", "--backend", "cuda"],
            "network.backend: expected 'auto', 'numpy', 'cython' or",
        ),
        (["run", "lca", "--seed", "-1"], "run.seed: expected greater than or equal to 0"),
        (["report", "no-such-folder"], "found no summary.json"),
    ],
)
def test_mistakes_get_one_message_and_exit_code_2(
    words: list[str], message: str, recorded: _Recorded
) -> None:
    done = _neurosim(*words)
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.output
    assert not recorded.asked


@pytest.mark.parametrize(
    "error",
    [
        ValueError("bad image"),
        BackendError("no compiler"),
        OSError("disk full"),
        MissingExtraError("needs jax"),
    ],
)
def test_errors_that_a_user_can_mend_show_no_traceback(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute_module, "execute", _Recorded(error))
    done = _neurosim("run", "lca", "--quiet")
    assert (done.exit_code, done.stderr) == (2, f"neurosim: {error}\n")


def test_the_traceback_is_there_for_those_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute_module, "execute", _Recorded(ValueError("bad image")))
    assert isinstance(_neurosim("run", "lca", "--traceback").exception, ValueError)


def test_our_own_mistakes_are_not_dressed_up_as_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute_module, "execute", _Recorded(ZeroDivisionError()))
    assert isinstance(_neurosim("run", "lca").exception, ZeroDivisionError)


@pytest.mark.parametrize(
    ("interruption", "message"),
    [(RunInterrupted("kept 'a.partial'"), "kept 'a.partial'"), (KeyboardInterrupt(), "nothing was computed")],
)
def test_ctrl_c_ends_with_130_and_says_what_was_kept(
    interruption: BaseException, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute_module, "execute", _Recorded(interruption))
    done = _neurosim("run", "lca")
    assert done.exit_code == 130
    assert f"interrupted: {message}" in done.stderr


def test_the_shipped_recipes_are_listed_with_words_and_time() -> None:
    done = _neurosim("recipes")
    assert done.exit_code == 0
    for name in recipe_names():
        assert re.search(rf"(?m)^{name} +\S.*\n +takes \S", done.stdout)


def test_info_is_json_when_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEUROSIM_DATA", str(tmp_path))
    found = json.loads(_neurosim("info", "--json").stdout)
    assert found["backends"]["numpy"] == "available"
    assert set(found["backends"]) == {"numpy", "cython", "cpp_standalone"}
    assert (found["data_folder"], found["data_folder_exists"]) == (str(tmp_path), True)


def test_info_says_when_there_is_no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("NEUROSIM_DATA", raising=False)
    shown = _neurosim("info").stdout
    assert re.search(r"backend cython +backend 'cython' .*not found on the PATH", shown)
    assert "C++ compiler none found" in shown
    assert "NEUROSIM_DATA=(unset" in shown


def test_without_a_command_the_help_is_shown() -> None:
    shown = _neurosim().output
    assert all(command in shown for command in ("run", "recipes", "info", "report"))


def test_the_version_is_said() -> None:
    done = _neurosim("--version")
    assert (done.exit_code, done.stdout) == (0, f"neurosim {neurosim.__version__}\n")


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("run", ["--out", "--set", "--backend", "--seed", "--quiet", "--overwrite", "--traceback"]),
        ("info", ["--json"]),
        ("report", ["--traceback"]),
        ("resume", ["--quiet", "--overwrite", "--traceback"]),
    ],
)
def test_the_help_says_what_every_option_is_when_left_out(command: str, options: list[str]) -> None:
    shown = _neurosim(command, "--help").stdout
    paragraphs = re.split(r"\n\W*(?=--)", shown)
    for option in options:
        about = next(paragraph for paragraph in paragraphs if paragraph.startswith(f"{option} "))
        assert "default" in about, option


def test_advice_of_the_library_comes_in_the_words_of_the_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = ValueError(
        "a.png: expected a complete image file; or pass skip_unreadable=True to go on without it"
    )
    monkeypatch.setattr(execute_module, "execute", _Recorded(error))
    shown = _neurosim("run", "lca", "--quiet").stderr
    assert "or pass --set stimuli.skip_unreadable=true to go on without it" in shown


def test_an_image_that_cannot_be_read_is_told_with_an_option_that_exists(tmp_path: Path) -> None:
    for number in range(2):
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (64, 64), dtype=np.uint8)).save(
            tmp_path / f"{number}.png"
        )
    (tmp_path / "bad.png").write_bytes(b"no image")
    words = (
        "run",
        "lca",
        "--set",
        f"stimuli.source={tmp_path}",
        "--out",
        str(tmp_path / "run"),
        "--backend",
        "numpy",
    )
    shown = _neurosim(*words).stderr
    option = re.search(r"--set (stimuli\.\S+)", shown)
    assert option is not None, shown
    assert load_recipe("lca", assignments=[option.group(1)]).stimuli.skip_unreadable is True


_SMALL = ["--backend", "numpy", "--quiet"]
for _assignment in (
    "network.n_neurons=4", "stimuli.n_train=200", "stimuli.n_test=20", "stimuli.patch_size=8",
    "analysis.n_starts=1", "analysis.n_bootstrap=100",
):  # fmt: skip
    _SMALL += ["--set", _assignment]


def test_the_backend_of_a_notebook_does_not_matter_to_the_command_line(tmp_path: Path) -> None:
    folder = str(tmp_path / "run")
    for backend, words in (
        ("module://matplotlib_inline.backend_inline", ["run", "lca", "--out", folder, *_SMALL]),
        ("TkAgg", ["report", folder]),  # and no display
        ("of an older matplotlib", ["info"]),
    ):
        environment = os.environ | {"MPLBACKEND": backend}
        environment.pop("DISPLAY", None)
        done = subprocess.run(
            [sys.executable, "-m", "neurosim.cli", *words],
            check=False, capture_output=True, text=True, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
    assert (tmp_path / "run" / "report.html").is_file()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_real_signal_ends_a_real_run_in_the_background_and_leaves_no_run(
    tmp_path: Path, number: int, code: int
) -> None:
    (tmp_path / "tmp").mkdir()
    command = [
        sys.executable, "-m", "neurosim.cli", "run", "lca", "--out", str(tmp_path / "run"),
        "--backend", "numpy", "--set", "network.n_epochs=1000", "--set", "stimuli.n_train=500",
        "--set", "stimuli.patch_size=8", "--set", "network.n_neurons=32",
    ]  # fmt: skip
    # Shells start what runs in the background with SIGINT switched off.
    started = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    own = {"OMP_NUM_THREADS": "1", "TMPDIR": str(tmp_path / "tmp")}
    program = subprocess.Popen(started, stderr=subprocess.PIPE, text=True, env=os.environ | own)
    assert program.stderr is not None
    seen = ""
    while "batch/s" not in seen and program.poll() is None:
        seen += program.stderr.read(1)
    time.sleep(0.3)
    program.send_signal(number)
    _, rest = program.communicate(timeout=60)
    assert program.returncode == code
    assert "interrupted: nothing was kept" in rest
    assert "Traceback" not in rest
    assert [path.name for path in tmp_path.rglob("*")] == ["tmp"]


def test_clearing_the_cache_says_what_was_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path))
    (tmp_path / "standalone").mkdir()
    (tmp_path / "standalone" / "one.program").write_bytes(bytes(1_200_000))
    done = _neurosim("clear-cache")
    assert done.stdout == f"{tmp_path}: removed 1 standalone programs and 0 Cython modules, 1.2 MB\n"
    assert not list((tmp_path / "standalone").iterdir())


def test_the_laboratory_and_comparison_say_what_they_need(tmp_path: Path) -> None:
    for words, message in (
        (("lab", str(tmp_path)), "found no summary.json"),
        (("lab", str(tmp_path), "--tile", "8"), "--tile: expected STRIDE,SIZE"),
        (
            ("lab", str(tmp_path), "--ppd", "-3"),
            "neurosim: --ppd: expected pixels per degree, a number above 0",
        ),
        (("compare", str(tmp_path)), "expected two runs or more"),
    ):
        done = _neurosim(*words)
        assert done.exit_code == 2
        assert message in done.stderr


def test_the_laboratory_refuses_in_the_words_of_its_options(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(Recipe().to_toml(), encoding="utf-8")
    (tmp_path / "summary.json").write_text("{}", encoding="utf-8")
    done = _neurosim("lab", str(tmp_path), "--pools", "learnt")
    assert done.exit_code == 2
    assert done.stderr.startswith("neurosim: --pools: expected 'off'")
    assert "did you mean 'learned'" in done.stderr


def test_runs_are_compared_on_the_terminal_and_in_a_file(tmp_path: Path) -> None:
    for name, fraction in (("one", 0.5), ("other", None)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "recipe.toml").write_text(Recipe().to_toml(), encoding="utf-8")
        (tmp_path / name / "summary.json").write_text(
            json.dumps({"active_fraction": fraction}), encoding="utf-8"
        )
    file = tmp_path / "table.csv"
    done = _neurosim("compare", str(tmp_path / "one"), str(tmp_path / "other"), "--csv", str(file))
    assert done.exit_code == 0
    assert re.search(r"active_fraction +fraction +0\.5 +–", done.stdout)
    assert file.read_text(encoding="utf-8").splitlines()[0] == "number,unit,one,other"

"""Each case is a script in a process of its own, as a user would run it; a few say several things to save imports."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def _script(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script with a folder of its own for temporary files."""
    script = folder / "script.py"
    script.write_text(code, encoding="utf-8")
    temporary = folder / "temporary"
    temporary.mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    command = [sys.executable, str(script)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


_OWN = """import os, logging, sys, tempfile, warnings
def state(): return sys.excepthook, warnings.showwarning, list(logging.getLogger("py.warnings").handlers)
before = state()
from neurosim.networks import {names}
print(before == state(), os.listdir(tempfile.gettempdir()))
warnings.warn("mine")
raise ZeroDivisionError("mine too")
"""


@pytest.mark.parametrize("names", ["LCA", "OrdinalLinkedLCA", "SAILnet, WLSC, SVAE"])
def test_after_the_import_a_users_own_errors_and_warnings_look_as_before(names: str, tmp_path: Path) -> None:
    done = _script(_OWN.replace("{names}", names), tmp_path)
    assert done.stdout.strip() == "True []"  # hooks as they were, no file for Brian2's log
    assert "script.py:6: UserWarning: mine" in done.stderr
    assert done.stderr.splitlines()[-1] == "ZeroDivisionError: mine too"
    assert not any(word in done.stderr for word in ("py.warnings", "report", "Brian"))


_BRIAN2_FIRST = """import logging, os, sys, warnings
before = sys.excepthook
import brian2
from brian2.utils.logger import BrianLogger
print(sys.excepthook is before)
kept = sys.excepthook, warnings.showwarning, BrianLogger.tmp_log
from neurosim.networks import LCA, SAILnet, SVAE
print(kept == (sys.excepthook, warnings.showwarning, BrianLogger.tmp_log), os.path.isfile(BrianLogger.tmp_log))
"""


def test_who_imported_brian2_before_keeps_its_log_and_hook(tmp_path: Path) -> None:
    # The first line is the control: Brian2 alone does change the hook.
    assert _script(_BRIAN2_FIRST, tmp_path).stdout.split() == ["False", "True", "True"]


_LOGGED = """import logging, sys, warnings
logging.basicConfig(stream=sys.stdout)
logging.captureWarnings(True)
from neurosim.networks import LCA, SAILnet, SVAE
warnings.warn("mine")
"""


def test_warnings_that_a_user_sends_to_the_log_go_on_to_it(tmp_path: Path) -> None:
    assert "UserWarning: mine" in _script(_LOGGED, tmp_path).stdout


_FAILS = """import gc
import numpy as np
from brian2 import NeuronGroup
from neurosim.engine import DivergenceError
from neurosim.networks import LCA

def told(terms):
    try:
        LCA(4, membrane_terms=terms, backend="numpy", random_state=0).fit(np.eye(4)).simulate(np.eye(4))
    except (DivergenceError, ValueError) as error:
        print(type(error).__name__)

told("- nonsense")
gc.collect()
told("+ 1000*u")
group = NeuronGroup(1, "x : 1", name="of_the_user")
del group
gc.collect()
"""


def test_what_fails_is_told_by_an_error_of_ours_and_by_nothing_else(tmp_path: Path) -> None:
    done = _script(_FAILS, tmp_path)
    assert done.stdout.split() == ["ValueError", "DivergenceError"]
    # Brian2 goes on to tell of the user's own object, and says nothing of ours.
    assert done.stderr.count("never included") == 1
    assert "of_the_user" in done.stderr
    assert done.stderr.count("WARNING") == 1


def _record(name: str, level: int) -> logging.LogRecord:
    return logging.LogRecord(name, level, "f.py", 1, "said", None, None)


def _filtered(record: logging.LogRecord, *, called_in: str) -> bool:
    from neurosim.engine.quiet_brian2 import OwnMessages

    names: dict[str, Any] = {"filtered": OwnMessages().filter, "record": record}
    exec(compile("passes = filtered(record)", str(ROOT / called_in), "exec"), names)
    return bool(names["passes"])


@pytest.mark.parametrize(
    ("name", "level", "kept_at"),
    [
        ("brian2.groups.group.invalid_values", logging.WARNING, logging.DEBUG),
        ("brian2.codegen.generators.base", logging.WARNING, logging.WARNING),
        ("brian2.stateupdaters.base", logging.INFO, logging.DEBUG),
    ],
)
def test_what_brian2_says_of_our_circuits_is_logged_under_our_name(
    name: str, level: int, kept_at: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="neurosim")
    assert _filtered(_record(name, level), called_in="users/script.py")
    assert not caplog.records
    assert not _filtered(_record(name, level), called_in="networks/lca/lca.py")
    assert [(r.name, r.levelno, r.getMessage()) for r in caplog.records] == [
        ("neurosim.brian2", kept_at, "Brian2: said")
    ]

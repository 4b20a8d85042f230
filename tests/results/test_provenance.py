import json
import subprocess
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from neurosim.results import provenance as module
from neurosim.results.provenance import git_commit, provenance


def _record(**values: object) -> dict[str, object]:
    default: dict[str, object] = {
        "seed": 3, "command": ["neurosim", "run", "lca"], "timings": {"seconds_train": 1.0}, "sources": {},
    }  # fmt: skip
    return provenance(**(default | values))  # type: ignore[arg-type]


def test_the_record_is_plain_json_with_versions_seed_and_command() -> None:
    record = json.loads(json.dumps(_record()))
    assert record["seed"] == 3
    assert record["packages"]["brian2"] == version("brian2")
    assert record["started_with"] == ["neurosim", "run", "lca"]
    assert record["timings"] == {"seconds_train": 1.0}
    assert record["n_cpus"] >= 1


def test_what_stimuli_were_made_from_is_in_the_record() -> None:
    assert _record(sources={"images": {"leaf.png": {"shape": [4, 6]}}})["images"] == {
        "leaf.png": {"shape": [4, 6]}
    }


def test_a_missing_package_is_none_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACKAGES", ("numpy", "no-such-package-anywhere"))
    assert module.package_versions() == {"numpy": np.__version__, "no-such-package-anywhere": None}


def test_the_commit_of_a_checkout_is_told_and_edits_too(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", str(tmp_path), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-q", "--no-gpg-sign", "-m", "one")
    head = git("rev-parse", "HEAD")
    assert git_commit(tmp_path) == head
    (tmp_path / "a").write_text("2")
    assert git_commit(tmp_path) == f"{head}-dirty"


def test_outside_a_checkout_there_is_no_commit(tmp_path: Path) -> None:
    assert git_commit(tmp_path) is None

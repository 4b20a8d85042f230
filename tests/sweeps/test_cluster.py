"""A sweep on a dask cluster: what is killed, and clusters that do not fit."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tiny_sweep import TINY, at_work, begun, environment, kill, until, whole, written

from neurosim.sweeps import SweepError, sweep

pytest.importorskip("distributed", reason="needs the extra cluster: dask and distributed")
pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")


class _Cluster:
    """A scheduler and workers, each started as in a shell."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._started = folder, list[Any]()
        self._file = folder / "scheduler.json"
        self._begin("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self._file))

    @property
    def address(self) -> str:
        import json

        until(self._file.is_file)
        return str(until(lambda: json.loads(self._file.read_text() or "{}").get("address")))

    def add_workers(self, number: int, *words: str, blind: bool = False) -> None:
        """Start workers, which find no neurosim if they are to be blind."""
        for _ in range(number):
            self._begin("worker", self.address, "--local-directory", str(self._folder), *words, blind=blind)

    def end(self) -> None:
        for process in reversed(self._started):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # it wants to say farewell to somebody who is gone
                process.kill()
                process.wait()

    def _begin(self, *words: str, blind: bool = False) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "dask", *words, "--no-dashboard"]
        environs = environment()
        if blind:
            site = self._folder / "blind"
            site.mkdir(exist_ok=True)
            (site / "sitecustomize.py").write_text(_BLIND)
            environs["PYTHONPATH"] = str(site)
        with (self._folder / "log.txt").open("a") as log:
            self._started.append(
                subprocess.Popen(command, env=environs, stdout=log, stderr=log, cwd=self._folder)
            )


_BLIND = """
import sys

class Blind:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "neurosim":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blind)
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[_Cluster]:
    (tmp_path / "dask").mkdir()
    cluster = _Cluster(tmp_path / "dask")
    yield cluster
    cluster.end()


@pytest.mark.slow
def test_every_run_is_done_once_where_a_worker_and_then_the_sweep_are_killed(
    cluster: _Cluster, tmp_path: Path
) -> None:
    cluster.add_workers(2, "--nthreads", "1")
    file, out = written(tmp_path), tmp_path / "out"
    first = begun(file, out, "--scheduler", cluster.address, "--quiet")
    kill(until(lambda: at_work(out)).pop())
    until(lambda: whole(out))
    kill(first.pid)
    first.communicate()
    second = begun(file, out, "--scheduler", cluster.address)
    told, _ = second.communicate()
    assert second.returncode == 0, told
    table = pd.read_csv(out / "table.csv")
    assert table["state"].tolist() == ["done"] * 4
    assert table["key"].is_unique
    assert {path.name for path in (out / "runs").iterdir()} == whole(out) == set(table["key"])


def test_dask_does_not_watch_a_worker_while_a_run_goes_on(cluster: _Cluster, tmp_path: Path) -> None:
    from distributed import Client

    cluster.add_workers(1, "--nthreads", "1")
    sweep({**TINY, "grid": {}}, out=tmp_path / "sweep", scheduler=cluster.address)
    with Client(cluster.address, set_as_default=False) as client:

        def watching(dask_worker: Any) -> list[str]:
            return [name for name, call in dask_worker.periodic_callbacks.items() if call.is_running()]

        (found,) = client.run(watching).values()
    assert "heartbeat" in found
    assert not {"profile", "profile-cycle"} & set(found)


def test_workers_of_several_threads_are_refused_with_the_command_that_starts_right_ones(
    cluster: _Cluster, tmp_path: Path
) -> None:
    cluster.add_workers(1, "--nthreads", "2", "--no-nanny")
    with pytest.raises(SweepError, match="has 2; start them with dask worker ADDRESS --nthreads 1"):
        sweep(TINY, out=tmp_path / "out", scheduler=cluster.address)


def test_a_cluster_without_neurosim_is_told_at_once(cluster: _Cluster, tmp_path: Path) -> None:
    cluster.add_workers(1, "--nthreads", "1", "--no-nanny", blind=True)
    with pytest.raises(SweepError, match="has no neurosim; install"):
        sweep(TINY, out=tmp_path / "out", scheduler=cluster.address)


def test_other_versions_and_folders_that_workers_do_not_see_are_refused(tmp_path: Path) -> None:
    from neurosim.sweeps.cluster import _look, _require_same

    ours = _look(str(tmp_path / "nothing"))()
    assert ours["versions"]["brian2"]
    with pytest.raises(SweepError, match="does not see"):
        _require_same({"w": ours}, ours=ours, folder=tmp_path)
    other = {**ours, "sees": True, "versions": {**ours["versions"], "numpy": "1.0"}}
    with pytest.raises(SweepError, match=r"expected numpy .* everywhere, as here, but w has 1\.0"):
        _require_same({"w": other}, ours=ours, folder=tmp_path)


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neurosim.sweeps.cluster._ANSWER", 0.5)
    with pytest.raises(SweepError, match="but none answers"):
        sweep(TINY, out=tmp_path / "out", scheduler="tcp://127.0.0.1:1")

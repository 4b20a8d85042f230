"""Recordings that go to a file while the network runs: the same, in bounded memory, and of use after a kill."""

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from spiking_cases import NETWORKS as SPIKING
from spiking_cases import patches

import neurosim
from neurosim.engine.errors import BackendError, DivergenceError
from neurosim.networks import LCA
from neurosim.networks.saving import streamed_recording

ROOT = Path(__file__).parents[3]
RNG = np.random.default_rng(0)
STIMULI = RNG.standard_normal((4, 9))
SPIKES_OF = patches(120, seed=3)


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Hand on after a few steps, and count how often."""
    monkeypatch.setattr(streamed_recording, "_HELD", 2**14)
    written: list[int] = []
    keep = neurosim.networks.saving.recording_file.write_dataset

    def counted(part: xr.Dataset, path: Path, **options: Any) -> None:
        written.append(part.nbytes)
        keep(part, path, **options)

    monkeypatch.setattr("neurosim.networks.saving.recording_file.write_dataset", counted)
    return written


def _lca(presentation: str = "20 ms", **options: Any) -> LCA:
    fields = np.random.default_rng(1).standard_normal((6, 9)) / 3
    options = {"backend": "numpy", "dt": "0.1 ms", "threshold": 0.2, **options}
    return LCA.from_dictionary(fields, presentation=presentation, **options)


@pytest.mark.parametrize(("form", "every"), [("lateral", 1), ("residual", 7), ("residual", 150)])
def test_traces_in_a_file_are_those_in_memory(
    form: str, every: int, tmp_path: Path, in_small_parts: list[int]
) -> None:
    net, record = _lca(form=form), ("u", "a", "s")
    held = net.simulate(STIMULI, record=record, every=every)
    with net.simulate(STIMULI, record=record, every=every, to=tmp_path / "traces.nc") as opened:
        xr.testing.assert_identical(opened.load(), held)
        assert opened["u"].dtype == held["u"].dtype
    assert len(in_small_parts) > 3
    assert [path.name for path in tmp_path.iterdir()] == ["traces.nc"]


@pytest.mark.parametrize("name", SPIKING)
@pytest.mark.parametrize("record", ["spikes", ("u", "n")])
def test_spikes_and_traces_of_spiking_networks_are_those_in_memory(
    record: Any, name: str, tmp_path: Path, in_small_parts: list[int]
) -> None:
    net = SPIKING[name]().partial_fit(SPIKES_OF)
    shown = SPIKES_OF if record == "spikes" else SPIKES_OF[:6]
    held = net.simulate(shown, record=record)
    with net.simulate(shown, record=record, to=tmp_path / "recording.nc") as opened:
        xr.testing.assert_identical(opened.load(), held)
    assert len(in_small_parts) >= 2


def test_a_recording_of_one_part_and_one_without_spikes_are_whole_too(tmp_path: Path) -> None:
    net = _lca()
    with net.simulate(STIMULI, to=tmp_path / "short.nc") as opened:
        xr.testing.assert_identical(opened.load(), net.simulate(STIMULI))
    silent = SPIKING["SAILnet"]().partial_fit(SPIKES_OF)
    nothing = np.zeros((2, SPIKES_OF.shape[1]))
    held = silent.simulate(nothing)
    assert held.sizes["spike"] == 0
    with silent.simulate(nothing, to=tmp_path / "silent.nc") as opened:
        xr.testing.assert_identical(opened.load(), held)


def test_compiled_membranes_are_handed_on_as_well(
    compiled_backend: str, tmp_path: Path, in_small_parts: list[int]
) -> None:
    net = _lca(backend=compiled_backend)
    if compiled_backend == "cpp_standalone":
        with pytest.raises(BackendError, match='is a program of its own; set_params\\(backend="numpy"\\)'):
            net.simulate(STIMULI, to=tmp_path / "traces.nc")
        assert not list(tmp_path.iterdir())
        return
    held = net.simulate(STIMULI)
    with net.simulate(STIMULI, to=tmp_path / "traces.nc") as opened:
        xr.testing.assert_identical(opened.load(), held)
    assert len(in_small_parts) > 3


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_memory_held_does_not_grow_with_the_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamed_recording, "_HELD", 2**17)
    stimuli = RNG.standard_normal((200, 9))

    def to_file(presentation: str) -> Callable[[], object]:
        to = tmp_path / f"{presentation}.nc"
        return lambda: _lca(presentation, dt="0.5 ms").simulate(stimuli, record=("u",), to=to).close()

    to_file("5 ms")()  # what is imported and kept by the first one
    short, long = (_peak(to_file(presentation)) for presentation in ("30 ms", "160 ms"))
    n_bytes = 320 * 200 * 6 * 8
    assert (tmp_path / "160 ms.nc").stat().st_size > n_bytes
    # What a long session of tests leaves to the garbage collector counts too.
    assert long < short + n_bytes / 4
    assert _peak(lambda: _lca("160 ms", dt="0.5 ms").simulate(stimuli, record=("u",))) > n_bytes


# In a process of its own: `python -c` file; killed after half of the presentation.
_KILLED = """
import os, signal, sys
import numpy as np
from neurosim.networks import LCA
from neurosim.networks.saving import recording_file, streamed_recording
streamed_recording._HELD = 2**13
write = recording_file.write_dataset
def killing(part, path, **options):
    if float(part["time"][-1]) > 0.01:
        os.kill(os.getpid(), signal.SIGKILL)
    write(part, path, **options)
recording_file.write_dataset = killing
fields = np.random.default_rng(1).standard_normal((6, 9)) / 3
net = LCA.from_dictionary(fields, presentation="20 ms", backend="numpy", dt="0.1 ms", threshold=0.2)
net.simulate(np.random.default_rng(0).standard_normal((4, 9)), to=sys.argv[1])
"""


def test_a_killed_recording_says_how_much_is_whole_and_that_is_right(tmp_path: Path) -> None:
    file = tmp_path / "traces.nc"
    environs = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(file)], env=environs, capture_output=True, check=False
    )
    assert done.returncode == -9, done.stderr.decode()
    assert not file.exists()
    with pytest.warns(
        UserWarning, match=r"traces\.nc' is not whole: 0\.0\d+ s of 0\.02 s are kept in 'traces\.nc\.partial'"
    ):
        found = neurosim.load_recording(file)
    until = found.attrs.pop("recorded_until")
    assert 0.005 < until < 0.0101
    assert found.attrs.pop("duration") == pytest.approx(0.02)
    assert found.sizes["time"] == round(until / 1e-4)
    whole = _lca().simulate(STIMULI)
    xr.testing.assert_identical(found, whole.isel(time=slice(found.sizes["time"])))
    with pytest.raises(ValueError, match=r"a recording that did not come to its end.*load_recording"):
        _lca().simulate(STIMULI, to=file)


def test_a_recording_that_diverges_keeps_its_parts_and_its_error_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamed_recording, "_HELD", 1024)
    net = _lca(dt="10 ms", presentation="10 s")
    with pytest.warns(UserWarning, match="stability bound"), pytest.raises(DivergenceError) as diverged:
        net.simulate(100 * STIMULI, to=tmp_path / "traces.nc")
    (note,) = diverged.value.__notes__
    assert "are kept in 'traces.nc.partial'; neurosim.load_recording reads it" in note
    with pytest.warns(UserWarning, match="is not whole"):
        assert np.abs(neurosim.load_recording(tmp_path / "traces.nc")["u"]).max() > 1e3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("traces.h5", r"ends in \.nc"),
        ("nowhere/traces.nc", "make the folder first"),
        ("there.nc", "there already; name another file"),
    ],
)
def test_files_that_cannot_be_new_are_refused_before_anything_runs(
    name: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "there.nc").write_text("mine")
    with pytest.raises(ValueError, match=message):
        _lca().simulate(STIMULI, to=tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["there.nc"]
    assert (tmp_path / "there.nc").read_text() == "mine"


def test_a_disc_without_room_for_the_whole_keeps_the_parts(
    tmp_path: Path, in_small_parts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 100}))
    with pytest.raises(OSError, match="make room") as full:
        _lca().simulate(STIMULI, to=tmp_path / "traces.nc")
    assert "0.02 s of 0.02 s are kept" in full.value.__notes__[0]
    assert [path.name for path in tmp_path.iterdir()] == ["traces.nc.partial"]


def test_a_recording_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"found neither .*nothing\.nc"):
        neurosim.load_recording(tmp_path / "nothing.nc")

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from neurosim.networks.saving import network_file
from neurosim.networks.saving.network_file import opens, write_dataset

_LEARNED = xr.Dataset(
    {"dictionary": (("neuron", "pixel"), np.arange(6.0).reshape(2, 3)), "gain": ((), 2.0)}, attrs={"size": 3}
)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    write_dataset(_LEARNED, tmp_path / "network.nc")
    with xr.open_dataset(tmp_path / "network.nc", engine="h5netcdf") as stored:
        xr.testing.assert_identical(stored.load(), _LEARNED)
    assert [path.name for path in tmp_path.iterdir()] == ["network.nc"]


def test_a_file_that_cannot_be_read_again_gets_no_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(network_file, "_image", lambda dataset, **_: memoryview(b"half a file"))
    with pytest.raises(OSError, match="cannot be read again"):
        write_dataset(_LEARNED, tmp_path / "network.nc")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.9])
def test_a_cut_file_does_not_open(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "network.nc"
    write_dataset(_LEARNED, path)
    assert opens(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept if kept >= 1 or not kept else kept * len(content))])
    assert not opens(path)

"""Arrays from files: plain numbers in any layout, nothing that runs code, nothing that grows."""

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurosim.stimuli.npz import read_npz

VALUES = np.random.default_rng(0).standard_normal((6, 5))


def npy(array: np.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


def zipped(path: Path, entries: dict[str, bytes], *, how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
@pytest.mark.parametrize("dtype", [">f8", "<f8", ">f4", "<i2", ">u2", "|b1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_values_are_the_same_in_every_byte_order_and_layout(
    tmp_path: Path, how: int, dtype: str, order: str
) -> None:
    stored = np.asarray((VALUES * 100).astype(dtype), order=order)  # type: ignore[call-overload]
    path = zipped(tmp_path / "a.npz", {"image.npy": npy(stored)}, how=how)
    found = read_npz(path)["image"]
    assert found.dtype == np.dtype(dtype).newbyteorder("=")
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, (VALUES * 100).astype(dtype))


def test_objects_are_refused_before_anything_of_them_runs(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "was run",))

    content = npy(np.array([Bomb(), None], dtype=object), allow_pickle=True)
    for entries in ({"a.npy": content}, {"a.npy": pickle.dumps(Bomb())}, {"a": pickle.dumps(Bomb())}):
        with pytest.raises(ValueError, match=r"a\.npz: expected an \.npz file of plain arrays, got"):
            read_npz(zipped(tmp_path / "a.npz", entries))
    with pytest.raises(ValueError, match="'a' with Python objects, which run code"):
        read_npz(zipped(tmp_path / "a.npz", {"a.npy": content}))
    assert not (tmp_path / "was run").exists()


@pytest.mark.parametrize("shape", [(10**12,), (10**6, 10**6), (2, 2), (3, 3, 3), (0,)])
def test_a_header_of_another_size_than_its_data_is_refused_before_memory_is_taken(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    path = zipped(tmp_path / "a.npz", {"a.npy": file.getvalue() + bytes(80)})
    with pytest.raises(ValueError, match="'a' with 80 bytes of data where its header says"):
        read_npz(path)


def test_a_file_that_grows_to_gigabytes_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": "|u1", "fortran_order": False, "shape": (2**30 + 1,)}
    )
    zipped(tmp_path / "bomb.npz", {"a.npy": file.getvalue() + bytes(2**20)})
    content = bytearray((tmp_path / "bomb.npz").read_bytes())
    # The directory at the end says the size; a megabyte stands for the gigabyte in this test.
    place = content.index(b"PK\1\2") + 24
    content[place : place + 4] = (2**30 + 129).to_bytes(4, "little")
    (tmp_path / "bomb.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"bomb\.npz: .* bytes that would expand to 1,073,741,953"):
        read_npz(tmp_path / "bomb.npz")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"a.txt": b"1 2 3"}, "an entry 'a.txt', which is no array"),
        ({"a.npy": b"1 2 3"}, "got"),
        ({"a.npy": npy(VALUES)[:-1]}, "239 bytes of data where its header says 240"),
        ({"a.npy": npy(VALUES) + b"\0"}, "241 bytes of data where its header says 240"),
        ({"a.npy": npy(VALUES).replace(b"NUMPY\1", b"NUMPY\7")}, "format"),
    ],
)
def test_entries_that_are_no_arrays_are_named(
    tmp_path: Path, entries: dict[str, bytes], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read_npz(zipped(tmp_path / "a.npz", entries))


def test_two_arrays_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("image.npy", npy(VALUES))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("image.npy", npy(VALUES + 1))
    with pytest.raises(ValueError, match="several arrays of the name 'image'"):
        read_npz(tmp_path / "a.npz")


def test_files_of_another_kind_are_named(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", VALUES)
    (tmp_path / "lfs.npz").write_text("version https://git-lfs.github.com/spec/v1\n")
    (tmp_path / "void.npz").touch()
    for name, words in (
        ("one.npy", "one array without a name"),
        ("lfs.npz", "a pointer of"),
        ("void.npz", "empty"),
    ):
        with pytest.raises(
            ValueError, match=rf"{name}: expected an \.npz file of plain arrays, got .*{words}"
        ):
            read_npz(tmp_path / name)
    for path, words in ((tmp_path, "found a folder"), (tmp_path / "no.npz", "found none")):
        with pytest.raises(FileNotFoundError, match=words):
            read_npz(path)

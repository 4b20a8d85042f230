"""IDX files: what they say is what is read, and damage has a name."""

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from neurosim.stimuli.digits.idx import DamagedDataError, parse_idx, read_idx, uncompressed


def idx(values: NDArray[np.uint8]) -> bytes:
    """Write the format by the book, with another tool than the reader uses."""
    header = struct.pack(">HBB", 0, 8, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    return header + values.tobytes()


IMAGES = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)
LABELS = np.arange(5, dtype=np.uint8)


@given(shape=st.lists(st.integers(0, 6), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_what_was_written_is_read(shape: list[int], seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    found = parse_idx(idx(values), n_dimensions=values.ndim, name="a")
    assert found.shape == values.shape
    np.testing.assert_array_equal(found, values)


def test_the_magic_numbers_are_those_of_mnist() -> None:
    assert int.from_bytes(idx(IMAGES)[:4], "big") == 2051
    assert int.from_bytes(idx(LABELS)[:4], "big") == 2049


@pytest.mark.parametrize("name", ["a.gz", "a", "misnamed.txt"])
@pytest.mark.parametrize("level", [None, 0, 1, 9])
def test_gzip_and_plain_files_are_told_apart_by_their_content(
    tmp_path: Path, name: str, level: int | None
) -> None:
    content = idx(IMAGES)
    (tmp_path / name).write_bytes(content if level is None else gzip.compress(content, level))
    np.testing.assert_array_equal(read_idx(tmp_path / name, n_dimensions=3), IMAGES)


@pytest.mark.parametrize("n_bytes", range(1, len(idx(IMAGES))))
def test_a_file_cut_anywhere_is_refused_by_name(n_bytes: int) -> None:
    with pytest.raises(DamagedDataError, match=r"^a\.idx: expected .* got"):
        parse_idx(idx(IMAGES)[:n_bytes], n_dimensions=3, name="a.idx")


def test_the_message_tells_how_many_bytes_are_there() -> None:
    with pytest.raises(DamagedDataError, match="60 bytes after the header, which says 5 × 4 × 3, got 59"):
        parse_idx(idx(IMAGES)[:-1], n_dimensions=3, name="a")
    with pytest.raises(DamagedDataError, match=r"60 bytes .* got 61"):
        parse_idx(idx(IMAGES) + b"\0", n_dimensions=3, name="a")
    with pytest.raises(DamagedDataError, match="IDX header of 16 bytes, got 7 bytes"):
        parse_idx(idx(IMAGES)[:7], n_dimensions=3, name="a")


def test_labels_in_place_of_images_are_told_by_the_magic_number() -> None:
    with pytest.raises(
        DamagedDataError, match=r"magic number 2051 .* got 2049 \(unsigned bytes, 1 dimensions\)"
    ):
        parse_idx(idx(np.zeros(20, dtype=np.uint8)), n_dimensions=3, name="a")
    with pytest.raises(DamagedDataError, match=r"magic number 2049 .*, got 2051"):
        parse_idx(idx(IMAGES), n_dimensions=1, name="a")


def test_a_web_page_in_place_of_the_data_is_refused() -> None:
    with pytest.raises(
        DamagedDataError, match=r"magic number 2051 .* got 1008813135 \(a web page\); is it another file"
    ):
        parse_idx(b"<!DOCTYPE html><html>Not found</html>", n_dimensions=3, name="a")


@pytest.mark.parametrize("n_bytes", [2, 5, 9, 30, -9, -1])
def test_a_gzip_file_cut_anywhere_is_refused_by_name(tmp_path: Path, n_bytes: int) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(idx(IMAGES))[:n_bytes])
    with pytest.raises(DamagedDataError, match=r"cut\.gz: expected a whole gzip file, got .* EOFError"):
        uncompressed(tmp_path / "cut.gz")


def test_a_changed_bit_in_a_gzip_file_is_refused_by_name(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(idx(IMAGES)))
    content[len(content) // 2] ^= 4
    (tmp_path / "bad.gz").write_bytes(content)
    with pytest.raises(DamagedDataError, match=r"bad\.gz: expected a whole gzip file"):
        uncompressed(tmp_path / "bad.gz")


def test_an_empty_file_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "void").touch()
    with pytest.raises(DamagedDataError, match="void: expected data, got an empty file"):
        read_idx(tmp_path / "void", n_dimensions=1)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"\0\0\x0d\3", "float, 3 dimensions"),
        (b"\0\0\x09\1", "signed bytes, 1 dimensions"),
        (b"PK\3\4", "a zip archive: unpack it"),
        (b"version https://git-lfs", "a pointer of git-lfs"),
        (b"\x93NUMPY", "a numpy array"),
    ],
)
def test_a_file_of_another_kind_is_named(start: bytes, words: str) -> None:
    with pytest.raises(DamagedDataError, match=rf"a: expected magic number 2051 .* \({words}"):
        parse_idx(start + bytes(40), n_dimensions=3, name="a")


def test_sizes_beyond_every_array_are_refused_though_there_are_no_values() -> None:
    header = struct.pack(">HBB3I", 0, 8, 3, 0, 2**32 - 1, 2**32 - 1)
    with pytest.raises(DamagedDataError, match="expected sizes of an array"):
        parse_idx(header, n_dimensions=3, name="a")


def test_no_more_is_unpacked_than_wanted(tmp_path: Path) -> None:
    (tmp_path / "large.gz").write_bytes(gzip.compress(bytes(2**26), 1))
    tracemalloc.start()
    with pytest.raises(DamagedDataError, match="that unpack to more"):
        uncompressed(tmp_path / "large.gz", at_most=1000)
    assert tracemalloc.get_traced_memory()[1] < 2**22
    tracemalloc.stop()
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(2**20)))
    with pytest.raises(
        DamagedDataError, match=r"bomb\.gz: expected at most 1,000 bytes, got .* that unpack to more"
    ):
        uncompressed(tmp_path / "bomb.gz", at_most=1000)
    assert len(uncompressed(tmp_path / "bomb.gz", at_most=2**20)) == 2**20
    (tmp_path / "long").write_bytes(bytes(1001))
    with pytest.raises(DamagedDataError, match="long: expected at most 1,000 bytes, got 1,001; it is"):
        uncompressed(tmp_path / "long", at_most=1000)

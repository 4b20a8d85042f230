"""MNIST: where it is looked for, that it is what it should be, and fetching from a server of our own."""

import gzip
import hashlib
import os
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from neurosim.datasets.mnist import MNIST_FILES, MNISTFile
from neurosim.stimuli.digits import mnist
from neurosim.stimuli.digits.idx import DamagedDataError
from neurosim.stimuli.digits.mnist import load_mnist, read_mnist_file

REAL = os.environ.get("NEUROSIM_DATA")
needs_mnist = pytest.mark.skipif(
    REAL is None or not (Path(REAL) / "mnist").is_dir(), reason="NEUROSIM_DATA with a folder mnist is not set"
)

_TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
_TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keep the user's own downloads and data folder out of every test; nothing leaves this machine."""
    monkeypatch.setattr("pooch.os_cache", lambda _project: tmp_path / "cache")
    monkeypatch.delenv("NEUROSIM_DATA", raising=False)
    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/", "http://localhost:9/"))
    monkeypatch.setenv("NO_PROXY", "*")
    return tmp_path / "cache" / "mnist"


def idx(values: np.ndarray) -> bytes:
    return struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes()


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Put four tiny files in the place of MNIST's, and return the content of each."""
    rng, contents = np.random.default_rng(0), {}
    for (split, kind), file in MNIST_FILES.items():
        n_samples = {"train": 12, "test": 7}[split]
        shape = (n_samples, 5, 5) if kind == "images" else (n_samples,)
        values = rng.integers(0, 256 if kind == "images" else 10, shape, dtype=np.uint8)
        contents[file.name] = idx(values)
        sums = [hashlib.sha256(c).hexdigest() for c in (idx(values), gzip.compress(idx(values), mtime=0))]
        monkeypatch.setitem(MNIST_FILES, (split, kind), MNISTFile(file.name, shape, *sums))
    return contents


def write(folder: Path, contents: dict[str, bytes], *, suffix: str = ".gz", level: int = 6) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        packed = gzip.compress(content, level) if suffix else content
        (folder / f"{name}{suffix}").write_bytes(packed)
    return folder


@pytest.fixture
def server(tiny: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve the tiny files as published; yield the address and the list of what was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            folder, _, name = self.path[1:].partition("/")
            content = tiny.get(name.removesuffix(".gz"), b"")
            content = {"good": gzip.compress(content, mtime=0), "forged": b"forged"}.get(folder, b"")
            self.send_response(200 if content else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}", asked
        served.shutdown()
        thread.join()


@needs_mnist
@pytest.mark.parametrize(("split", "counts"), [("train", _TRAIN_COUNTS), ("test", _TEST_COUNTS)])
def test_the_published_numbers_of_each_digit_are_there(split: str, counts: list[int]) -> None:
    digits = load_mnist(split, folder=f"{REAL}/mnist")  # type: ignore[arg-type]
    assert digits.images.shape == (sum(counts), 28, 28)
    assert np.bincount(digits.labels).tolist() == counts
    assert split in digits.source
    if split == "train":  # the two numbers everybody normalises MNIST by
        assert digits.images.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
        assert digits.images.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)
        assert digits.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]


@needs_mnist
def test_the_environment_variable_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROSIM_DATA", str(REAL))
    above = load_mnist("test")
    monkeypatch.setenv("NEUROSIM_DATA", f"{REAL}/mnist")
    np.testing.assert_array_equal(load_mnist("test").labels, above.labels)


@needs_mnist
@pytest.mark.parametrize("kind", ["images", "labels"])
def test_a_single_changed_pixel_or_label_of_the_real_files_is_found(tmp_path: Path, kind: str) -> None:
    file = MNIST_FILES["test", kind]  # type: ignore[index]
    content = bytearray(gzip.decompress(Path(f"{REAL}/mnist/{file.name}.gz").read_bytes()))
    (tmp_path / "whole").write_bytes(content)
    read_mnist_file(tmp_path / "whole", file)
    content[-1] ^= 1
    (tmp_path / "changed").write_bytes(content)
    with pytest.raises(DamagedDataError, match=rf"changed: expected content with SHA-256 {file.sha256}"):
        read_mnist_file(tmp_path / "changed", file)


@needs_mnist
def test_the_test_set_under_the_name_of_the_training_set_is_recognised(tmp_path: Path) -> None:
    found = Path(f"{REAL}/mnist/t10k-images-idx3-ubyte.gz").read_bytes()
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(found)
    with pytest.raises(
        DamagedDataError,
        match=r"train-images-idx3-ubyte\.gz: expected 60,000 × 28 × 28 .* got 10,000 × 28 × 28; "
        "this is the content of t10k-images-idx3-ubyte",
    ):
        load_mnist("train", folder=tmp_path)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(("suffix", "level"), [("", 6), (".gz", 1), (".gz", 9)])
def test_plain_and_recompressed_copies_are_as_good_as_any(
    tmp_path: Path, tiny: dict[str, bytes], split: str, suffix: str, level: int
) -> None:
    digits = load_mnist(split, folder=write(tmp_path / "own", tiny, suffix=suffix, level=level))  # type: ignore[arg-type]
    raw, labels = (tiny[MNIST_FILES[split, kind].name] for kind in ("images", "labels"))  # type: ignore[index]
    np.testing.assert_array_equal(np.rint(digits.flat * 255).ravel(), np.frombuffer(raw[16:], np.uint8))
    np.testing.assert_array_equal(digits.labels, np.frombuffer(labels[8:], np.uint8))
    assert digits.images.max() <= 1


@pytest.mark.parametrize("inside", [".", "raw", "MNIST/raw"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("dotted", [False, True])
def test_the_folders_of_other_libraries_and_names_with_a_dot_are_read(
    tmp_path: Path, tiny: dict[str, bytes], inside: str, suffix: str, dotted: bool
) -> None:
    named = {name.replace("-idx", ".idx") if dotted else name: content for name, content in tiny.items()}
    write(tmp_path / inside, named, suffix=suffix)
    assert len(load_mnist("test", folder=tmp_path)) == 7


def test_a_folder_for_each_file_as_an_unpacked_archive_has_it_is_read(
    tmp_path: Path, tiny: dict[str, bytes]
) -> None:
    for name, content in tiny.items():
        write(tmp_path / name, {name.replace("-idx", ".idx"): content}, suffix="")
    assert len(load_mnist("train", folder=tmp_path)) == 12


def test_another_packing_of_mnist_is_named_where_the_files_are_not_found(tmp_path: Path) -> None:
    for name in ("mnist.npz", "mnist_train.csv", "notes.txt"):
        (tmp_path / name).touch()
    with pytest.raises(
        FileNotFoundError, match=r"but mnist\.npz, mnist_train\.csv, another packing, which is not"
    ):
        load_mnist("train", folder=tmp_path)
    with pytest.raises(FileNotFoundError, match=r"mnist\.npz: expected a folder .*, found a file"):
        load_mnist("train", folder=tmp_path / "mnist.npz")


def test_a_home_folder_may_be_a_tilde(
    tmp_path: Path, tiny: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "digits", tiny)
    assert len(load_mnist("test", folder="~/digits")) == 7
    monkeypatch.setenv("NEUROSIM_DATA", "~/digits")
    assert len(load_mnist("test")) == 7


def test_a_file_that_unpacks_to_more_than_mnist_is_refused_before_it_does(
    tmp_path: Path, tiny: dict[str, bytes]
) -> None:
    own = write(tmp_path / "own", dict.fromkeys(tiny, bytes(2**24)))
    with pytest.raises(
        DamagedDataError, match=r"ubyte\.gz: expected at most .* bytes, got .* that unpack to more"
    ):
        load_mnist("test", folder=own)


def test_folders_are_searched_in_the_stated_order(
    tmp_path: Path, tiny: dict[str, bytes], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damaged files mark the place that is looked at first."""
    damaged = dict.fromkeys(tiny, b"damaged")
    own, data = tmp_path / "own", tmp_path / "data"
    write(cache, tiny)
    load_mnist("test")
    monkeypatch.setenv("NEUROSIM_DATA", str(data))
    data.mkdir()
    load_mnist("test")
    write(data, damaged)
    with pytest.raises(DamagedDataError, match="data/t10k"):
        load_mnist("test")
    write(data / "mnist", tiny)
    load_mnist("test")
    write(data / "mnist", damaged)
    with pytest.raises(DamagedDataError, match="data/mnist/t10k"):
        load_mnist("test")
    load_mnist("test", folder=write(own, tiny))


def test_a_folder_that_is_named_is_the_only_one_searched(
    tmp_path: Path, tiny: dict[str, bytes], cache: Path
) -> None:
    write(cache, tiny)
    (tmp_path / "own").mkdir()
    with pytest.raises(FileNotFoundError, match=r"found neither in \S*own; "):
        load_mnist("test", folder=tmp_path / "own")


def test_not_found_names_the_variable_the_files_and_the_option() -> None:
    with pytest.raises(FileNotFoundError) as told:
        load_mnist("test")
    for word in ("NEUROSIM_DATA", "environment variable", "download=True", "`folder`"):
        assert word in str(told.value)
    for file in MNIST_FILES.values():
        assert f"{file.name}.gz" in str(told.value)


def test_one_file_of_two_is_not_enough(tmp_path: Path, tiny: dict[str, bytes]) -> None:
    write(tmp_path / "own", tiny)
    (tmp_path / "own" / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match=r"expected t10k-labels-idx1-ubyte\.gz or t10k-labels"):
        load_mnist("test", folder=tmp_path / "own")
    load_mnist("train", folder=tmp_path / "own")


@pytest.mark.parametrize("download", [False, True])
def test_a_data_folder_that_is_not_there_is_an_error(
    tmp_path: Path, tiny: dict[str, bytes], cache: Path, monkeypatch: pytest.MonkeyPatch, download: bool
) -> None:
    write(cache, tiny)
    monkeypatch.setenv("NEUROSIM_DATA", str(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError, match=r"gone: expected the environment variable NEUROSIM_DATA"):
        load_mnist("test", download=download)


def test_an_unset_and_an_empty_variable_are_the_same(
    tiny: dict[str, bytes], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(cache, tiny)
    monkeypatch.setenv("NEUROSIM_DATA", "")
    assert len(load_mnist("test")) == 7


def test_swapped_files_are_refused(tmp_path: Path, tiny: dict[str, bytes]) -> None:
    images, labels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
    own = write(tmp_path / "own", tiny | {images: tiny[labels], labels: tiny[images]})
    with pytest.raises(DamagedDataError, match=rf"{images}\.gz: expected magic number 2051 .* got 2049"):
        load_mnist("train", folder=own)


def test_another_set_of_the_same_size_is_refused(tmp_path: Path, tiny: dict[str, bytes]) -> None:
    name = "train-images-idx3-ubyte"
    fashion = tiny[name][:16] + bytes(len(tiny[name]) - 16)
    own = write(tmp_path / "own", tiny | {name: fashion})
    with pytest.raises(DamagedDataError, match=rf"{name}\.gz: expected content with SHA-256"):
        load_mnist("train", folder=own)


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="one of train, test, got 'validation'"):
        load_mnist("validation")  # type: ignore[arg-type]


def test_fetching_goes_on_to_the_next_mirror_and_happens_once(
    server: tuple[str, list[str]], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = server
    monkeypatch.setattr(mnist, "MIRRORS", tuple(f"{address}/{way}/" for way in ("none", "forged", "good")))
    first = load_mnist("test", download=True)
    assert [path.split("/")[1] for path in asked] == ["none", "forged", "good"] * 2
    assert {path.name for path in cache.iterdir()} == {
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    }
    for again in (load_mnist("test", download=True), load_mnist("test")):
        np.testing.assert_array_equal(first.images, again.images)
    assert len(asked) == 6


def test_a_damaged_download_is_fetched_again_only_if_fetching_is_allowed(
    server: tuple[str, list[str]], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mnist, "MIRRORS", (f"{server[0]}/good/",))
    load_mnist("test", download=True)
    (cache / "t10k-labels-idx1-ubyte.gz").write_bytes(b"damaged")
    with pytest.raises(DamagedDataError):
        load_mnist("test")
    assert len(load_mnist("test", download=True)) == 7


def test_nothing_is_fetched_that_is_there_or_that_was_not_asked_for(
    tmp_path: Path,
    server: tuple[str, list[str]],
    tiny: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mnist, "MIRRORS", (f"{server[0]}/good/",))
    with pytest.raises(FileNotFoundError):
        load_mnist("test")
    load_mnist("test", folder=write(tmp_path / "own", tiny), download=True)
    assert server[1] == []


def test_a_fetched_file_never_lands_in_the_folders_of_the_user(
    tmp_path: Path, server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mnist, "MIRRORS", (f"{server[0]}/good/",))
    own = tmp_path / "own"
    own.mkdir()
    assert len(load_mnist("test", folder=own, download=True)) == 7
    assert list(own.iterdir()) == []


def test_mirrors_that_do_not_answer_are_all_named(
    server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrors = tuple(f"{server[0]}/{way}/" for way in ("none", "forged"))
    monkeypatch.setattr(mnist, "MIRRORS", mirrors)
    with pytest.raises(ConnectionError, match="from one of 2 mirrors, got it from none") as told:
        load_mnist("test", download=True)
    assert all(mirror in str(told.value) for mirror in mirrors)

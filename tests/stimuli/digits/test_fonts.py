"""Fonts: which is found, and which are refused."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest

from neurosim.stimuli.digits import fonts
from neurosim.stimuli.digits.fonts import PREFERRED_FAMILIES, find_font

FOLDER = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
DEJAVU = FOLDER / "DejaVuSans.ttf"


def test_a_font_is_what_its_file_says() -> None:
    for given in (DEJAVU, str(DEJAVU)):
        font = find_font(given)
        assert font.family == "DejaVu Sans"
        assert font.path == DEJAVU
        assert font.sha256 == hashlib.sha256(DEJAVU.read_bytes()).hexdigest()


def test_a_family_is_found_in_any_case_of_letters() -> None:
    assert find_font("dejavu serif") == find_font("DejaVu Serif")
    assert find_font("DejaVu Serif").family == "DejaVu Serif"


def test_the_first_preferred_family_that_is_installed_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def installed(family: str) -> Path | None:
        asked.append(family)
        return FOLDER / "DejaVuSerif.ttf" if family == "Arimo" else None

    monkeypatch.setattr(fonts, "_installed", installed)
    assert find_font().family == "DejaVu Serif"
    assert asked == ["Arial", "Liberation Sans", "Arimo"]


def test_without_any_of_them_it_is_the_one_inside_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_installed", lambda _family: None)
    assert find_font().path == DEJAVU


def test_whatever_is_installed_a_sans_serif_font_is_found() -> None:
    assert find_font().family in (*PREFERRED_FAMILIES, "DejaVu Sans")


def test_a_family_that_is_not_installed_is_never_replaced() -> None:
    with pytest.raises(
        ValueError, match="installed font family, got 'DejaVu Sanz'; did you mean 'DejaVu San"
    ):
        find_font("DejaVu Sanz")
    with pytest.raises(ValueError, match="got 'zzzzzz'; install it, or give the path of its file"):
        find_font("zzzzzz")


def test_a_font_without_digits_is_named_with_the_digits_missing() -> None:
    path = FOLDER / "DejaVuSansDisplay.ttf"
    with pytest.raises(
        ValueError, match=r"DejaVuSansDisplay\.ttf: .* 'DejaVu Sans Display', which lacks 0, 1, 2, .*, 9;"
    ):
        find_font(path)


@pytest.mark.parametrize("content", [b"", b"Dear cortex,", b"\x00\x01\x00\x00" * 20])
def test_a_file_that_is_no_font_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "letter.ttf").write_bytes(content)
    with pytest.raises(ValueError, match=r"letter\.ttf: expected a font file, got one that FreeType cannot"):
        find_font(tmp_path / "letter.ttf")


def test_a_missing_file_is_not_taken_for_a_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("absent.ttf", str(tmp_path / "absent"), tmp_path / "absent"):
        with pytest.raises(FileNotFoundError, match=r"absent.*: expected a font file, found none"):
            find_font(name)
    monkeypatch.chdir(tmp_path)
    shutil.copy(DEJAVU, "own.TTF")
    assert find_font("own.TTF").family == "DejaVu Sans"


def test_finding_a_font_starts_no_plotting() -> None:
    code = (
        "import sys, neurosim.stimuli as s; before = set(sys.modules); s.find_font();"
        "assert 'matplotlib' not in before; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

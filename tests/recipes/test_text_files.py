import codecs
from pathlib import Path

import pytest

from neurosim.recipes import recipe_text
from neurosim.recipes.errors import RecipeError
from neurosim.recipes.recipe import load_recipe

_TEXT = recipe_text("lca")


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + _TEXT.encode(),
        _TEXT.encode("utf-16"),
        codecs.BOM_UTF16_LE + _TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + _TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + _TEXT.encode("utf-32-le"),
        codecs.BOM_UTF8 + _TEXT.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8 with a mark", "utf-16", "little-endian", "big-endian", "utf-32", "as Windows writes it"],
)
def test_a_recipe_is_read_as_editors_save_it(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(content)
    assert load_recipe(tmp_path / "mine.toml") == load_recipe("lca")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_TEXT.encode("utf-16-le"), "UTF-16 without a byte-order mark"),
        (_TEXT.encode("utf-16-be"), "UTF-16 without a byte-order mark"),
        (
            '[run]\ndescription = "größe"\n'.encode("latin-1"),
            "bytes that are none in line 2.*save it as UTF-8",
        ),
        (codecs.BOM_UTF16_LE + b"a", "save it as UTF-8"),
        (b"a = " + b"[" * 5000, "brackets go too deep"),
        (b"[run]\nseed = " + b"9" * 5000, "expected TOML"),
        (b"a" * 3_000_000, "3,000,000 bytes"),
    ],
)
def test_what_is_no_text_or_no_recipe_is_named(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(content)
    with pytest.raises(RecipeError, match=message):
        load_recipe(tmp_path / "mine.toml")


def test_the_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.toml").write_text(_TEXT, encoding="utf-8")
    assert load_recipe("~/mine.toml") == load_recipe("lca")
    with pytest.raises(RecipeError, match=r"found no file '~nobody-of-this-name/mine\.toml'"):
        load_recipe("~nobody-of-this-name/mine.toml")


@pytest.mark.parametrize("name", ["x" * 5000 + ".toml", "a\0b.toml", ".", "/dev/null", "/dev/zero"])
def test_what_is_no_file_is_named(name: str) -> None:
    with pytest.raises(RecipeError, match="expected a"):
        load_recipe(name)

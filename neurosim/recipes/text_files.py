"""Text as editors write it: UTF-8, with or without a byte-order mark, or UTF-16 with one."""

import codecs
from pathlib import Path

_MARKS = (
    # UTF-32's mark begins with UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(path: Path) -> str:
    """Return the text in a file, UTF-8 or what its byte-order mark says, without the mark; else raise `ValueError`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "recipe.toml")
    ...     _ = file.write_text("[run]", encoding="utf-16")
    ...     text_of(file)
    '[run]'
    """
    return decoded(path.read_bytes())


def decoded(content: bytes) -> str:
    """Return the text that bytes of a file stand for; see `text_of`."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        where = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"expected text in UTF-8, got bytes that are none in line {where} "
            f"({error.reason}); save it as UTF-8 in an editor"
        ) from error
    if "\0" in text:
        raise ValueError(
            "expected text in UTF-8, got zero bytes, as UTF-16 without a byte-order mark has them; save it as UTF-8 "
            "in an editor"
        )
    # Python reads lines so in text files, too.
    return text.replace("\r\n", "\n")

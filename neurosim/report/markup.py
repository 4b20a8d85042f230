"""Pieces of HTML from plain values; everything that comes from outside is escaped here."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

__all__ = ["data_image", "figure", "paragraph", "preformatted", "table"]


def paragraph(text: str, *, kind: str = "") -> str:
    """Return a paragraph of plain text.

    Examples
    --------
    >>> paragraph("a < b")
    '<p>a &lt; b</p>'
    """
    return f"<p{_class(kind)}>{escape(text)}</p>"


def preformatted(text: str) -> str:
    """Return a block of text that keeps its line breaks.

    Examples
    --------
    >>> preformatted("x & y")
    '<pre>x &amp; y</pre>'
    """
    return f"<pre>{escape(text)}</pre>"


def table(
    caption: str, *, heads: Sequence[str], rows: Iterable[Sequence[str]], kinds: Sequence[str] = ()
) -> str:
    """Return a table with a caption; the first cell of a row is its heading.

    Parameters
    ----------
    caption : str
        What the table says.
    heads : sequence of str
        Column headings.
    rows : iterable of sequences of str
        As many cells as there are headings.
    kinds : sequence of str, optional
        Style class of each column, ``"number"`` for numbers, ``""`` for none.

    Raises
    ------
    ValueError
        If a row or `kinds` is longer or shorter than `heads`.

    Examples
    --------
    >>> "<th scope='row'>a</th>" in table("t", heads=["name", "value"], rows=[["a", "1"]])
    True
    """
    kinds = kinds or [""] * len(heads)
    columns = "".join(
        f"<th scope='col'{_class(kind)}>{escape(head)}</th>" for head, kind in zip(heads, kinds, strict=True)
    )
    body = "\n".join(_row(cells, kinds) for cells in rows)
    return (
        f"<div class='table'><table><caption>{escape(caption)}</caption>\n<thead><tr>{columns}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def figure(path: Path, *, title: str, caption: str, alternative: str) -> str:
    """Return a figure that carries its image in itself.

    Parameters
    ----------
    path : Path
        A PNG file.
    title, caption, alternative : str
        Heading, text below the image, and what a reader hears who cannot see it.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    return (
        f"<figure><h3>{escape(title)}</h3>\n<img src='{data_image(path)}' alt='{escape(alternative)}'>\n"
        f"<figcaption class='caption'>{escape(caption)}</figcaption></figure>"
    )


def data_image(path: Path) -> str:
    """Return a PNG file as a ``data:`` address."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")


def _row(cells: Sequence[str], kinds: Sequence[str]) -> str:
    head, *rest = (f"{_class(kind)}>{escape(cell)}" for cell, kind in zip(cells, kinds, strict=True))
    return f"<tr><th scope='row'{head}</th>" + "".join(f"<td{cell}</td>" for cell in rest) + "</tr>"


def _class(kind: str) -> str:
    return f" class='{escape(kind)}'" if kind else ""

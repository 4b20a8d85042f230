"""Blocks of a weight matrix: which populations are connected at all, where they come in parallel groups."""

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Block", "block_table", "checked_blocks"]


class Block(NamedTuple):
    """Rows and columns of a stored matrix that have weights: the first of them, and how many."""

    row: int
    n_rows: int
    column: int
    n_columns: int

    @property
    def rows(self) -> slice:
        """The rows."""
        return slice(self.row, self.row + self.n_rows)

    @property
    def columns(self) -> slice:
        """The columns."""
        return slice(self.column, self.column + self.n_columns)


def checked_blocks(blocks: Sequence[Block], shape: tuple[int, int]) -> tuple[Block, ...]:
    """Return the blocks of a matrix, the whole of it where none are given.

    Raises
    ------
    ValueError
        Unless they follow each other along the diagonal, and every row and column is in one.

    Examples
    --------
    >>> checked_blocks((), (2, 3))
    (Block(row=0, n_rows=2, column=0, n_columns=3),)
    """
    if not blocks:
        return (Block(0, shape[0], 0, shape[1]),)
    row = column = 0
    for block in blocks:
        if (block.row, block.column) != (row, column) or min(block.n_rows, block.n_columns) < 1:
            break
        row, column = block.row + block.n_rows, block.column + block.n_columns
    else:
        if (row, column) == shape:
            return tuple(blocks)
    raise ValueError(
        f"expected blocks along the diagonal that hold every row and column of {shape}, got {tuple(blocks)}"
    )


def block_table(blocks: Sequence[Block], *, name: str = "blocks") -> tuple[str, dict[str, int]]:
    """Return the C++ that has the blocks by a name, and the sizes it names, which are handed over when it runs."""
    sizes = {
        f"{name}_{k}_{part}": value
        for k, block in enumerate(blocks)
        for part, value in zip(Block._fields, block, strict=True)
    }
    names, width = list(sizes), len(Block._fields)
    rows = ", ".join(f"{{{', '.join(names[k : k + width])}}}" for k in range(0, len(names), width))
    return f"const Block {name}[] = {{{rows}}};\n", sizes

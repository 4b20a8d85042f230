"""Amounts of memory and of disc space in words."""

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def in_words(n_bytes: int) -> str:
    """Return an amount in the largest unit of which there is one.

    Examples
    --------
    >>> in_words(512), in_words(1_500_000), in_words(4 * 10**14), in_words(10**30)
    ('512 bytes', '1.5 MB', '400 TB', 'more than 1000 EB')
    """
    if n_bytes >= 1000 ** len(_UNITS):
        return "more than 1000 EB"
    power = (len(str(n_bytes)) - 1) // 3
    return f"{n_bytes / 1000**power:.3g} {_UNITS[power]}"

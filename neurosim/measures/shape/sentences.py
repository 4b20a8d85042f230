"""What the page says of the shape of fields, in words."""

from collections.abc import Iterator

from neurosim.results.run_folder import RunFolder

_LEFT_OUT = {
    "no_fit": "constant",
    "r2": "with R² of .7 or less",
    "participation": "a few pixels only",
    "bound": "with a parameter of the fit at its bound",
}
_FOUND = {
    "adjoint": "computed from the weights, which no electrode sees",
    "reverse_correlated": "mapped with noise, as an electrode would",
}


def sentences(run: RunFolder) -> Iterator[str]:
    """Say the distance to macaque's cells in image space, the verdict, and which fields count."""
    if (bits := run.number("v1_nxny_js_bits")) is None:
        return
    mapped = "v1_nxny_js_bits_adjoint" in run.summary
    fields = "the fields as noise maps them" if mapped else "the fields"
    yield (
        f"In image space, the shape of {fields} (n_x, n_y) is {bits:.3f} bits of Jensen–Shannon divergence away "
        f"from 79 macaque simple cells, where 0 is identical and 1 disjoint{_corrected(run)}."
    )
    if interval := run.summary.get("v1_nxny_js_interval"):
        yield verdict(interval)
    yield from _shapes(run)
    yield from _counted(run, mapped=mapped)
    yield from _others(run)
    if (other := run.number("v1_nxny_js_bits_whitened")) is not None:
        yield f"On whitened patches, beside the claim, the distance is {other:.3f} bits."


def verdict(interval: list[float]) -> str:
    """Say what an interval of the distance (bits) means.

    Examples
    --------
    >>> verdict([0.0, 0.04])
    'The interval holds 0: by this measure the fields cannot be told from the cells.'
    """
    low, _ = interval
    if low > 0:
        return (
            f"So the fields are not shaped like macaque's: the interval begins at {low:.3f} bits, not at 0."
        )
    return "The interval holds 0: by this measure the fields cannot be told from the cells."


def _corrected(run: RunFolder) -> str:
    """Say the corrected distance, its interval and the floor, as far as there are."""
    text, interval = "", run.summary.get("v1_nxny_js_interval")
    if (corrected := run.number("v1_nxny_js_bits_corrected")) is not None:
        text += f"; without the bias of few cells and fields it is {corrected:.3f} bits"
    if interval:
        text += f" (95 % interval {interval[0]:.3f} to {interval[1]:.3f})"
    if (floor := run.number("v1_nxny_floor_bits")) is not None:
        text += f"; fields of the cells' own distribution would be measured {floor:.3f} bits away on average"
    return text


def _shapes(run: RunFolder) -> Iterator[str]:
    share, number = run.number("broadly_tuned_share"), run.number("v1_nxny_fields")
    if share is not None and number is not None:
        yield (
            f"Of the {number:.0f} fields compared, {share * number:.0f} are broadly tuned (n_x and n_y below .302 "
            "cycles); of the macaque cells 19 of 79."
        )
    across, along = run.number("nx_median_image"), run.number("ny_median_image")
    if across is not None and along is not None:
        yield f"Their medians in image space are n_x {across:.3f} and n_y {along:.3f} (macaque .365 and .445)."


def _others(run: RunFolder) -> Iterator[str]:
    """Say the distance of the same units' fields when they are found in the other way."""
    for space, words in _FOUND.items():
        if (bits := run.number(f"v1_nxny_js_bits_{space}")) is None:
            continue
        interval = run.summary.get(f"v1_nxny_js_interval_{space}")
        corrected = run.number(f"v1_nxny_js_bits_corrected_{space}")
        text = f"The same units' fields {words}, are {bits:.3f} bits away"
        if corrected is not None and interval:
            text += f" (corrected {corrected:.3f}, 95 % interval {interval[0]:.3f} to {interval[1]:.3f})"
        across, along = (run.number(f"{name}_median_image_{space}") for name in ("nx", "ny"))
        if across is not None and along is not None:
            text += f", with medians n_x {across:.3f} and n_y {along:.3f}"
        yield f"{text}."


def _counted(run: RunFolder, *, mapped: bool) -> Iterator[str]:
    numbers = {reason: run.number(f"v1_nxny_left_out_{reason}") for reason in _LEFT_OUT}
    why = _LEFT_OUT | ({"no_fit": "of units that answer all frames of noise alike"} if mapped else {})
    parts = [f"{number:.0f} {why[reason]}" for reason, number in numbers.items() if number]
    if not parts:
        return
    total = sum(number for number in numbers.values() if number)
    amplitude = run.number("v1_nxny_left_out_amplitude_bound")
    if amplitude:
        parts[-1] += f" (that of the amplitude for {amplitude:.0f}, some of which may be broadly tuned)"
    fields = "is 1 field" if total == 1 else f"are {total:.0f} fields"
    yield f"Not compared {fields}: {', '.join(parts)}."

"""What a sheet of neurons and their groups show, in sentences."""

from collections.abc import Iterator

from neurosim.results.run_folder import RunFolder

__all__ = ["sheet_sentences"]


def sheet_sentences(run: RunFolder) -> Iterator[str]:
    """Say how orderly the map on the sheet is, and into how many groups the neurons fall.

    Parameters
    ----------
    run : RunFolder
        A finished run.

    Yields
    ------
    str
        One sentence for each measure the run has.
    """
    if {"row", "column"} <= set(run.fields.columns):
        yield _sheet(run)
    if (clusters := run.number("clusters")) is not None:
        yield (
            f"By whom they are active with, the neurons fall into {clusters:.0f} groups."
            if clusters > 1
            else "By whom they are active with, the neurons fall into no groups beyond chance."
        )


def _sheet(run: RunFolder) -> str:
    height, width = run.fields[["row", "column"]].max() + 1
    kind = "torus" if run.section("network").get("torus") else "sheet"
    text = f"The neurons sit on a {height} × {width} {kind}"
    apart, chance = (run.number(f"neighbour_orientation_difference_deg{s}") for s in ("", "_shuffled"))
    if apart is None or chance is None:
        oriented = run.number("oriented_neurons")
        if oriented is None:
            return f"{text}."
        return (
            f"{text}; {oriented:.0f} of {len(run.fields)} have a Gabor fit good enough for an orientation, too few "
            "for a map."
        )
    text += (
        f", and neighbours' preferred orientations differ by {apart:.1f}° ({chance:.1f}° in shuffled places)"
    )
    return f"{text}.{_map(run)}"


def _map(run: RunFolder) -> str:
    """Say how many pinwheels there are, beside noise, and in a square of the wavelength if there is one."""
    if (pinwheels := run.number("pinwheels")) is None:
        return ""
    text = f" Smoothed by one neuron, the map has {pinwheels:.0f} pinwheels"
    if (noise := run.number("pinwheels_noise")) is not None:
        text += f", random maps with its spectrum {noise:.1f} on average{_ratio(run)}"
    if (density := run.number("pinwheel_density")) is not None:
        text += f"; in a square of its wavelength there are {density:.2f}"
        text += _within(run, "pinwheel_density_interval", before=" (", after=")")
    elif reason := run.summary.get("map_ring_missing"):
        text += f"; it has no wavelength and so no density: {reason}"
    return f"{text}."


def _ratio(run: RunFolder) -> str:
    if (ratio := run.number("pinwheels_noise_ratio")) is None:
        return ""
    return f" (ratio {ratio:.2f}{_within(run, 'pinwheels_noise_ratio_interval', before=', ')})"


def _within(run: RunFolder, name: str, *, before: str, after: str = "") -> str:
    """Return an interval in words, or nothing where the run has none."""
    interval = run.summary.get(name)
    if not interval or None in interval:
        return ""
    low, high = interval
    return f"{before}95 % interval {low:.2f} to {high:.2f}{after}"

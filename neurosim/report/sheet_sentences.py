"""What a sheet of neurons and their groups show, in sentences."""

from collections.abc import Iterator

from neurosim.report.run_folder import RunFolder

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
    pinwheels, density = run.number("pinwheels"), run.number("pinwheel_density")
    if pinwheels is not None and density is not None:
        text += f"; the map has {pinwheels:.0f} pinwheels, {density:.2f} in a square of its wavelength"
    return f"{text}."

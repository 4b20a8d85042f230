"""Pictures that a page carries in itself, as small as they can be had."""

import base64
import io

from PIL import Image

__all__ = ["data_address", "frames_in", "smaller"]

_COLOURS = 256


def data_address(png: bytes) -> str:
    """Return a PNG file as an address that a page need not load from anywhere."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def frames_in(png: bytes) -> int:
    """Return how many frames stand side by side in a PNG file, by what it says of itself; 1 in one that is no film."""
    try:
        with Image.open(io.BytesIO(png)) as figure:
            said = str(figure.info.get("Frames", "1"))
    except OSError as error:
        raise ValueError(f"a figure is no picture in PNG any more: {error}") from error
    return int(said) if said.isdecimal() and int(said) > 0 else 1


def smaller(png: bytes) -> bytes:
    """Return a PNG file of a figure in shades of grey, or with a palette of 256 colours, or as it is: the smallest.

    A figure without colours stays as it is to the pixel. Others have fewer colours, or more only along the edges of
    their letters and lines: no eye sees the difference. Half the bytes go. ValueError if the file is damaged.
    """
    try:
        with Image.open(io.BytesIO(png)) as figure:
            plain = Image.alpha_composite(Image.new("RGBA", figure.size, "white"), figure.convert("RGBA"))
    except OSError as error:  # Pillow's word for whatever is wrong with a picture
        raise ValueError(f"a figure is no picture in PNG any more: {error}") from error
    red, green, blue, _ = plain.split()
    grey = red.tobytes() == green.tobytes() == blue.tobytes()
    reduced = red if grey else plain.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    file = io.BytesIO()
    reduced.save(file, "PNG", optimize=True)
    return min(file.getvalue(), png, key=len)

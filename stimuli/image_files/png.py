"""PNG files: what their chunks say, and the pixels that go with it."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from neurosim.stimuli.image_files.picture import Picture, UnreadableImageError
from neurosim.stimuli.image_files.png_chunks import (
    GREY,
    GREY_ALPHA,
    N_CHANNELS,
    PALETTE,
    RGB_ALPHA,
    SIGNATURE,
    Header,
    chunk,
    read_chunks,
)
from neurosim.stimuli.image_files.png_rows import decoded_rows, n_decoded_bytes

_SRGB_CHROMATICITIES = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
_LARGEST_PROFILE = 2**24


def read_png(file: BinaryIO) -> Picture:
    """Return the picture in a PNG file (https://www.w3.org/TR/png-3/) that is at its start.

    Raises `UnreadableImageError` for a damaged file, an animation, and colours encoded in a way that is not known.
    """
    header, said, data = read_chunks(file)
    if b"acTL" in said and (n_frames := int.from_bytes(said[b"acTL"][:4], "big")) > 1:
        raise UnreadableImageError(
            f"expected one picture in the file, got {n_frames} (an animation); save the wanted one by itself"
        )
    n_channels = N_CHANNELS[header.colour]
    raw = _unpacked(data, header, n_channels)
    samples: NDArray[np.generic]
    if header.depth == 16 and n_channels > 1:  # Pillow keeps 8 bits of these
        samples = decoded_rows(raw, (header.height, header.width), n_channels, interlaced=header.interlaced)
    else:
        del raw
        samples = _by_pillow(header, said.get(b"PLTE"), data)
    pixels, opaque = _split(samples, header, said)
    return Picture(
        pixels,
        255.0 if header.colour == PALETTE else _full_scale(pixels, header),
        opaque=opaque,
        orientation=_orientation(said.get(b"eXIf")),
        profile=_profile(said),
        gamma=_gamma(said, header),
        notes=_notes(pixels) if header.depth == 16 else (),
    )


def _unpacked(data: bytes, header: Header, n_channels: int) -> bytes:
    """Return the filtered rows, which have to be as many bytes as the header says."""
    n_bytes = n_decoded_bytes(
        (header.height, header.width), header.depth * n_channels, interlaced=header.interlaced
    )
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(data, n_bytes)
        # One byte more brings the stream's own checksum to light, and pixels that nobody announced.
        more = unpacker.decompress(unpacker.unconsumed_tail, 1)
    except zlib.error as error:
        raise UnreadableImageError(
            f"expected a complete image file, got pixels that cannot be unpacked ({error}); fetch it again"
        ) from error
    if len(raw) < n_bytes or more or not unpacker.eof:
        raise UnreadableImageError(
            f"expected {n_bytes:,} bytes of pixels, as the header says, got "
            f"{'more' if more else 'no end' if len(raw) == n_bytes else f'{len(raw):,}'}; the file is damaged"
        )
    return raw


def _by_pillow(header: Header, palette: bytes | None, data: bytes) -> NDArray[np.generic]:
    """Return samples (height, width[, channels]): indices of a palette, bools, bytes or 16-bit grey."""
    chunks = [(b"IHDR", header.content), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b"")]
    plain = SIGNATURE + b"".join(chunk(kind, content) for kind, content in chunks if content is not None)
    samples = np.asarray(Image.open(BytesIO(plain), formats=("PNG",)))
    # Older versions of Pillow give 16-bit grey as 32-bit integers.
    return samples.astype(np.uint16) if samples.dtype.kind == "i" or samples.dtype == ">u2" else samples


def _split(
    samples: NDArray[np.generic], header: Header, said: dict[bytes, bytes]
) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
    """Return grey or colours, and where they are opaque."""
    full = _full_scale(samples, header)
    key = said.get(b"tRNS")
    if header.colour in (GREY_ALPHA, RGB_ALPHA):
        colours = samples[..., 0] if header.colour == GREY_ALPHA else samples[..., :3]
        return colours, samples[..., -1] == full
    if header.colour == PALETTE:
        return _looked_up(samples, said.get(b"PLTE", b""), key)
    if key is None:
        return samples, None
    n_channels = N_CHANNELS[header.colour]
    if len(key) != 2 * n_channels:
        raise UnreadableImageError(f"expected {n_channels} transparent values (tRNS), got {len(key)} bytes")
    # The low bits count; samples of fewer than 8 bits come scaled up to 255.
    levels = 2**header.depth - 1
    wanted = (np.frombuffer(key, ">u2").astype(int) & levels) * int(full) // levels
    same = samples == (wanted if n_channels == 3 else wanted[0])
    return samples, ~(same.all(axis=-1) if n_channels == 3 else same)


def _full_scale(samples: NDArray[np.generic], header: Header) -> float:
    return {"b": 1.0, "u1": 255.0, "u2": 65535.0}[
        "b" if samples.dtype == bool else f"u{samples.dtype.itemsize}"
    ]


def _looked_up(
    indices: NDArray[np.generic], palette: bytes, alphas: bytes | None
) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
    colours = np.frombuffer(palette[: len(palette) // 3 * 3], np.uint8).reshape(-1, 3)
    index = indices.astype(np.intp)
    if index.max() >= len(colours):
        raise UnreadableImageError(
            f"expected pixels that index a palette of {len(colours)} colours, got index {index.max()}; the file is "
            "damaged"
        )
    if alphas is None:
        return colours[index], None
    opaque = np.ones(max(len(colours), len(alphas)), dtype=bool)
    opaque[: len(alphas)] = np.frombuffer(alphas, np.uint8) == 255
    return colours[index], opaque[index]


def _orientation(exif: bytes | None) -> int:
    if exif is None:
        return 1
    found = Image.Exif()
    found.load(exif)
    orientation = found.get(0x0112, 1)
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _profile(said: dict[bytes, bytes]) -> bytes | None:
    """Return the ICC profile unless the file says that it is sRGB, or how it is encoded, in a word."""
    if b"cICP" in said:
        # Primaries, transfer, matrix, full range; 13 is the transfer of sRGB, 1 are its primaries.
        if said[b"cICP"] != bytes([1, 13, 0, 1]):
            raise UnreadableImageError(
                f"expected sRGB, got another coding of colour (cICP {list(said[b'cICP'])}); save the picture as sRGB"
            )
        return None
    if b"iCCP" not in said:
        return None
    _, _, packed = said[b"iCCP"].partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], _LARGEST_PROFILE)
    except zlib.error as error:
        raise UnreadableImageError(
            f"expected a colour profile, got a damaged one ({error}); save it as sRGB"
        ) from error
    return profile


def _gamma(said: dict[bytes, bytes], header: Header) -> float | None:
    """Return the power of light that values are, None where it is that of sRGB or not said."""
    if any(kind in said for kind in (b"sRGB", b"iCCP", b"cICP")):
        return None
    coloured = header.colour not in (GREY, GREY_ALPHA)
    if coloured and b"cHRM" in said and len(said[b"cHRM"]) == 32:
        found = np.frombuffer(said[b"cHRM"], ">u4").astype(int)
        if np.abs(found - _SRGB_CHROMATICITIES).max() > 1000:
            raise UnreadableImageError(
                f"expected the primaries of sRGB, got others (cHRM {(found / 1e5).tolist()}); convert the picture to "
                "sRGB and save it again"
            )
    if b"gAMA" not in said or len(said[b"gAMA"]) != 4:
        return None
    power = int.from_bytes(said[b"gAMA"], "big") / 100_000
    if not 0.1 <= power <= 10:
        raise UnreadableImageError(
            f"expected a gamma (gAMA) from .1 to 10, got {power}; correct or remove it"
        )
    return power


def _notes(pixels: NDArray[np.generic]) -> tuple[str, ...]:
    return dim_note(pixels, 65535)


def dim_note(pixels: NDArray[np.generic], full_scale: float) -> tuple[str, ...]:
    """Return a note if 16-bit pixels stay below a quarter of full scale, as those of 10- to 14-bit cameras do.

    Examples
    --------
    >>> dim_note(np.array([[0, 4095]], np.uint16), 65535)[0][:60]
    '16-bit pixels reach 4,095 at most, which 12 bits hold, and a'
    """
    most = int(pixels.max())
    if not 255 < most < (full_scale + 1) / 4:
        return ()
    bits = most.bit_length()
    return (
        f"16-bit pixels reach {most:,} at most, which {bits} bits hold, and are divided by {full_scale:,.0f}; if the "
        f"camera's white is {2**bits - 1:,}, multiply the image by {full_scale / (2**bits - 1):.4g}, or save it with "
        "its full scale",
    )

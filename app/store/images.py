"""Small pictures of attached images, and when they were taken. Whatever is in the file, this only says None.

Pillow reads five formats, with bounds on the number of pixels: a few kilobytes can claim to be an image of
many gigabytes. JPEG is decoded at a fraction of its size, so more pixels are accepted there.
"""

from __future__ import annotations

import io
import struct
import warnings
from datetime import datetime, timedelta, timezone, tzinfo
from typing import BinaryIO, Final

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
MAX_PIXELS_JPEG: Final = 120_000_000
MAX_PIXELS: Final = 50_000_000
MAX_SIZE: Final = 1024
"""Longest side of the largest thumbnail, in pixels."""
SCREEN_SIZE: Final = 2600
_QUALITY: Final = 80

Image.MAX_IMAGE_PIXELS = MAX_PIXELS_JPEG
# Pillow warns where it could refuse: a picture beyond the bound is refused, other oddities are nobody's business.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.simplefilter("error", Image.DecompressionBombWarning)

_HOSTILE: Final = (
    Image.DecompressionBombError,
    UnidentifiedImageError,
    Warning,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
"""What decoders raise for damaged images."""


def thumbnail(source: BinaryIO, size: int) -> bytes | None:
    """A picture that fits into a square of ``size`` pixels (at most 1,024), turned upright.

    JPEG, or PNG where it is transparent. None where this is no image that can be shown.
    """
    return _fitted(source, min(size, MAX_SIZE))


def large(source: BinaryIO) -> bytes | None:
    """The same, large enough for a screen, for formats that a viewer does not read itself."""
    return _fitted(source, SCREEN_SIZE)


def _fitted(source: BinaryIO, size: int) -> bytes | None:
    try:
        with _open(source) as image:
            return _small(image, max(16, size))
    except _HOSTILE:
        return None


def _open(source: BinaryIO) -> Image.Image:
    """Open an image; the library for photos of phones is loaded when the first of them comes."""
    start = source.read(12)
    source.seek(0)
    if start[4:8] == b"ftyp" and "HEIF" not in Image.OPEN:
        import pi_heif  # type: ignore[import-untyped]

        # Small pictures inside, depth maps and the like are nobody's business here.
        pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return Image.open(source, formats=(*FORMATS, "HEIF") if "HEIF" in Image.OPEN else FORMATS)


def _small(image: Image.Image, size: int) -> bytes | None:
    limit = MAX_PIXELS_JPEG if image.format == "JPEG" else MAX_PIXELS
    if image.width * image.height > limit:
        return None
    image.draft("RGB", (2 * size, 2 * size))
    image.thumbnail((size, size))
    upright = ImageOps.exif_transpose(image)
    out = io.BytesIO()
    if upright.has_transparency_data:
        upright.convert("RGBA").save(out, "PNG", optimize=True)
    else:
        upright.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def captured(source: BinaryIO, zone: tzinfo) -> int | None:
    """When a photo was taken (ms since 1970, UTC) by its EXIF data; None where it does not say.

    A camera that does not tell its time zone is taken to be in ``zone``.
    """
    try:
        with _open(source) as image:
            exif = image.getexif()
            details = exif.get_ifd(ExifTags.IFD.Exif)
            at = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
            offset = details.get(ExifTags.Base.OffsetTimeOriginal)
            taken = datetime.strptime(str(at).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 (zone below)
            moment = taken.replace(tzinfo=_zone(offset) or zone)
            milliseconds = int(moment.timestamp() * 1000)
    except _HOSTILE:
        return None
    return milliseconds if milliseconds > 0 else None


def _zone(offset: object) -> tzinfo | None:
    """Read ``+02:00``."""
    try:
        hours, minutes = str(offset).strip("\0 ").split(":")
        sign = -1 if hours.startswith("-") else 1
        return timezone(sign * timedelta(hours=abs(int(hours)), minutes=int(minutes)))
    except ValueError:
        return None

"""Read a picture file: upright, in sRGB, opaque, and no larger than any camera's frame."""

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import (  # the plug-ins by name: Image.open() would load all of Pillow's
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from backdrop.backdrops.base import BackdropError
from backdrop.language import _
from backdrop.system.reason import reason_of

# No other formats: for some, Pillow would start programs, and many are never used.
FORMATS = [
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    AvifImagePlugin.AvifImageFile.format,
    TiffImagePlugin.TiffImageFile.format,
    BmpImagePlugin.BmpImageFile.format,
    GifImagePlugin.GifImageFile.format,
    Jpeg2KImagePlugin.Jpeg2KImageFile.format,
    PpmImagePlugin.PpmImageFile.format,
    IcoImagePlugin.IcoImageFile.format,
]
LARGEST_FILE = 300_000_000  # bytes
LARGEST_SIDE = 3840  # pixels of a picture that are kept; no camera has more
MOST_PIXELS = 64_000_000  # decoded: 256 MB with transparency
MOST_IN_FILE = 256_000_000  # of a JPEG, which can be scaled down while it is decoded
LONGEST = 4  # the largest ratio of the sides; longer pictures are cropped, because no frame is that long
BEHIND = (128, 128, 128)  # grey behind transparent parts: both black and white drawings are visible on it
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112  # of EXIF
SRGB = ImageCms.createProfile("sRGB")

Image.MAX_IMAGE_PIXELS = None  # checked below instead, before anything is decoded
ImageFile.LOAD_TRUNCATED_IMAGES = True  # a truncated download is shown as far as it goes


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 BGR, no side longer than LARGEST_SIDE. Raises BackdropError."""
    name = path.name
    try:
        if not path.is_file():
            raise BackdropError(_("There is no picture {name}: choose another one.", name=name))
        if path.stat().st_size > LARGEST_FILE:
            raise BackdropError(_("The picture {name} is too large: choose one below 300 MB.", name=name))
        with Image.open(path, formats=FORMATS) as image:
            return _pixels(image, name)
    except UnidentifiedImageError as error:
        raise BackdropError(
            _("{name} is not a readable picture: choose a JPEG, PNG or WebP file.", name=name)
        ) from error
    except MemoryError as error:
        raise _too_many_pixels(name) from error
    except (OSError, ValueError, SyntaxError) as error:  # Pillow raises SyntaxError for broken files
        raise BackdropError(
            _(
                "The picture {name} could not be read ({reason}): choose another one.",
                name=name,
                reason=reason_of(error),
            )
        ) from error


def _pixels(image: Image.Image, name: str) -> NDArray[np.uint8]:
    width, height = image.size
    progressive = bool(image.info.get("progressive"))  # cannot be scaled down while it is decoded
    if width * height > (MOST_PIXELS if progressive else MOST_IN_FILE):
        raise _too_many_pixels(name)
    scale = min(1.0, LARGEST_SIDE / max(min(width, LONGEST * height), min(height, LONGEST * width)))
    image.draft(None, (round(width * scale), round(height * scale)))
    if image.width * image.height > MOST_PIXELS:
        raise _too_many_pixels(name)
    image.load()  # also turns a TIFF upright
    turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    profile = image.info.get("icc_profile")
    small = _in_eight_bits(_smaller(image))
    opaque = _over_grey(small, profile) if small.has_transparency_data else _in_srgb(small, profile)
    if turn is not None:
        opaque = opaque.transpose(turn)
    return np.ascontiguousarray(np.asarray(opaque)[..., ::-1])


def _smaller(image: Image.Image) -> Image.Image:
    width, height = min(image.width, LONGEST * image.height), min(image.height, LONGEST * image.width)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    if (width, height) != image.size:
        image = image.crop((left, top, left + width, top + height))
    scale = LARGEST_SIDE / max(width, height)
    if scale >= 1:
        return image
    if image.mode in ("P", "1"):  # palette indices have no mean
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return image.resize(size, Image.Resampling.BOX if scale < 0.5 else Image.Resampling.LANCZOS)


def _in_eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):  # these have no fixed range
        values = np.nan_to_num(np.asarray(image, np.float64))
        span = float(values.max() - values.min())
        return Image.fromarray(np.uint8((values - values.min()) * (255 / span if span else 0)))
    return image


def _over_grey(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Put the picture over grey: colours in transparent parts must not be seen."""
    image = image.convert("RGBA")
    colours = _in_srgb(image.convert("RGB"), profile)
    ground = Image.new("RGB", image.size, BEHIND)
    ground.paste(colours, mask=image.getchannel("A"))
    return ground


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode not in ("RGB", "L", "CMYK"):
        image = image.convert("RGB")
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                SRGB,
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a broken profile, or one for another kind of picture: most programs ignore it
    return image.convert("RGB")


def _too_many_pixels(name: str) -> BackdropError:
    return BackdropError(_("The picture {name} has too many pixels: choose a smaller one.", name=name))

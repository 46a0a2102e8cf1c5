"""Ask Video4Linux what a camera offers, without starting it: pixel formats, rates, and whether it is in use."""

import errno
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from backdrop.system.v4l2 import opened

# From linux/videodev2.h.
VIDIOC_ENUM_FMT = 0xC0405602
VIDIOC_ENUM_FRAMESIZES = 0xC02C564A
VIDIOC_ENUM_FRAMEINTERVALS = 0xC034564B
VIDIOC_REQBUFS = 0xC0145608
CAPTURE, MMAP = 1, 1
COMPRESSED = 0x1
DISCRETE = 1
MOST = 128  # formats, and rates per format, that are asked for

MJPG = ("MJPG", "JPEG")
# Formats that OpenCV can read.
READABLE = (
    *MJPG, "YUYV", "UYVY", "YU12", "YV12", "411P", "NV12", "NV21", "BGR3", "RGB3", "XR24", "AR24", "GREY",
    "Y10 ", "Y12 ", "Y16 ", "BA81", "GBRG", "S910",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CameraFormat:
    """A pixel format that a camera offers. rates: fps at the size that was asked about, () if it does not have that size."""

    fourcc: str
    description: str
    compressed: bool
    rates: tuple[float, ...] = ()


def read_formats(path: str, width: int, height: int) -> list[CameraFormat]:
    """The formats of a camera, with their rates at a size. The camera light stays off. Raises OSError."""
    with opened(path) as handle:
        return [replace(each, rates=tuple(_rates(handle, each, width, height))) for each in _formats(handle)]


def read_sizes(path: str, usual: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sizes, (width, height), of a camera in any format, largest first. The camera light stays off. Raises OSError.

    usual: the sizes to choose from if a camera offers a range.
    """
    sizes: set[tuple[int, int]] = set()
    with opened(path) as handle:
        for each in _formats(handle):
            code = each.fourcc.encode("latin-1")
            for size in _all(handle, VIDIOC_ENUM_FRAMESIZES, struct.pack("=I4s36x", 0, code)):
                sizes |= sizes_of(size, usual)
                if struct.unpack_from("=I", size, 8)[0] != DISCRETE:
                    break
    return sorted(sizes, reverse=True)


def _formats(handle: int) -> list[CameraFormat]:
    """Without rates."""
    return [format_of(answer) for answer in _all(handle, VIDIOC_ENUM_FMT, struct.pack("=II56x", 0, CAPTURE))]


def sizes_of(answer: bytes, usual: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """From the 44 bytes of a struct v4l2_frmsizeenum: one size, or the usual sizes that its range and steps allow."""
    if struct.unpack_from("=I", answer, 8)[0] == DISCRETE:
        width, height = struct.unpack_from("=II", answer, 12)
        return {(width, height)}
    narrow, wide, across, low, high, down = struct.unpack_from("=6I", answer, 12)
    return {
        (width, height)
        for width, height in usual
        if narrow <= width <= wide
        and low <= height <= high
        and (width - narrow) % max(across, 1) == (height - low) % max(down, 1) == 0
    }


def _rates(handle: int, pixels: CameraFormat, width: int, height: int) -> Iterator[float]:
    code = pixels.fourcc.encode("latin-1")
    for answer in _all(handle, VIDIOC_ENUM_FRAMEINTERVALS, struct.pack("=I4sII36x", 0, code, width, height)):
        yield rate_of(answer)
        if struct.unpack_from("=I", answer, 16)[0] != DISCRETE:
            return  # a range; its shortest interval comes first


def _all(handle: int, request: int, question: bytes) -> Iterator[bytes]:
    """All answers to a question that begins with an index."""
    import fcntl

    for index in range(MOST):
        answer = bytearray(question)
        struct.pack_into("=I", answer, 0, index)
        try:
            fcntl.ioctl(handle, request, answer)
        except OSError:
            return
        yield bytes(answer)


def format_of(answer: bytes) -> CameraFormat:
    """From the 64 bytes of a struct v4l2_fmtdesc."""
    _, _, flags, description, code = struct.unpack_from("=III32s4s", answer)
    text = description.split(b"\0")[0].decode(errors="replace")
    return CameraFormat(code.decode("latin-1"), text, bool(flags & COMPRESSED))


def rate_of(answer: bytes) -> float:
    """The fps from the 52 bytes of a struct v4l2_frmivalenum; of a range, the highest."""
    numerator, denominator = struct.unpack_from("=II", answer, 20)
    return denominator / numerator if numerator else 0.0


def is_streaming(path: str) -> bool:
    """Whether a program reads a camera now. Asks for zero buffers, which changes nothing. Raises OSError."""
    import fcntl

    with opened(path) as handle:
        try:
            fcntl.ioctl(handle, VIDIOC_REQBUFS, bytearray(struct.pack("=IIIII", 0, CAPTURE, MMAP, 0, 0)))
        except OSError as error:
            return error.errno == errno.EBUSY
    return False

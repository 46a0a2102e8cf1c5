"""The modes of a camera: its sizes, and the fps at each."""

import sys
from dataclasses import dataclass
from pathlib import Path

from backdrop.cameras.formats import read_formats, read_sizes

USUAL = (
    (3840, 2160),
    (2560, 1440),
    (1920, 1080),
    (1280, 720),
    (960, 540),
    (848, 480),
    (640, 480),
    (640, 360),
)
USUAL_RATES = (60, 30, 24, 15)
SLOWEST = 5  # fps; anything slower is no video
ENOUGH = 0.95  # of the fps asked for: 29.97 counts as 30


@dataclass(frozen=True, slots=True)
class Mode:
    """A size in pixels, and its rates in whole fps, highest first."""

    width: int
    height: int
    rates: tuple[int, ...]


def list_modes(spec: str) -> list[Mode]:
    """The modes of the camera of a spec (see open_camera), largest first. Does not start it. Slow.

    A camera that does not report its modes, such as the demo, gets the usual ones: it delivers the nearest. Empty for a
    video file.
    """
    path = path_of(spec)
    if path is not None:
        try:
            return [mode for size in read_sizes(path, USUAL) if (mode := _mode(path, *size)).rates]
        except OSError:  # just unplugged, or no permission
            pass
    elif Path(spec).is_file():
        return []
    return [Mode(width, height, USUAL_RATES) for width, height in USUAL if width <= 1920]


def path_of(spec: str) -> str | None:
    """The /dev/videoN that a spec means on Linux; None if it means no device, or the device is missing."""
    if sys.platform != "linux" or not (spec.isdecimal() or spec.startswith("/dev/")):
        return None
    path = Path(f"/dev/video{spec}" if spec.isdecimal() else spec)
    return str(path.resolve()) if path.exists() else None


def _mode(path: str, width: int, height: int) -> Mode:
    rates = {round(rate) for each in read_formats(path, width, height) for rate in each.rates}
    # A camera that reports no rates is assumed to have 30 fps.
    return Mode(
        width, height, tuple(sorted((rate for rate in rates or {30} if rate >= SLOWEST), reverse=True))
    )


def needs_mjpg(path: str, width: int, height: int, fps: float) -> bool:
    """Whether a camera reaches this rate at this size only with MJPG.

    Uncompressed frames are better and need no decoding, but large ones do not fit through USB 2. If a camera does not
    report its formats, MJPG is the safe choice.
    """
    try:
        formats = read_formats(path, width, height)
    except OSError:
        return True
    plain = max((rate for each in formats if not each.compressed for rate in each.rates), default=0.0)
    return plain < ENOUGH * fps

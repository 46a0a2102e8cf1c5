"""What a camera can be asked for: sizes, and frames a second at each."""

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
SLOWEST = 5  # frames a second: what is slower is no video
ENOUGH = 0.95  # of the rate that is asked for: 29.97 will do for 30


@dataclass(frozen=True, slots=True)
class Mode:
    """One size, in pixels, and the whole frames a second at it, highest first."""

    width: int
    height: int
    rates: tuple[int, ...]


def list_modes(spec: str) -> list[Mode]:
    """What the camera of a spec (see open_camera) gives, largest first; does not start it. Takes its time.

    A camera that cannot tell, such as the demo, is taken for one that gives what is usual: it gives the nearest then.
    Empty for a video file, which gives what it has.
    """
    path = path_of(spec)
    if path is not None:
        try:
            return [mode for size in read_sizes(path, USUAL) if (mode := _mode(path, *size)).rates]
        except OSError:  # pulled out this moment, or not allowed
            pass
    elif Path(spec).is_file():
        return []
    return [Mode(width, height, USUAL_RATES) for width, height in USUAL if width <= 1920]


def path_of(spec: str) -> str | None:
    """The /dev/videoN that a spec means on Linux; None for what is no such device, or is not there."""
    if sys.platform != "linux" or not (spec.isdecimal() or spec.startswith("/dev/")):
        return None
    path = Path(f"/dev/video{spec}" if spec.isdecimal() else spec)
    return str(path.resolve()) if path.exists() else None


def _mode(path: str, width: int, height: int) -> Mode:
    rates = {round(rate) for each in read_formats(path, width, height) for rate in each.rates}
    # A camera that names no rates has one all the same.
    return Mode(
        width, height, tuple(sorted((rate for rate in rates or {30} if rate >= SLOWEST), reverse=True))
    )


def needs_mjpg(path: str, width: int, height: int, fps: float) -> bool:
    """Whether a camera has to be asked for MJPG to give that rate at that size.

    Uncompressed frames are better and cost less to take in, but do not fit through USB 2 in large sizes. Where a camera
    does not tell, MJPG is the safe choice.
    """
    try:
        formats = read_formats(path, width, height)
    except OSError:
        return True
    plain = max((rate for each in formats if not each.compressed for rate in each.rates), default=0.0)
    return plain < ENOUGH * fps

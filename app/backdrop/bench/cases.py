"""What can be measured: sizes and backdrops, and the frames that replace a camera."""

import atexit
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the parser of every command imports this module, so it must be fast
    import numpy as np
    from numpy.typing import NDArray


from backdrop.settings.settings import Settings

# All 16:9, so that only the number of pixels differs. 848 × 480 is the 480p of webcams.
SIZES = {
    "480p": (848, 480),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "1440p": (2560, 1440),
    "2160p": (3840, 2160),
}
# The backdrops to measure. Not "none", which computes nothing.
BACKDROPS: dict[str, dict[str, Any]] = {
    "blur": {"backdrop": "blur"},
    "blur-in-detail": {"backdrop": "blur", "detail": "high"},
    "blur-zoomed": {"backdrop": "blur", "zoom": 150},
    "blur-flipped": {"backdrop": "blur", "mirror": True},
    "blur-recorded": {"backdrop": "blur", "record": True},  # on its own thread: only the live CPU % shows it
    "bokeh": {"backdrop": "blur", "blur_style": "bokeh"},
    "picture": {"backdrop": "picture"},
    "picture-as-it-is": {
        "backdrop": "picture",
        **dict.fromkeys(("despill", "light_wrap", "match_brightness", "match_warmth"), 0),
    },
    "video": {"backdrop": "picture"},  # with a video as the picture
    "colour": {"backdrop": "colour"},
    "transparent": {"backdrop": "transparent"},
    "auto-light": {"backdrop": "blur", "auto_light": True},  # in the dark, where it has the most to do
    "portrait-light": {"backdrop": "blur", "portrait_light": 50},
    "all-light": {
        "backdrop": "blur",
        "auto_light": True,
        **dict.fromkeys(("portrait_light", "brightness", "contrast", "saturation", "temperature"), 20),
    },
}
USUAL = ("blur", "picture", "colour")  # by default
FPS = 30
FRAMES_BYTES = 70_000_000  # of all kept frames: far more than the CPU's cache, as with a camera


class BenchError(Exception):
    """The measurement failed. str() is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Case:
    """One size with one of BACKDROPS. size: its name, such as 720p. width, height: in pixels."""

    size: str
    width: int
    height: int
    backdrop: str

    @property
    def settings(self) -> Settings:
        shown = dict(BACKDROPS[self.backdrop])
        if self.backdrop == "video":
            shown["picture"] = _video(self.width, self.height)
        return Settings(
            camera="demo",
            width=self.width,
            height=self.height,
            fps=FPS,
            output="null",
            **shown,
        )


@cache
def _video(width: int, height: int) -> str:
    """The path of a video with two seconds of the demo. It is deleted when this process ends."""
    from backdrop.cameras.demo import DemoCamera
    from backdrop.outputs.video_writer import VideoWriter

    folder = tempfile.TemporaryDirectory(prefix="backdrop-bench-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "demo.mp4"
    camera, output = DemoCamera(width, height, FPS, paced=False), VideoWriter(path, width, height, FPS)
    for _ in range(2 * FPS):
        output.send(camera.read())
    output.close()
    return str(path)


def read_size(text: str) -> tuple[int, int]:
    """(width, height) of a size such as 720p or 640x480. Raises ValueError."""
    if text in SIZES:
        return SIZES[text]
    sides = re.fullmatch(r"(\d{2,5})[x×](\d{2,5})", text)
    width, height = (int(sides[1]), int(sides[2])) if sides else (0, 0)
    if min(width, height) < 32 or max(width, height) > 8192 or width % 2 or height % 2:
        raise ValueError(
            f"{text} is neither one of {', '.join(SIZES)} nor an even WIDTHxHEIGHT from 32 to 8192"
        )
    return width, height


def cases(sizes: Sequence[str], backdrops: Sequence[str]) -> list[Case]:
    """Every size with every backdrop, the backdrops of one size together. Raises ValueError."""
    return [Case(size, *read_size(size), backdrop) for size in sizes for backdrop in backdrops]


def demo_frames(width: int, height: int) -> "list[NDArray[np.uint8]]":
    """Frames of the demo camera, forwards and then backwards, so that they can be looped without a jump.

    Each (height, width, 3) uint8 BGR; as many as fit into FRAMES_BYTES, at least 4.
    """
    from backdrop.cameras.demo import DemoCamera

    camera = DemoCamera(width, height, FPS, paced=False)
    return back_and_forth(
        [camera.read() for _ in range(min(24, max(4, FRAMES_BYTES // (width * height * 3))))]
    )


def back_and_forth(frames: "list[NDArray[np.uint8]]") -> "list[NDArray[np.uint8]]":
    """Frames and then those between in reverse, for a loop without a jump."""
    return frames + frames[-2:0:-1]

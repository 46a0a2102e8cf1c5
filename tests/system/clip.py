"""A clip of a person whose alpha is known, in a room of one hue, and what is left of either in a frame seen later.

The room is the demo camera's, in shades of green: a hue that neither the person nor the card nor a backdrop of the
tests has, so that every pixel of the room that gets out can be counted.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.demo import DemoCamera

FRAMES = 12
STEP = 3  # of the demo camera's 30 frames a second, one in three
FPS = 30 / STEP
BACKDROP = "#8020c0"  # what the tests put behind the person
COLOUR = (0xC0, 0x20, 0x80)  # the same, BGR
NEAR = 40  # levels: chroma at half size and 8 bits each way cost up to about 10, a different colour far more
MARGIN = 6  # pixels at 640 × 360 on either side of the person's edge that belong to neither


@dataclass(frozen=True, slots=True)
class Clip:
    """frames: (N, H, W, 3) uint8 BGR. alphas: (N, H, W) uint8, 255 is all person."""

    frames: NDArray[np.uint8]
    alphas: NDArray[np.uint8]

    def write(self, folder: Path, fourcc: str) -> None:
        """Write each frame to a file, as a device that speaks YUYV, MJPG or BGR3 is to get it: there and back again."""
        folder.mkdir()
        order = [*range(len(self.frames)), *range(len(self.frames) - 2, 0, -1)]
        for number, frame in enumerate(self.frames[i] for i in order):
            (folder / f"{number:03}").write_bytes(_coded(frame, fourcc))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a frame shows, measured against the frame of the clip that is most like it where the person is.

    person: mean difference to the camera's frame over the person, levels. kept: share of the person's pixels that are
    near the camera's. gone: share of the room's pixels that are near the backdrop. leak: share of the room's pixels
    that have the room's hue.
    """

    person: float
    kept: float
    gone: float
    leak: float


def make_clip(width: int, height: int) -> Clip:
    camera = DemoCamera(width, height, 30, paced=False)
    frames, alphas = [], []
    for number in range(FRAMES * STEP):
        frame = camera.read()
        if number % STEP == 0:
            alpha = camera.known_alpha()
            share = (alpha / np.float32(255))[..., None]
            frames.append((frame * share + _green(frame) * (1 - share)).round().astype(np.uint8))
            alphas.append(alpha)
    return Clip(np.array(frames), np.array(alphas))


def room_share(frame: NDArray[np.uint8]) -> float:
    """The share of a frame's pixels that have the room's hue."""
    return float(_room_hue(frame).mean())


def measure(frame: NDArray[np.uint8], clip: Clip) -> Seen:
    """frame: (H, W, 3) uint8 BGR, of the clip's size."""
    pairs = zip(clip.frames, clip.alphas, strict=True)
    differences = [_difference(frame, sent, _inside(alpha)) for sent, alpha in pairs]
    best = int(np.argmin([difference.mean() for difference in differences]))
    room = ~_grown(clip.alphas[best] > 0)
    backdrop = np.abs(frame[room].astype(np.int16) - COLOUR).max(axis=1)
    return Seen(
        person=float(differences[best].mean()),
        kept=float((differences[best] < NEAR).mean()),
        gone=float((backdrop < NEAR).mean()),
        leak=float(_room_hue(frame)[room].mean()),
    )


def _green(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return np.dstack([0.5 * grey, 80 + 0.65 * grey, 0.5 * grey])


def _room_hue(frame: NDArray[np.uint8]) -> NDArray[np.bool_]:
    blue, green, red = cv2.split(frame)
    return cv2.subtract(green, cv2.max(blue, red)) > 60


def _difference(
    seen: NDArray[np.uint8], sent: NDArray[np.uint8], where: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    return cv2.absdiff(seen, sent)[where].max(axis=1)


def _inside(alpha: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return ~_grown(alpha < 255)


def _grown(area: NDArray[np.bool_]) -> NDArray[np.bool_]:
    side = 2 * round(MARGIN * area.shape[0] / 360) + 1
    return cv2.dilate(area.astype(np.uint8), np.ones((side, side), np.uint8)) > 0


def _coded(frame: NDArray[np.uint8], fourcc: str) -> bytes:
    if fourcc == "MJPG":
        return cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
    if fourcc == "YUYV":  # BT.601 with limited range, as webcams give it
        return cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_YUYV).tobytes()
    return frame.tobytes()

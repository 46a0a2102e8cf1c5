"""Tests a camera for a moment: its rate and whether it gets enough light. This turns on the camera's light."""

import shlex
import time
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.base import CameraError
from backdrop.cameras.open import list_cameras, open_camera
from backdrop.doctor.finding import Finding
from backdrop.language import N_, _
from backdrop.settings.settings import Settings

TRIED = N_("Camera test")
SECONDS = 3.0  # a camera needs a second or two to adjust its exposure
DARK, BLACK = 50.0, 4.0  # mean grey, of 255


def try_camera(spec: str, settings: Settings) -> list[Finding]:
    """Open a camera by its spec ("" for the one in the settings or else the first), and judge its frames."""
    spec = spec or settings.camera or list_cameras()[0].spec
    try:
        camera = open_camera(spec, settings.width, settings.height, settings.fps)
    except CameraError as error:
        return [Finding(TRIED, "fault", str(error), "backdrop devices")]
    greys: list[float] = []
    begun = time.monotonic()
    try:
        while not greys or time.monotonic() - begun < SECONDS:
            greys.append(grey_of(camera.read()))
        rate = len(greys) / (time.monotonic() - begun)
    except CameraError as error:
        return [Finding(TRIED, "fault", str(error), "backdrop devices")]
    finally:
        camera.close()
    return [judge_light(camera.name, spec, camera.size, greys, rate, settings.fps)]


def grey_of(frame: NDArray[np.uint8]) -> float:
    """The mean grey, 0 to 255, of a frame (H, W, 3) uint8 BGR."""
    return float(frame[::4, ::4].mean())


def judge_light(
    name: str, spec: str, size: tuple[int, int], greys: Sequence[float], rate: float, asked: float
) -> Finding:
    """greys: the mean grey of each frame; the last third counts, when the exposure is stable. rate: measured, in fps."""
    grey = float(np.median(greys[-max(1, len(greys) // 3) :]))
    told = _("{width} × {height} at {rate} fps", width=size[0], height=size[1], rate=f"{rate:.0f}")
    details = {"grey": round(grey, 1), "size": list(size), "rate": round(rate, 1), "asked": asked}
    found = partial(Finding, TRIED, details=details)
    if grey < BLACK:
        return found(
            "fault",
            _(
                "{name} shows only black ({told}). Open its privacy shutter, or turn it on with its key.",
                name=name,
                told=told,
            ),
            f"backdrop doctor --try-camera {shlex.quote(spec)}",
        )
    if grey < DARK:
        slow = _(", which also slows it down") if rate < 0.8 * asked else ""
        return found(
            "advice",
            _(
                "{name} gets too little light{slow} ({told}). Put a light in front of you, not behind you.",
                name=name,
                slow=slow,
                told=told,
            ),
            f"backdrop doctor --try-camera {shlex.quote(spec)}",
        )
    if rate < 0.6 * asked:
        return found(
            "advice",
            _(
                "{name} gives {told}, but {asked} fps were requested. Choose a smaller size.",
                name=name,
                told=told,
                asked=f"{asked:.0f}",
            ),
            f"backdrop --camera {shlex.quote(spec)} --width 640 --height 360",
        )
    return found("ok", _("{name} works: {told}, with enough light.", name=name, told=told))

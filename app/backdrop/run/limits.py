"""How long the line waits, and by which clock. Both are handed to the threads, so that tests need not sleep."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from backdrop.run import quality_controller

Clock: TypeAlias = Callable[[], float]  # seconds; it only goes forward, like time.monotonic()


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, unless the name says otherwise."""

    stall: float = 1.0  # without a frame, until the placeholder replaces the last composite
    first_frame: float = 2.0  # that an output waits for the first frame, to learn its size
    rest_after: float = 2.0  # without a consumer, until the camera is closed
    waking: float = 5.0  # that a camera may take to open after a rest
    sending: float = 0.4  # that switching the effect on waits for a raw frame that is being sent
    camera_retry: float = 1.0  # between two tries to open a camera that is gone
    output_retry: float = 5.0  # between two tries to open an output that is gone
    fallback: float = 5.0  # of the demo between two looks for a camera, where there is none
    black_frames: int = 30  # frames between two checks for a closed shutter; a hand over the lens is shorter
    quality_window: float = quality_controller.WINDOW  # of frames that the quality controller judges together
    quality_calm: float = quality_controller.CALM  # that a better level must have fitted before it is tried


USUAL_LIMITS = Limits()

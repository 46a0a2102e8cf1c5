"""Run every frame of a video or of the demo through the line, into a file. None is dropped."""

import threading
import time
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.base import EndOfVideo
from backdrop.frames.frame import Frame
from backdrop.language import _, number
from backdrop.outputs.video_writer import TRANSPARENT, VideoWriter
from backdrop.pipeline.pipeline import Pipeline
from backdrop.settings.settings import Settings
from backdrop.system.say import is_terminal, say
from sinet_core.matting.person_segmenter import AlphaPredictor

BAR = 28  # characters
SHOWN = 0.2  # seconds between two updates of the bar


class TimedCamera(Protocol):
    """A camera that does not run in real time: it knows the time of each frame."""

    name: str
    fps: float
    position: float  # of the last frame, in seconds from the first

    def read(self) -> NDArray[np.uint8]: ...

    def close(self) -> None: ...


class Progress:
    """A progress bar with the time left if standard error is a terminal; else a line every 5 seconds."""

    def __init__(self, total: int) -> None:
        """total: the number of frames, 0 if it is not known."""
        self._total = total
        self._terminal = is_terminal(error=True)
        self._begun = self._shown = time.monotonic()

    def show(self, done: int) -> None:
        now = time.monotonic()
        if now - self._shown < (SHOWN if self._terminal else 5.0):
            return
        self._shown = now
        self._print(self._text(done, now - self._begun))

    def end(self, done: int) -> None:
        passed = max(time.monotonic() - self._begun, 1e-6)
        if self._terminal:
            self._print("")
        say(
            _(
                "{done} frames in {passed} s ({rate} fps).",
                done=done,
                passed=number(passed),
                rate=number(done / passed),
            )
        )

    def _text(self, done: int, passed: float) -> str:
        rate = done / passed
        if not self._total:
            return _("{done} frames, {rate} fps", done=done, rate=number(rate))
        share = min(done / self._total, 1.0)
        full = round(BAR * share)
        left = max(self._total - done, 0) / rate if rate else 0.0
        minutes, seconds = divmod(round(left), 60)
        bar = "█" * full + "░" * (BAR - full)
        return _(
            "{bar} {share}  {done} of {total} frames, {rate} fps, {minutes}:{seconds} left",
            bar=bar,
            share=f"{share:4.0%}",
            done=done,
            total=self._total,
            rate=number(rate),
            minutes=minutes,
            seconds=f"{seconds:02}",
        )

    def _print(self, text: str) -> None:
        if self._terminal:
            say(f"\r\033[K{text}", error=True, end="")
        else:
            say(text, error=True)


def render(
    camera: TimedCamera,
    output: VideoWriter,
    settings: Settings,
    segmenter: AlphaPredictor,
    *,
    total: int,
    limit: int | None,
    stop: threading.Event,
) -> int:
    """Write the composite of every frame, at most limit of them. Closes camera and output. Returns the exit status.

    total: for the bar. stop: set to end early; the file is complete up to there. Raises OutputError.
    """
    pipeline = Pipeline(segmenter, live=False)
    progress = Progress(total)
    done, hidden, said = 0, 0, ""
    try:
        while not stop.is_set() and (limit is None or done < limit):
            try:
                pixels = camera.read()
            except EndOfVideo:
                break
            # The video's own time, so that temporal filtering does not depend on this computer's speed.
            result = pipeline.process(
                Frame(pixels, done, camera.position), settings, pixel_format=output.pixel_format
            )
            shown = result.unpremultiplied if output.transparent else result.composite
            output.send(shown, camera.position)
            done += 1
            hidden += result.notice is not None
            if result.notice is not None and result.notice != said:
                said = result.notice
                say(said, error=True)
            progress.show(done)
    finally:
        camera.close()
        output.close()
    progress.end(done)
    if hidden:
        say(
            _("{hidden} of {done} frames show a neutral picture instead of yours.", hidden=hidden, done=done),
            error=True,
        )
    return 1 if hidden == done and not stop.is_set() else 0


def may_be_transparent(target: Path, settings: Settings) -> bool:
    """Whether a file is written with transparency. If it was asked for and the format has none, says what is shown instead."""
    if settings.backdrop != "transparent":
        return False
    if target.suffix.lower() in TRANSPARENT:
        return True
    say(
        _(
            "{target} can't be transparent, so it shows {colour} behind you: for transparency, use a "
            "name that ends in {endings}.",
            target=target,
            colour=settings.key_colour,
            endings=_(" or ").join(TRANSPARENT),
        ),
        error=True,
    )
    return False

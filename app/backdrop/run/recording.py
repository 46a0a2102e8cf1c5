"""Records what others see to a new video file, without sound, beside the output and on a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_videos_path

from backdrop.frames.mailbox import Mailbox
from backdrop.language import _
from backdrop.outputs.open import open_output
from backdrop.run.limits import USUAL_LIMITS, Clock, Limits
from backdrop.run.output_sink import OpenOutput, OutputSink
from backdrop.settings.settings import Settings

log = logging.getLogger(__name__)

NAME = "Backdrop.mp4"  # the next ones are Backdrop-2.mp4, Backdrop-3.mp4 and so on
FINISH = 5.0  # seconds to finish the file at the end


class Recording:
    """Follows settings.record. follow() and close() are for the processing thread, the rest for any.

    Composites wait in a mailbox: a computer that encodes too slowly drops some of them here, and none of the call's.
    """

    def __init__(
        self,
        *,
        open_file: OpenOutput = open_output,
        folder: Callable[[], Path] = user_videos_path,
        limits: Limits = USUAL_LIMITS,
        clock: Clock = time.monotonic,
    ) -> None:
        self._open, self._folder = open_file, folder
        self._limits, self._clock = limits, clock
        self._take: _Take | None = None
        self._left: list[_Take] = []  # that still finish their files

    def follow(
        self, pixels: NDArray[np.uint8], settings: Settings, fps: float, may_leave: Callable[[], bool]
    ) -> None:
        """Record a composite, if the settings say so. Begins and ends files. Never waits; see OutputSink.send()."""
        if not settings.record:
            self._end()
            return
        if self._take is None:
            sink = OutputSink(self._open, limits=self._limits, clock=self._clock)
            self._take = _Take(self._file(), sink, self._clock)
        self._take.composites.put((pixels, settings, fps, may_leave))

    def _end(self) -> None:
        if self._take is not None:
            self._take.composites.close()
            self._left = [take for take in self._left if take.thread.is_alive()] + [self._take]
            self._take = None

    def close(self) -> None:
        """Finish the file, if there is one."""
        self._end()
        for take in self._left:
            take.thread.join(FINISH)

    def settle(self, timeout: float) -> bool:
        """As OutputSink.settle()."""
        take = self._take
        return take is None or take.sink.settle(timeout)

    @property
    def name(self) -> str:
        """The path of the file that is being written, until it is finished; "" for none."""
        take = self._take or next((each for each in reversed(self._left) if each.name), None)
        return "" if take is None else take.name

    @property
    def seconds(self) -> float:
        """How long it is by now."""
        take = self._take
        began = 0.0 if take is None else take.began  # read once: its thread changes it
        return self._clock() - began if began else 0.0

    @property
    def notice(self) -> str | None:
        """What is wrong with it, or None."""
        take = self._take
        return None if take is None else take.sink.notice

    def _file(self) -> str:
        folder = self._folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            # Opening the file says so to the person.
            log.warning("%s could not be made", folder, exc_info=True)
        return str(folder / NAME)


class _Take:
    """One file, and the thread that writes it."""

    def __init__(self, file: str, sink: OutputSink, clock: Clock) -> None:
        self.composites: Mailbox[tuple[NDArray[np.uint8], Settings, float, Callable[[], bool]]] = Mailbox()
        self.sink = sink
        self.name, self.began = "", 0.0
        self._file, self._clock = file, clock
        self.thread = threading.Thread(target=self._write, name="recording", daemon=True)
        self.thread.start()

    def _write(self) -> None:
        while (taken := self.composites.take()) is not None:
            pixels, settings, fps, may_leave = taken
            self.sink.send(pixels, replace(settings, virtual_camera=True, output=self._file), fps, may_leave)
            if not self.sink.name:  # not open yet, or it has failed
                self.name, self.began = "", 0.0
            elif not self.began:
                self.name, self.began = self.sink.name, self._clock()
        self.sink.close()
        self.name = ""


def recorded_words(name: str, seconds: float) -> str:
    """What is being recorded, for a person."""
    return _("Recording to {file}, {time}, without sound", file=Path(name).name, time=as_time(seconds))


def as_time(seconds: float) -> str:
    """3725 seconds as 1:02:05."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

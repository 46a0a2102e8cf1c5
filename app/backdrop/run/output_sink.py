"""Where composites leave the line: an output that is opened when wanted, kept at one size, and tried again."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.fit import fit
from backdrop.language import _
from backdrop.outputs.base import Output, OutputError
from backdrop.outputs.open import is_file
from backdrop.run.consumer_names import ConsumerNames
from backdrop.run.rates import Rate
from backdrop.settings.settings import Settings

log = logging.getLogger(__name__)

AGAIN = 5.0  # seconds between two quiet tries to open an output that is not there
State = Literal["off", "starting", "ready", "failed"]
OpenOutput = Callable[[str, int, int, float], Output]


class OutputSink:
    """Sends composites to the output that the settings name. Used by one thread, but for settle() and state().

    The output is opened at the size of the first composite and keeps it, for programs that read a virtual camera do
    not like a change: composites of another size are fitted in. notice: what is wrong with it, or None. name: "" while
    there is no output.
    """

    def __init__(self, open_output: OpenOutput) -> None:
        self.notice: str | None = None
        self.name = ""
        self.rate = Rate()
        self._open = open_output
        self._output: Output | None = None
        self._size = (0, 0)
        self._wanted: tuple[bool, str] | None = None
        self._next_try = 0.0
        self._names = ConsumerNames()
        self._leaving = threading.Lock()  # held while a composite is sent

    def send(
        self, pixels: NDArray[np.uint8], settings: Settings, fps: float, may_leave: Callable[[], bool]
    ) -> None:
        """Send a composite, (H, W, 3) uint8 BGR or I420, if the settings want an output. Never raises: see notice.

        may_leave: asked at the very last, for opening an output takes long enough for a person to change their mind.
        """
        wanted = (settings.virtual_camera, settings.output)
        if wanted != self._wanted:
            self.close()
            self._wanted, self._next_try, self.notice = wanted, 0.0, None
        if not settings.virtual_camera:
            return
        try:
            if self._output is None and time.monotonic() >= self._next_try:
                self._open_for(pixels, settings.output, fps)
            if self._output is not None:
                as_it_is = pixels.ndim == 3 or (self.takes_i420 and i420.size_of(pixels) == self._size)
                fitted = fit(pixels if as_it_is else i420.to_bgr(pixels), *self._size)
                with self._leaving:
                    if may_leave():
                        self._output.send(fitted)
                        self.rate.count()
        except OutputError as error:
            self._fail(str(error), settings.output)
        except Exception as error:
            log.exception("The output failed")
            self._fail(_("The output failed: {reason}", reason=error), settings.output)

    def settle(self, patience: float) -> bool:
        """Wait until no composite is just being sent. From then on may_leave() has the last word, as it is now.

        Any thread may call this. Returns False when an output takes longer than patience, in seconds.
        """
        settled = self._leaving.acquire(timeout=patience)
        if settled:
            self._leaving.release()
        return settled

    def state(self, settings: Settings) -> State:
        """How far it is with the output that these settings want. Any thread may ask."""
        if not settings.virtual_camera:
            return "off"
        if self._wanted != (True, settings.output):
            return "starting"
        if self._output is not None:
            return "ready"
        return "failed" if self.notice else "starting"

    @property
    def takes_i420(self) -> bool:
        """Whether there is an output that takes composites in I420 as they are."""
        return getattr(self._output, "takes_i420", False)

    def has_consumers(self) -> bool | None:
        """Whether anybody sees what the output shows: False while there is none, None where that cannot be told."""
        ask = getattr(self._output, "has_consumers", None)
        answer = self._output is not None and (True if ask is None else ask())
        self._names.follow(getattr(self._output, "readers", None), answer)
        return answer

    @property
    def consumers(self) -> tuple[str, ...]:
        """The programs that read the output, by name, as far as they are known. Any thread may ask."""
        return self._names.names

    def close(self) -> None:
        """Close the output, if there is one. Never raises."""
        output, self._output, self.name = self._output, None, ""
        if output is None:
            return
        try:
            output.close()
        except Exception as error:
            log.exception("The output could not be closed")
            self.notice = _("The output could not be closed: {reason}", reason=error)

    def _open_for(self, pixels: NDArray[np.uint8], spec: str, fps: float) -> None:
        width, height = i420.size_of(pixels)
        self._size = (
            max(2, width - width % 2),
            max(2, height - height % 2),
        )  # the colours of video come in twos
        self._output = self._open(spec, *self._size, fps)
        self._size = getattr(self._output, "size", self._size)  # a device may have kept another one
        self.name, self.notice = self._output.name, None

    def _fail(self, notice: str, spec: str) -> None:
        had_begun = self._output is not None
        self.close()
        self.notice = notice
        # A file that is opened again starts empty: what is in it is worth more than what would follow.
        spoils = had_begun and is_file(spec)
        self._next_try = float("inf") if spoils else time.monotonic() + AGAIN

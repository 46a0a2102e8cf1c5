"""The output sink: opens the output that is wanted, sends composites at one size, and tries again when that fails."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.fit import fit
from backdrop.frames.pixel_format import PixelFormat
from backdrop.language import _
from backdrop.outputs.base import Output, OutputError
from backdrop.outputs.open import is_file
from backdrop.run.consumer_names import ConsumerNames
from backdrop.run.limits import USUAL_LIMITS, Clock, Limits
from backdrop.run.rates import Rate
from backdrop.settings.settings import Settings

log = logging.getLogger(__name__)

State = Literal["off", "starting", "ready", "failed"]
OpenOutput = Callable[[str, int, int, float], Output]


class OutputSink:
    """Sends composites to the output that the settings name. Used by one thread, except for settle() and state().

    The output is opened at the size of the first composite and keeps it, because programs that read a virtual camera
    cope badly with a change. Composites of another size are fitted in. notice: what is wrong with it, or None. name: ""
    while there is no output.
    """

    def __init__(
        self, open_output: OpenOutput, *, limits: Limits = USUAL_LIMITS, clock: Clock = time.monotonic
    ) -> None:
        self.notice: str | None = None
        self.name = ""
        self.rate = Rate(clock=clock)
        self._open = open_output
        self._retry, self._clock = limits.output_retry, clock
        self._output: Output | None = None
        self._size = (0, 0)
        self._wanted: tuple[bool, str] | None = None
        self._next_try = 0.0
        self._names = ConsumerNames()
        self._sending = threading.Lock()  # held while a composite is sent

    def send(
        self, pixels: NDArray[np.uint8], settings: Settings, fps: float, may_leave: Callable[[], bool]
    ) -> None:
        """Send a composite, (H, W, 3) uint8 BGR or I420, if the settings want an output. Never raises: see notice.

        may_leave: asked at the very last, because opening an output takes long enough for a person to change their mind.
        """
        wanted = (settings.virtual_camera, settings.output)
        if wanted != self._wanted:
            self.close()
            self._wanted, self._next_try, self.notice = wanted, 0.0, None
        if not settings.virtual_camera:
            return
        try:
            if self._output is None and self._clock() >= self._next_try:
                self._open_for(pixels, settings.output, fps)
            if self._output is not None:
                fitted = fit(self._in_its_format(pixels), *self._size)
                with self._sending:
                    if may_leave():
                        self._output.send(fitted)
                        self.rate.count()
        except OutputError as error:
            self._fail(str(error), settings.output)
        except Exception as error:
            log.exception("The output failed")
            self._fail(_("The output failed: {reason}", reason=error), settings.output)

    def settle(self, timeout: float) -> bool:
        """Wait until no composite is being sent. After that, may_leave() as it is now decides about every composite.

        Any thread may call this. Returns False if an output takes longer than timeout, in seconds.
        """
        settled = self._sending.acquire(timeout=timeout)
        if settled:
            self._sending.release()
        return settled

    def state(self, settings: Settings) -> State:
        """The state of the output that these settings want. Any thread may ask."""
        if not settings.virtual_camera:
            return "off"
        if self._wanted != (True, settings.output):
            return "starting"
        if self._output is not None:
            return "ready"
        return "failed" if self.notice else "starting"

    @property
    def pixel_format(self) -> PixelFormat:
        """The format that the open output prefers; BGR while there is none."""
        return getattr(self._output, "pixel_format", PixelFormat.BGR)

    def has_consumers(self) -> bool | None:
        """Whether a program reads the output: False while there is none, None if the output does not know."""
        ask = getattr(self._output, "has_consumers", None)
        answer = self._output is not None and (True if ask is None else ask())
        self._names.follow(getattr(self._output, "readers", None), answer)
        return answer

    @property
    def consumers(self) -> tuple[str, ...]:
        """The names of the programs that read the output, as far as they are known. Any thread may ask."""
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

    def _in_its_format(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """I420 stays I420 only if the output takes it and nothing has to be fitted."""
        if PixelFormat.of(pixels) is PixelFormat.BGR:
            return pixels
        stays = self.pixel_format is PixelFormat.I420 and i420.size_of(pixels) == self._size
        return pixels if stays else i420.to_bgr(pixels)

    def _open_for(self, pixels: NDArray[np.uint8], spec: str, fps: float) -> None:
        width, height = i420.size_of(pixels)
        # Even sides: video stores one colour for every 2 × 2 pixels.
        self._size = (max(2, width - width % 2), max(2, height - height % 2))
        self._output = self._open(spec, *self._size, fps)
        self._size = getattr(self._output, "size", self._size)  # a device may have kept another size
        self.name, self.notice = self._output.name, None

    def _fail(self, notice: str, spec: str) -> None:
        was_open = self._output is not None
        self.close()
        self.notice = notice
        # A file that is opened again starts empty. What it already holds is worth more than what would follow.
        would_overwrite = was_open and is_file(spec)
        self._next_try = float("inf") if would_overwrite else self._clock() + self._retry

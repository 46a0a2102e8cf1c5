"""A video as a backdrop: it covers the frame, plays at its own speed whatever the camera's rate, and loops."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from backdrop.backdrops.base import BackdropError
from backdrop.files import loading
from backdrop.files.decoding import Pictures, Screen
from backdrop.files.local import open_to_read
from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from backdrop.language import _
from backdrop.system.reason import reason_of

if TYPE_CHECKING:
    import av

# A person chooses a file, not its kind. The settings know only pictures; the suffix tells which of them are videos.
SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ogv", ".wmv", ".3gp", ".gif")
AHEAD = 4  # frames that are decoded before they are due
IDLE = 2.0  # seconds without render(), after which the file is closed; the next render() continues from there
SAME = 0.002  # seconds; times this close are equal, because cameras and files round them
LATEST = 0.2  # the most seconds that a video is late if decoding is too slow; then it plays more slowly
LONGEST_STEP = 1.0  # seconds between two frames; a longer gap pauses the video, too
AGAIN = 3.0  # seconds until a file that did not open is tried again
LARGEST = 8192 * 4608  # pixels of a frame: 8K
Layout = tuple[int, int, PixelFormat]  # width and height in pixels, and the format


def is_video(path: Path) -> bool:
    """Whether a file is a video, judged by its suffix."""
    return path.suffix.lower() in SUFFIXES


@dataclass(slots=True)
class _Shot:
    """A frame of the video: when it is due, as decoded, and fitted to a layout."""

    due: float  # seconds on a clock that runs on over all loops
    decoded: "av.VideoFrame"
    fitted: NDArray[np.uint8] | None = None
    layout: Layout | None = None

    def fit(self, screen: Screen, layout: Layout) -> NDArray[np.uint8]:
        """The image that is shown, read-only. Converted once per layout."""
        if self.fitted is None or self.layout != layout:
            width, height, pixel_format = layout
            pixels = screen.covering(self.decoded, width, height)
            pixels = i420.from_bgr(pixels) if pixel_format is PixelFormat.I420 else pixels
            pixels.setflags(write=False)
            self.fitted, self.layout = pixels, layout
        return self.fitted


class Video:
    """A video file, decoded ahead of time on another thread, which ends by itself when render() is no longer called.

    path: any file PyAV reads. A live line calls begin() and checks ready; from then on render() never waits, and if
    decoding is too slow, the video plays slowly. Without begin(), render() waits for the frame that is due.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._changed = threading.Condition()  # guards all below
        self._thread: threading.Thread | None = None
        self._error: str | None = None  # text: an exception raised again and again keeps its frames alive
        self._screen = Screen(None)
        self._closed = False
        self._tried_at = 0.0
        self._live = False
        self._shots: deque[_Shot] = deque()  # the first is shown now, the others are due later
        self._still = False  # nothing more to decode: it has only one frame, or cannot be read again
        self._layout: Layout | None = None
        self._clock = 0.0  # seconds played since the beginning
        self._looped = 0.0  # seconds of all loops that are over
        self._last_at: float | None = None
        self._rendered_at = 0.0

    def begin(self) -> None:
        """Open the file on another thread, unless it is open. A file that failed is tried again after a while."""
        self._live = True
        if self._error is None or time.monotonic() - self._tried_at >= AGAIN:
            self._start()

    def wait(self, timeout: float) -> bool:
        """Wait until the thread that begin() started has a frame or has failed. Returns ready."""
        with self._changed:
            return self._changed.wait_for(lambda: self.ready, timeout)

    @property
    def ready(self) -> bool:
        """Whether there is a frame, or an error to raise, so that render() returns at once."""
        return bool(self._shots) or self._error is not None

    def render(
        self,
        frame: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        half: NDArray[np.uint8] | None = None,
        pixel_format: PixelFormat = PixelFormat.BGR,
        captured_at: float = 0.0,
    ) -> NDArray[np.uint8]:
        """See Backdrop. Raises BackdropError if the file is no video."""
        with self._changed:
            self._layout = (frame.shape[1], frame.shape[0], pixel_format)
            self._rendered_at = time.monotonic()
            step = 0.0 if self._last_at is None else captured_at - self._last_at
            self._clock += step if 0 <= step <= LONGEST_STEP else 0.0
            self._last_at = captured_at
            self._changed.notify_all()
        with self._changed:
            while True:
                if self._error is None:
                    self._start()
                while len(self._shots) > 1 and self._shots[1].due <= self._clock + SAME:
                    self._shots.popleft()
                self._changed.notify_all()
                if self._live or self._error is not None or self._has_what_is_due():
                    break
                self._changed.wait(0.2)
            if not self._shots:
                raise BackdropError(self._error or _("The video is loading."))
            shown = self._shots[0]
            if len(self._shots) == 1 and not self._still:
                self._clock = min(self._clock, shown.due + LATEST)
        return shown.fit(self._screen, self._layout)

    def close(self, deadline: float = 1.0) -> bool:
        """Stop reading. Returns whether the thread has ended within deadline seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(deadline)
        return self._thread is None or not self._thread.is_alive()

    def _has_what_is_due(self) -> bool:
        return bool(self._shots) and (self._still or self._shots[-1].due > self._clock + SAME)

    def _start(self) -> None:
        with self._changed:
            running = self._thread is not None and self._thread.is_alive()
            if self._still or self._closed or running:
                return
            self._rendered_at = time.monotonic()
            self._thread = loading.start("video backdrop", self._run)

    def _run(self) -> None:
        error: str | None = None
        try:
            self._decode_until_idle()
        except BackdropError as known:
            error = str(known)
        except Exception as unknown:
            error = str(_unreadable(self._path.name, unknown))
        with self._changed:
            self._tried_at = time.monotonic()
            self._still = self._still or (error is not None and bool(self._shots))
            self._error = None if self._shots else error
            self._changed.notify_all()

    def _decode_until_idle(self) -> None:
        """Add frames, loop after loop. Raises BackdropError."""
        with opened(self._path) as container:
            pictures = Pictures(container)
            stream = pictures.stream
            self._screen = Screen(stream.sample_aspect_ratio)
            length = usual = float(1 / (stream.average_rate or 30))  # of a frame
            first = float((stream.start_time or 0) * (stream.time_base or 0))
            have = self._shots[-1].due if self._shots else -1.0
            if have > self._looped:  # continue where it was closed
                container.seek(round((first + have - self._looped) * 1_000_000))
            moves = bool(self._shots)
            while True:
                due = None
                for frame in pictures.frames():
                    moves = moves or due is not None
                    since = (due or 0.0) + length if frame.time is None else frame.time - first
                    due = max(since, 0.0)
                    length = (
                        float(frame.duration * frame.time_base)
                        if frame.duration and frame.time_base
                        else usual
                    )
                    if self._looped + due > have and not self._put(_Shot(self._looped + due, frame)):
                        return
                if due is None or not moves:
                    break
                self._looped += due + length
                container.seek(0)
        with self._changed:
            self._still = bool(self._shots)
            self._changed.notify_all()
        if not self._still:
            raise _without_frames(self._path.name)

    def _put(self, shot: _Shot) -> bool:
        """Add a frame when there is room. Returns False if render() has not been called for a while, or after close()."""
        while True:
            with self._changed:
                if self._closed or loading.ending():
                    return False
                layout = self._layout
                # Frames are fitted on this thread, also after a change of layout: the line has no time for that.
                stale = next((each for each in self._shots if layout and each.layout != layout), None)
                if stale is None:
                    if len(self._shots) <= AHEAD:
                        break
                    idle = time.monotonic() - self._rendered_at
                    if idle > IDLE:
                        return False
                    self._changed.wait(min(IDLE - idle + 0.01, 0.5))
            if stale is not None and layout is not None:
                stale.fit(self._screen, layout)
        if layout is not None:
            shot.fit(self._screen, layout)
        with self._changed:
            self._shots.append(shot)
            self._error = None
            self._changed.notify_all()
        return True


def opened(path: Path) -> "av.container.InputContainer":
    """Open a video file. Raises BackdropError if it is no video, or larger than any screen."""
    import av

    name = path.name
    if not path.is_file():
        raise BackdropError(_("There is no video {name}: choose another one.", name=name))
    try:
        container = open_to_read(path)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    stream = cast("av.VideoStream | None", container.streams.best("video"))
    if stream is None or stream.codec_context.width * stream.codec_context.height > LARGEST:
        container.close()
        if stream is None:
            raise BackdropError(_("{name} has no picture: choose another video.", name=name))
        raise BackdropError(_("The video {name} has too many pixels: choose a smaller one.", name=name))
    stream.codec_context.thread_count = 2  # the other cores are for the call
    return container


def still_of(path: Path, width: int, height: int) -> NDArray[np.uint8]:
    """A thumbnail, (height, width, 3) uint8 BGR: the frame at 1 s, which tells videos apart. Raises BackdropError."""
    with opened(path) as container:
        found, pictures = None, Pictures(container)
        for frame in pictures.frames():
            found = frame
            if frame.time is None or frame.time >= 1.0:
                break
    if found is None:
        raise _without_frames(path.name)
    return Screen(pictures.stream.sample_aspect_ratio).covering(found, width, height)


def _without_frames(name: str) -> BackdropError:
    return BackdropError(_("The video {name} has no readable frames: choose another one.", name=name))


def _unreadable(name: str, error: Exception) -> BackdropError:
    reason = reason_of(error)
    return BackdropError(
        _("The video {name} could not be read ({reason}): choose another one.", name=name, reason=reason)
    )

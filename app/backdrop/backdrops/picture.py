"""A picture file as a backdrop, and the built-in pictures."""

import threading
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backdrop.backdrops.base import BackdropError
from backdrop.files import loading
from backdrop.files.local import expanded
from backdrop.frames import i420
from backdrop.frames.fit import contain, cover
from backdrop.frames.pixel_format import PixelFormat
from backdrop.language import N_, _
from backdrop.resources import resource
from backdrop.settings.settings import FORMER_PICTURES

# The built-in pictures and loops in the gallery's order, by the names of their files; the first is the default.
BUILT_IN = {
    "office": N_("Office"),
    "wall": N_("Wall"),
    "bookshelf": N_("Bookshelf"),
    "cafe": N_("Café"),
    "sunlight": N_("Sunlight"),
    "winter": N_("Winter"),
    "snow": N_("Snow"),
    "dawn": N_("Dawn"),
    "ocean": N_("Ocean"),
}
LOOPS = ("sunlight", "snow")
AGAIN = 3.0  # seconds until a picture that did not load is tried again


class Picture:
    """A picture file, scaled and cropped to cover the frame.

    path: see picture_file. The file is read once. That may take a second, so a live line calls begin() and checks ready.
    place() can be called at any time, from the thread that renders.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._loading = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._fitted: NDArray[np.uint8] | None = None
        self._place = (False, 50)  # whole, position
        self._error: str | None = None  # text: an exception raised again and again keeps its frames alive
        self._tried_at = 0.0

    def place(self, whole: bool, position: int) -> None:
        """whole: show all of it, in front of itself blurred. position: 0 (left, top) to 100 (right, bottom)."""
        if (whole, position) != self._place:
            self._place, self._fitted = (whole, position), None

    def begin(self) -> None:
        """Start reading the file on another thread. A file that failed is tried again every few seconds."""
        if self._pixels is not None or (self._thread is not None and self._thread.is_alive()):
            return
        if self._error is not None and time.monotonic() - self._tried_at < AGAIN:
            return
        self._thread = loading.start("picture", self._load)

    def wait(self, timeout: float) -> bool:
        """Wait for the thread that begin() started. Returns ready."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self.ready

    def close(self, deadline: float = 1.0) -> bool:
        """Wait until the file is no longer being read. Returns whether that took at most deadline seconds."""
        if self._thread is not None:
            self._thread.join(deadline)
        return self._thread is None or not self._thread.is_alive()

    @property
    def ready(self) -> bool:
        """Whether the file has been read or has failed, so that render() returns at once."""
        return self._pixels is not None or self._error is not None

    def _load(self) -> None:
        from backdrop.backdrops import picture_file  # loads Pillow, which only pictures need

        with self._loading:
            if self._pixels is not None:
                return
            try:
                self._pixels, self._error = picture_file.read_picture(self._path), None
            except BackdropError as error:
                self._error = str(error)
            except Exception as error:
                self._error = _(
                    "The picture {name} could not be read: {reason}.", name=self._path.name, reason=error
                )
            self._tried_at = time.monotonic()

    def render(
        self,
        frame: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        half: NDArray[np.uint8] | None = None,
        pixel_format: PixelFormat = PixelFormat.BGR,
        captured_at: float = 0.0,
    ) -> NDArray[np.uint8]:
        """See Backdrop. Reads the file first, unless begin() has. Raises BackdropError if it is no picture."""
        if not self.ready:
            self._load()
        if self._pixels is None:
            raise BackdropError(
                self._error or _("The picture {name} is still loading.", name=self._path.name)
            )
        size, fitted = frame.shape[1::-1], self._fitted
        if fitted is None or i420.size_of(fitted) != size or PixelFormat.of(fitted) is not pixel_format:
            whole, position = self._place
            lay = contain if whole else cover
            fitted = lay(self._pixels, size[0], size[1], position)
            fitted = i420.from_picture(fitted) if pixel_format is PixelFormat.I420 else fitted
            fitted.setflags(write=False)
            self._fitted = fitted
        return fitted


def built_in_pictures() -> list[Path]:
    """The built-in pictures and loops, in the gallery's order. A setting names one by its stem."""
    try:
        folder = resource("backdrops")
    except FileNotFoundError:
        return []
    paths = [folder / f"{name}{'.webm' if name in LOOPS else '.jpg'}" for name in BUILT_IN]
    return [path for path in paths if path.exists()]


def find_picture(picture: str) -> Path:
    """Return the file that a setting means: a path, the stem of a built-in picture, or "" for the first of those.

    Raises BackdropError if this copy of Backdrop has no built-in pictures.
    """
    built_in = built_in_pictures()
    picture = FORMER_PICTURES.get(picture, picture)
    if picture:
        by_name = [path for path in built_in if path.stem == picture]
        return by_name[0] if by_name else expanded(picture)
    if not built_in:
        raise BackdropError(_("This copy of Backdrop has no built-in pictures: choose one of your own."))
    return built_in[0]

"""A picture file as a backdrop: reading it, fitting it to the frame, and the pictures that come with Backdrop."""

import threading
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app import i420
from app.backdrop import BackdropError
from app.language import _
from app.local_files import expanded
from app.shipped import shipped

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")  # of the pictures that come with Backdrop
LARGEST_FILE = 300_000_000  # bytes
LARGEST_SIDE = 3840  # pixels of a picture that are kept; no camera asks for more
AGAIN = 3.0  # seconds before a picture that did not load is tried again


class Picture:
    """A picture file that fills the frame: as large as needed, cut where it is too wide or too high.

    path: any file OpenCV reads. The orientation noted in a photo is honoured, transparency is left out.
    The file is read once; reading it may take a second, so a live line calls begin() and looks at ready.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._loading = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._fitted: NDArray[np.uint8] | None = None
        self._error: BackdropError | None = None
        self._tried_at = 0.0

    def begin(self) -> None:
        """Start reading the file on a thread of its own. A file that failed is tried again every few seconds."""
        if self._pixels is not None or (self._thread is not None and self._thread.is_alive()):
            return
        if self._error is not None and time.monotonic() - self._tried_at < AGAIN:
            return
        self._thread = threading.Thread(target=self._load, name="picture", daemon=True)
        self._thread.start()

    def wait(self, timeout: float) -> bool:
        """Wait until what begin() started has been read. Returns ready."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self.ready

    @property
    def ready(self) -> bool:
        """Whether the file has been read, well or badly, so that render() answers at once."""
        return self._pixels is not None or self._error is not None

    def _load(self) -> None:
        with self._loading:
            if self._pixels is not None:
                return
            try:
                self._pixels, self._error = _read_picture(self._path), None
            except BackdropError as error:
                self._error = error
            except Exception as error:
                self._error = BackdropError(
                    _("The picture {name} could not be read: {reason}.", name=self._path.name, reason=error)
                )
            self._tried_at = time.monotonic()

    def render(
        self,
        frame: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        half: NDArray[np.uint8] | None = None,
        in_i420: bool = False,
        at: float = 0.0,
    ) -> NDArray[np.uint8]:
        """See Backdrop. Reads the file first when nobody has begun to: BackdropError when it is no picture."""
        if not self.ready:
            self._load()
        if self._pixels is None:
            raise self._error or BackdropError(
                _("The picture {name} is not there yet.", name=self._path.name)
            )
        size, fitted = frame.shape[1::-1], self._fitted
        if fitted is None or i420.size_of(fitted) != size or (fitted.ndim == 2) != in_i420:
            fitted = cover(self._pixels, *size)
            fitted = i420.from_picture(fitted) if in_i420 else fitted
            fitted.setflags(write=False)
            self._fitted = fitted
        return fitted


def cover(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Scale a picture until it fills width × height and cut off what is over, the same on either side.

    pixels: (h, w, 3) uint8 BGR. Returns (height, width, 3) uint8 BGR.
    """
    tall, wide = pixels.shape[:2]
    scale = max(width / wide, height / tall)
    across, down = min(wide, max(1, round(width / scale))), min(tall, max(1, round(height / scale)))
    left, top = (wide - across) // 2, (tall - down) // 2
    cut = pixels[top : top + down, left : left + across]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(cut, (width, height), interpolation=how)


def _read_picture(path: Path) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 BGR, no side longer than LARGEST_SIDE. Raises BackdropError."""
    name = path.name
    try:
        if not path.is_file():
            raise BackdropError(_("There is no picture {name}: choose another one.", name=name))
        if path.stat().st_size > LARGEST_FILE:
            raise BackdropError(_("The picture {name} is too large: choose one below 300 MB.", name=name))
        # Decoded from bytes: OpenCV on Windows opens no path with letters beyond its code page.
        pixels = _decoded(np.frombuffer(path.read_bytes(), np.uint8))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BackdropError(
            _(
                "The picture {name} could not be read ({reason}): choose another one.",
                name=name,
                reason=reason,
            )
        ) from error
    except (cv2.error, MemoryError) as error:
        raise BackdropError(
            _("The picture {name} has too many pixels: choose a smaller one.", name=name)
        ) from error
    if pixels is None:
        raise BackdropError(
            _("{name} is not a picture that can be read: choose a JPEG, PNG or WebP file.", name=name)
        )
    height, width = pixels.shape[:2]
    scale = LARGEST_SIDE / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _decoded(encoded: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    if encoded.size == 0:
        return None
    pixels = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    if pixels is not None:
        return pixels
    deep = cv2.imdecode(
        encoded, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    )  # floats, which have no range of their own
    return None if deep is None else cv2.normalize(deep, None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U)


def built_in_pictures() -> list[Path]:
    """The pictures that come with Backdrop, in the order of their names. A setting names one by its stem."""
    try:
        folder = shipped("backdrops")
    except FileNotFoundError:
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def find_picture(picture: str) -> Path:
    """Return the file that a setting means: a path, the stem of a built-in picture, or "" for the first of those.

    Raises BackdropError when nothing came with this copy of Backdrop.
    """
    built_in = built_in_pictures()
    if picture:
        by_name = [path for path in built_in if path.stem == picture]
        return by_name[0] if by_name else expanded(picture)
    if not built_in:
        raise BackdropError(_("No pictures came with this copy of Backdrop: choose one of your own."))
    return built_in[0]

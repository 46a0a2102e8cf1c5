"""What is put behind the person: the protocol of all backdrops, the plain one, and which one the settings ask for."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app import i420
from app.language import _
from app.settings import Settings


class BackdropError(Exception):
    """A backdrop cannot be shown. str() is one sentence for a person, with what to do next."""


class Backdrop(Protocol):
    """Something that can be put behind a person."""

    def render(
        self,
        frame: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        half: NDArray[np.uint8] | None = None,
        in_i420: bool = False,
        at: float = 0.0,
    ) -> NDArray[np.uint8]:
        """Return the backdrop for a frame, (H, W, 3) uint8 BGR: a new array, or a shared one that cannot be written to.

        frame: (H, W, 3) uint8 BGR. alpha: (H, W) uint8, 255 is all person, or None where nobody is known. half:
        halved(frame), where the caller has it. in_i420: return it in I420; H and W are even then. at: the frame's time in
        seconds, for what moves.
        Raises BackdropError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Colour:
    """One colour. text: "#rrggbb"."""

    text: str

    def render(
        self,
        frame: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        half: NDArray[np.uint8] | None = None,
        in_i420: bool = False,
        at: float = 0.0,
    ) -> NDArray[np.uint8]:
        """See Backdrop."""
        return _plain(frame.shape[1], frame.shape[0], self.text, in_i420)


@lru_cache(maxsize=2)
def _plain(width: int, height: int, text: str, in_i420: bool) -> NDArray[np.uint8]:
    try:
        red, green, blue = bytes.fromhex(text.removeprefix("#"))
    except ValueError:
        raise BackdropError(_("{text} is not a colour: write it like #3b5b7a.", text=f"{text!r}")) from None
    pixels = np.full((height, width, 3), (blue, green, red), np.uint8)
    if in_i420:
        pixels = i420.from_bgr(pixels)
    pixels.setflags(write=False)
    return pixels


def what_decides(settings: Settings) -> tuple[object, ...]:
    """Return the settings on which the choice of the backdrop depends: the same ones ask for the same backdrop."""
    decides = {
        "blur": (settings.blur_strength, settings.blur_style),
        "picture": (settings.picture,),
        "colour": (settings.colour,),
        "transparent": (settings.key_colour,),
    }
    return settings.backdrop, *decides.get(settings.backdrop, ())


def files_read(settings: Settings) -> list[Path]:
    """The files that the backdrop is read from."""
    from app.picture import find_picture

    try:
        return [find_picture(settings.picture)] if settings.backdrop == "picture" else []
    except BackdropError:
        return []


def chosen_backdrop(settings: Settings) -> Backdrop:
    """Return the backdrop that the settings ask for. Raises BackdropError, also when they ask for none."""
    # Imported here: each of them imports BackdropError from above.
    from app.blur import Blur
    from app.picture import Picture, find_picture
    from app.video_backdrop import Video, is_video

    if settings.backdrop == "blur":
        return Blur(settings.blur_strength, settings.blur_style == "bokeh")
    if settings.backdrop == "colour":
        return Colour(settings.colour)
    if settings.backdrop == "transparent":
        return Colour(settings.key_colour)
    if settings.backdrop == "picture":
        path = find_picture(settings.picture)
        return Video(path) if is_video(path) else Picture(path)
    raise BackdropError(_("No backdrop is chosen."))

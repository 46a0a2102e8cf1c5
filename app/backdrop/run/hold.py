"""What others may see, and what is sent in place of the live picture: a placeholder, or one composite that stands still."""

import time

import numpy as np
from numpy.typing import NDArray

from backdrop.backdrops.base import BackdropError
from backdrop.backdrops.picture import Picture, find_picture
from backdrop.frames.lettering import lettered
from backdrop.language import N_, _
from backdrop.pipeline.pipeline import Result
from backdrop.settings.settings import Settings

TEXT = N_("Be right back")  # unless the person has written another


class Hold:
    """Used by the processing thread. Cameras come and go; what is held stays.

    Hiding goes before freezing, and does not end it.
    """

    def __init__(self) -> None:
        self._frozen: Result | None = None
        self._picture: Picture | None = None
        self._read = ""  # the setting that the picture was read for

    def instead(self, settings: Settings, shown: Result | None, size: tuple[int, int]) -> Result | None:
        """Return what to send instead of the next composite; None to go on live.

        shown: what was sent last. If it is a composite, freezing repeats it; else the next one. A raw frame is repeated only
        while the effect is off: it is forgotten as soon as that is on, and the demo as soon as others could see it.
        size: (width, height) in pixels, of the placeholder.
        """
        if not settings.freeze or not _may_be_repeated(self._frozen, settings):
            self._frozen = None
        if settings.hide:
            return self._placeholder(settings, size)
        if settings.freeze and self._frozen is None and _may_be_repeated(shown, settings):
            self._frozen = shown
        return self._frozen

    def _placeholder(self, settings: Settings, size: tuple[int, int]) -> Result:
        """The person's picture; their text until that has been read, and if it cannot be."""
        pixels, notice = lettered(*size, settings.hide_text.strip() or _(TEXT)), None
        if settings.hide_picture:
            try:
                picture = self._picture_of(settings.hide_picture)
                picture.begin()
                if picture.ready:
                    pixels = picture.render(pixels, None)
            except BackdropError as error:
                notice = str(error)
        return _neutral(pixels, notice)

    def _picture_of(self, setting: str) -> Picture:
        if self._picture is None or setting != self._read:
            self._picture, self._read = Picture(find_picture(setting)), setting
        return self._picture


def held_words(settings: Settings) -> str:
    """What others see instead of the live picture, in a few words; "" if they see that."""
    if settings.hide:
        return _("You are hidden")
    return _("Your picture stands still") if settings.freeze else ""


def _neutral(pixels: NDArray[np.uint8], notice: str | None) -> Result:
    return Result(pixels, None, -1, time.monotonic(), notice=notice)


def may_be_seen(result: Result, settings: Settings) -> bool:
    """Whether others may see a result while these settings hold."""
    return _may_be_seen_unhidden(result, settings) and (result.is_placeholder or not settings.hide)


def _may_be_seen_unhidden(result: Result, settings: Settings) -> bool:
    """The same if the person did not hide."""
    if result.is_raw and settings.backdrop != "none":
        return False
    return not (result.is_fallback and settings.virtual_camera)  # the demo is not for others to see


def _may_be_repeated(result: Result | None, settings: Settings) -> bool:
    return result is not None and not result.is_placeholder and _may_be_seen_unhidden(result, settings)

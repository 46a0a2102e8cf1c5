"""The line itself: from a frame to what leaves it. No threads, no Qt, and nothing that shows the room by mistake."""

import logging
import time
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.backdrops.base import Backdrop, BackdropError
from backdrop.backdrops.choose import chosen_backdrop, what_decides
from backdrop.backdrops.picture import Picture
from backdrop.backdrops.transparent import unpremultiplied
from backdrop.backdrops.video import Video
from backdrop.frames import i420
from backdrop.frames.frame import Frame
from backdrop.frames.pixel_format import PixelFormat
from backdrop.frames.placeholder import HIDDEN, placeholder
from backdrop.language import _
from backdrop.pipeline.checked_predictor import CheckedPredictor, FrameError
from backdrop.pipeline.composite import composite
from backdrop.pipeline.framing import Framing
from backdrop.pipeline.harmonize import Harmonizer, despill_and_light_wrap
from backdrop.pipeline.quality import FULL, QualityLevel
from backdrop.settings.settings import Settings
from sinet_core import MatteOptions, NotReadyError, SegmentationResult, VideoMatter
from sinet_core.matting.person_segmenter import AlphaPredictor
from sinet_core.matting.resize import halved
from sinet_core.matting.stage_profiler import StageProfiler, not_profiled

log = logging.getLogger(__name__)

LEAST_SIDE = 32  # pixels; the network sees nothing in less


@dataclass(frozen=True, slots=True)
class Result:
    """What leaves the line.

    composite: (H, W, 3) uint8 BGR or, where that was asked for, I420; not to be written to. alpha: (H, W) uint8, 255 is
    all person, mirrored as the composite is; None for the card and where the effect is off. index, captured_at: those of
    the frame. private: False only where the person has turned the effect off and the composite is the camera's own
    frame. notice: why there is a card, for the person alone; None when there is none. key: "#rrggbb", the colour that
    stands for transparent; "" where nothing is. stand_in: as the frame's.
    """

    composite: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None
    index: int
    captured_at: float
    private: bool = True
    notice: str | None = None
    key: str = ""
    stand_in: bool = False

    @property
    def pixel_format(self) -> PixelFormat:
        """The composite's."""
        return PixelFormat.of(self.composite)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The composite as (H, W, 3) uint8 BGR, not to be written to. Converted at every call where it is I420."""
        return self.composite if self.pixel_format is PixelFormat.BGR else i420.to_bgr(self.composite)

    @property
    def unpremultiplied(self) -> NDArray[np.uint8]:
        """The composite as (H, W, 4) uint8 BGRA, transparent where the key is. Converted at every call."""
        return unpremultiplied(self.pixels, self.alpha if self.key else None, self.key)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return i420.size_of(self.composite)


class Pipeline:
    """Turns frames into results, one after another, each with the alpha that belongs to it.

    live: a picture is read while the line goes on, with the last backdrop or the card; otherwise the line waits.
    watch: put round each stage; `backdrop bench` passes its stopwatch's.
    """

    def __init__(
        self, segmenter: AlphaPredictor, *, live: bool = True, watch: StageProfiler = not_profiled
    ) -> None:
        self._halve = watch("halve", halved)
        self._matter = VideoMatter(CheckedPredictor(segmenter), profiler=watch)
        self._kept: tuple[object, NDArray[np.uint8]] | None = None  # a blurred room, and what of
        self._framing = Framing()
        self._frame = watch("frame", self._framed)
        self._render = watch("backdrop", self._rendered)
        self._belonging = Harmonizer()
        self._belong = watch("belong", self._belonging)
        self._composite = watch("composite", composite)
        self._finish = watch("finish", despill_and_light_wrap)
        self._live = live
        self._wanted: object = None
        self._next: Backdrop | None = None
        self._shown: Backdrop | None = None
        self._logged = ""

    def reset(self) -> None:
        """Forget the frames before: they were another camera's."""
        self._forget()
        self._matter.reset()

    def close(self) -> None:
        """End the thread that low latency has begun; it begins again when it is wanted."""
        self._matter.close()

    def _forget(self) -> None:
        self._matter.reset(pending=False)
        self._kept = None
        self._framing.reset()
        self._belonging.reset()

    def process(
        self, frame: Frame, settings: Settings, *, in_i420: bool = False, quality_level: QualityLevel = FULL
    ) -> Result:
        """Return the composite of a frame; the frame itself only if settings.backdrop is "none"; else the card.

        in_i420: make the composite in I420, which is cheaper, if the frame's sides are even; a card never is. effort: how
        much to do for it.
        Never raises for a frame, a network or a backdrop that is bad: the card's notice says what is wrong.
        """
        try:
            _check_frame(frame.pixels)
            if settings.backdrop == "none":
                self._shown = None
                return _result(frame, frame.pixels, None, settings, private=False)
            half = self._halve(frame.pixels)  # once, for all who look at the frame more coarsely
            options = self._options(settings, quality_level)
            person = self._matter.segment(frame.pixels, frame.captured_at, options, half=half)
            fine = self._matter.upsample(person, frame.pixels, half=half)
            if settings.auto_framing:
                frame, half, fine = self._frame(person, frame, half, fine)
            in_i420 = in_i420 and frame.pixels.shape[0] % 2 == frame.pixels.shape[1] % 2 == 0
            backdrop = self._render(settings, frame, fine, half, in_i420, quality_level)
            into = backdrop if backdrop.flags.writeable else None  # a new one is nobody else's
            look = self._belong(half, fine, backdrop, settings, frame.captured_at)
            pixels = self._composite(frame.pixels, backdrop, fine, into, None if look is None else look.gains)
            pixels = self._finish(pixels, fine, look)
            return _result(frame, pixels, fine, settings)
        except NotReadyError:
            notice = _("Backdrop is looking for you. Your picture is hidden until then.")
        except (BackdropError, FrameError) as error:
            notice = str(error)
        except Exception as error:
            notice = _("Something went wrong, so your picture is hidden: {reason}", reason=_one_line(error))
            if notice != self._logged:  # once, and not thirty times a second
                log.exception("Frame %d could not be processed", frame.index)
                self._logged = notice
        finally:
            self._matter.submit()
        self._forget()
        return hidden(_size(frame.pixels, settings), notice, frame.index)

    def _options(self, settings: Settings, quality_level: QualityLevel) -> MatteOptions:
        return MatteOptions(
            network_every=quality_level.every,
            input_scale=quality_level.input_scale,
            high_detail=settings.detail == "high",
            low_latency=self._live and settings.timing == "low-latency",
        )

    def _framed(
        self, person: SegmentationResult, frame: Frame, half: NDArray[np.uint8], alpha: NDArray[np.uint8]
    ) -> tuple[Frame, NDArray[np.uint8], NDArray[np.uint8]]:
        """The part of the frame that keeps the person in the middle, as large as the frame: the person, its half, its alpha."""
        window = self._framing(person)
        if window is None:
            return frame, half, alpha
        pixels = window.enlarged(frame.pixels, alpha)  # no more than the person is needed of it
        return replace(frame, pixels=pixels), window.halved().enlarged(half), window.enlarged(alpha, alpha)

    def _rendered(
        self,
        settings: Settings,
        frame: Frame,
        alpha: NDArray[np.uint8],
        half: NDArray[np.uint8],
        in_i420: bool,
        quality_level: QualityLevel,
    ) -> NDArray[np.uint8]:
        chosen = self._backdrop(settings)
        if not (quality_level.keeps_blur and settings.backdrop == "blur"):
            return chosen.render(frame.pixels, alpha, half, in_i420, frame.captured_at)
        wanted = (self._wanted, frame.pixels.shape, in_i420)
        if self._matter.network_runs or self._kept is None or self._kept[0] != wanted:
            self._kept = wanted, chosen.render(frame.pixels, alpha, half, in_i420)
            self._kept[1].setflags(write=False)
        return self._kept[1]

    def _backdrop(self, settings: Settings) -> Backdrop:
        wanted = what_decides(settings)
        if wanted != self._wanted or self._next is None:
            self._next = chosen_backdrop(settings)
            self._wanted = wanted
        if self._live and isinstance(self._next, Picture | Video):
            self._next.begin()
            if not self._next.ready:
                if self._shown is None:
                    raise BackdropError(_("The picture is loading."))
                return self._shown
        self._shown = self._next
        return self._shown


def hidden(size: tuple[int, int], notice: str, index: int = -1, sentence: str = HIDDEN) -> Result:
    """Return the card as a result.

    size: (width, height) in pixels. notice: the reason, for the person. index: of the frame that it stands for, -1
    for none. sentence: what is written on the card, for everybody.
    """
    return Result(placeholder(*size, sentence), None, index, time.monotonic(), notice=notice)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _size(pixels: object, settings: Settings) -> tuple[int, int]:
    if isinstance(pixels, np.ndarray) and pixels.ndim >= 2 and min(pixels.shape[:2]) >= LEAST_SIDE:
        return int(pixels.shape[1]), int(pixels.shape[0])
    return settings.width, settings.height


def _check_frame(pixels: object) -> None:
    right = isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.ndim == 3
    if not right or pixels.shape[2] != 3 or min(pixels.shape[:2]) < LEAST_SIDE:  # type: ignore[attr-defined]
        raise FrameError(_("The camera's picture is unusable: choose another camera or size."))


def _result(
    frame: Frame,
    pixels: NDArray[np.uint8],
    alpha: NDArray[np.uint8] | None,
    settings: Settings,
    private: bool = True,
) -> Result:
    if settings.mirror:
        pixels = cv2.flip(pixels, 1) if PixelFormat.of(pixels) is PixelFormat.BGR else i420.mirrored(pixels)
        alpha = None if alpha is None else cv2.flip(alpha, 1)
    key = settings.key_colour if settings.backdrop == "transparent" else ""
    return Result(pixels, alpha, frame.index, frame.captured_at, private, key=key)

"""The line itself: from a frame to a result. No threads, no Qt, and nothing that shows the room by mistake."""

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
from backdrop.pipeline.framing import Framing, Window
from backdrop.pipeline.harmonize import Harmonizer, despill_and_light_wrap
from backdrop.pipeline.light import Light, is_asked
from backdrop.pipeline.quality import FULL, QualityLevel
from backdrop.pipeline.zoom import Zoom
from backdrop.settings.settings import Settings
from backdrop.system.reason import reason_of
from sinet_core import MatteOptions, NotReadyError, SegmentationResult, VideoMatter
from sinet_core.matting.person_segmenter import AlphaPredictor
from sinet_core.matting.resize import halved
from sinet_core.matting.stage_profiler import StageProfiler, not_profiled

log = logging.getLogger(__name__)

LEAST_SIDE = 32  # pixels; smaller frames show the network nothing


@dataclass(frozen=True, slots=True)
class Result:
    """What leaves the line.

    composite: (H, W, 3) uint8 BGR or, if that was asked for, I420; see pixel_format. It must not be written to.
    alpha: (H, W) uint8, 255 is all person, mirrored like the composite; None for the placeholder and with the effect off.
    index, captured_at: the frame's. is_raw: True only where the person has turned the effect off and the composite is the
    camera's own frame, perhaps in another light. notice: why the placeholder is shown, for the person alone; None for a
    composite. key: "#rrggbb", the colour that stands for transparent; "" if none does. is_fallback: as in Frame.
    """

    composite: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None
    index: int
    captured_at: float
    is_raw: bool = False
    notice: str | None = None
    key: str = ""
    is_fallback: bool = False

    @property
    def is_placeholder(self) -> bool:
        """Whether nothing of the camera is in it."""
        return self.alpha is None and not self.is_raw

    @property
    def pixel_format(self) -> PixelFormat:
        """The composite's."""
        return PixelFormat.of(self.composite)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The composite as (H, W, 3) uint8 BGR, not to be written to. I420 is converted on every call."""
        return self.composite if self.pixel_format is PixelFormat.BGR else i420.to_bgr(self.composite)

    @property
    def unpremultiplied(self) -> NDArray[np.uint8]:
        """The composite as (H, W, 4) uint8 BGRA, transparent where the key is. Converted on every call."""
        return unpremultiplied(self.pixels, self.alpha if self.key else None, self.key)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return i420.size_of(self.composite)


class Pipeline:
    """Turns frames into results, one after another, each with its own alpha.

    live: while a picture is being read, the line goes on with the last backdrop or the placeholder; otherwise it waits.
    profiler: wraps each stage; `backdrop bench` passes its stopwatch.
    """

    def __init__(
        self, segmenter: AlphaPredictor, *, live: bool = True, profiler: StageProfiler = not_profiled
    ) -> None:
        self._halve = profiler("halve", halved)
        self._matter = VideoMatter(CheckedPredictor(segmenter), profiler=profiler)
        self._framing = Framing()
        self._reframe = profiler("frame", self._reframed)
        self._render = profiler("backdrop", self._rendered)
        self._light = Light()
        self._relight = profiler("light", self._light)
        self._harmonizer = Harmonizer()
        self._harmonize = profiler("harmonize", self._harmonizer)
        self._composite = profiler("composite", composite)
        self._finish = profiler("finish", despill_and_light_wrap)
        self._live = live
        # What it was made for, and the blurred room.
        self._kept_blur: tuple[object, NDArray[np.uint8]] | None = None
        self._wanted: object = None  # the settings that the backdrop was chosen by
        self._chosen: Backdrop | None = None
        self._shown: Backdrop | None = None  # the last one that was ready
        self._logged = ""

    def reset(self) -> None:
        """Forget all earlier frames: they came from another camera."""
        self._forget()
        self._matter.reset()

    def close(self) -> None:
        """End the thread of low latency; it starts again when it is needed."""
        self._matter.close()

    def _forget(self) -> None:
        self._matter.reset(pending=False)
        self._kept_blur = None
        self._framing.reset()
        self._light.reset()
        self._harmonizer.reset()

    def process(
        self,
        frame: Frame,
        settings: Settings,
        *,
        pixel_format: PixelFormat = PixelFormat.BGR,
        quality_level: QualityLevel = FULL,
    ) -> Result:
        """Return the composite of a frame; the frame itself only if settings.backdrop is "none"; else the placeholder.

        pixel_format: I420 is cheaper, and is what a composite comes in if the frame's sides are even; the placeholder and
        a raw frame are always BGR. quality_level: how much to do for this frame.
        Never raises, however bad the frame, the network or the backdrop is: the result's notice says what is wrong.
        """
        try:
            _check_frame(frame.pixels)
            if settings.backdrop == "none":
                self._shown = None
                pixels = frame.pixels
                if is_asked(settings):
                    pixels, _half = self._relight(pixels, halved(pixels), None, settings, frame.captured_at)
                return _result(frame, self._zoomed(pixels, settings), None, settings, is_raw=True)
            half = self._halve(frame.pixels)  # once, for all stages that need less detail
            options = self._options(settings, quality_level)
            person = self._matter.segment(frame.pixels, frame.captured_at, options, half=half)
            alpha = self._matter.upsample(person, frame.pixels, half=half)
            if is_asked(settings):
                pixels, half = self._relight(frame.pixels, half, alpha, settings, frame.captured_at)
                frame = replace(frame, pixels=pixels)
            if settings.auto_framing or settings.zoom > 100:
                frame, half, alpha = self._reframe(person, frame, half, alpha, settings)
            backdrop = self._render(settings, frame, alpha, half, pixel_format, quality_level)
            adjustments = self._harmonize(half, alpha, backdrop, settings, frame.captured_at)
            # A writable backdrop belongs to this frame alone.
            into = backdrop if backdrop.flags.writeable else None
            gains = None if adjustments is None else adjustments.gains
            pixels = self._composite(frame.pixels, backdrop, alpha, into, gains)
            pixels = self._finish(pixels, alpha, adjustments)
            return _result(frame, pixels, alpha, settings)
        except NotReadyError:
            notice = _("Backdrop is looking for you. Your picture is hidden until then.")
        except (BackdropError, FrameError) as error:
            notice = str(error)
        except Exception as error:
            notice = _("Something went wrong, so your picture is hidden: {reason}", reason=reason_of(error))
            if notice != self._logged:  # once, not thirty times per second
                log.exception("Frame %d could not be processed", frame.index)
                self._logged = notice
        finally:
            self._matter.submit()
        self._forget()
        return hidden(size_of_frame(frame.pixels, settings), notice, frame.index)

    def _options(self, settings: Settings, quality_level: QualityLevel) -> MatteOptions:
        return MatteOptions(
            network_every=quality_level.network_every,
            input_scale=quality_level.input_scale,
            high_detail=settings.detail == "high" and quality_level == FULL,
            low_latency=self._live and settings.timing == "low-latency",
        )

    @staticmethod
    def _zoomed(pixels: NDArray[np.uint8], settings: Settings) -> NDArray[np.uint8]:
        """The part of a raw frame that the person has chosen, enlarged."""
        window = _chosen_part(pixels, settings)
        return pixels if window is None else window.enlarged(pixels)

    def _reframed(
        self,
        person: SegmentationResult,
        frame: Frame,
        half: NDArray[np.uint8],
        alpha: NDArray[np.uint8],
        settings: Settings,
    ) -> tuple[Frame, NDArray[np.uint8], NDArray[np.uint8]]:
        """Enlarge the part of the frame that keeps the person in the middle, or that they have chosen.

        Returns the frame, its half, and its alpha.
        """
        window = self._framing(person) if settings.auto_framing else _chosen_part(frame.pixels, settings)
        if window is None:
            return frame, half, alpha
        pixels = window.enlarged(frame.pixels, alpha)  # only pixels under the alpha are needed
        return replace(frame, pixels=pixels), window.halved().enlarged(half), window.enlarged(alpha, alpha)

    def _rendered(
        self,
        settings: Settings,
        frame: Frame,
        alpha: NDArray[np.uint8],
        half: NDArray[np.uint8],
        pixel_format: PixelFormat,
        quality_level: QualityLevel,
    ) -> NDArray[np.uint8]:
        chosen = self._backdrop(settings)
        height, width = frame.pixels.shape[:2]
        if height % 2 or width % 2:
            pixel_format = PixelFormat.BGR
        if not (quality_level.keeps_blur and settings.backdrop == "blur"):
            return chosen.render(frame.pixels, alpha, half, pixel_format, frame.captured_at)
        wanted = (self._wanted, frame.pixels.shape, pixel_format)
        if self._matter.network_runs or self._kept_blur is None or self._kept_blur[0] != wanted:
            self._kept_blur = wanted, chosen.render(frame.pixels, alpha, half, pixel_format)
            self._kept_blur[1].setflags(write=False)
        return self._kept_blur[1]

    def _backdrop(self, settings: Settings) -> Backdrop:
        wanted = what_decides(settings)
        if wanted != self._wanted or self._chosen is None:
            self._chosen = chosen_backdrop(settings)
            self._wanted = wanted
        if isinstance(self._chosen, Picture):
            self._chosen.place(settings.picture_fit == "whole", settings.picture_position)
        if self._live and isinstance(self._chosen, Picture | Video):
            self._chosen.begin()
            if not self._chosen.ready:
                if self._shown is None:
                    raise BackdropError(_("The picture is loading."))
                return self._shown
        self._shown = self._chosen
        return self._shown


def hidden(size: tuple[int, int], notice: str, index: int = -1, sentence: str = HIDDEN) -> Result:
    """Return the placeholder as a result.

    size: (width, height) in pixels. notice: the reason, for the person. index: of the frame that it replaces, -1 for none.
    sentence: what the placeholder says, for everybody.
    """
    return Result(placeholder(*size, sentence), None, index, time.monotonic(), notice=notice)


def size_of_frame(pixels: object, settings: Settings) -> tuple[int, int]:
    """(width, height) of a camera's frame; of the size in the settings if it is unusable."""
    if isinstance(pixels, np.ndarray) and pixels.ndim >= 2 and min(pixels.shape[:2]) >= LEAST_SIDE:
        return int(pixels.shape[1]), int(pixels.shape[0])
    return settings.width, settings.height


def _check_frame(pixels: object) -> None:
    is_image = isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.ndim == 3
    if not is_image or pixels.shape[2] != 3 or min(pixels.shape[:2]) < LEAST_SIDE:  # type: ignore[attr-defined]
        raise FrameError(_("The camera's picture is unusable: choose another camera or size."))


def _chosen_part(pixels: NDArray[np.uint8], settings: Settings) -> Window | None:
    if settings.auto_framing:
        return None
    height, width = pixels.shape[:2]
    return Zoom(settings.zoom, settings.zoom_x, settings.zoom_y).window(width, height)


def _result(
    frame: Frame,
    pixels: NDArray[np.uint8],
    alpha: NDArray[np.uint8] | None,
    settings: Settings,
    is_raw: bool = False,
) -> Result:
    if settings.mirror:
        pixels = cv2.flip(pixels, 1) if PixelFormat.of(pixels) is PixelFormat.BGR else i420.mirrored(pixels)
        alpha = None if alpha is None else cv2.flip(alpha, 1)
    key = settings.key_colour if settings.backdrop == "transparent" else ""
    return Result(pixels, alpha, frame.index, frame.captured_at, is_raw, key=key)

"""Filtering alphas over time: static scenes do not flicker, and moving hands leave no trail."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import native
from sinet_core.matting.components import ComponentHysteresis
from sinet_core.matting.resize import downscale
from sinet_core.matting.roi import Region
from sinet_core.native import temporal
from sinet_core.native.constants import BRIGHT, CALM, DIM, MOVING, STILL, SURE, UNSURE

Plane: TypeAlias = NDArray[np.float32]

GAP = 0.5  # seconds without a frame, after which the filter starts again
# The largest weight of the previous alpha per 1/30 s, where the frame moves and where it is static.
KEEP, KEEP_STILL = 0.9, 0.98
UNSEEN = -1000.0  # grey of pixels that the previous region did not have: they count as moving


class TemporalFilter:
    """Smooths alphas over time, pixel by pixel.

    The more a new alpha differs from the filtered one, the smaller the weight of the filtered one. A larger difference counts as
    noise where the new alpha is close to one half, and an even larger one where the frame is static. When the region changes,
    the state moves with it. The filter starts again when the size changes, when time goes backwards, and after GAP seconds.
    """

    def __init__(self) -> None:
        self._steadied: Plane | None = None
        self._grey: Plane | None = None  # the frame of the filtered alpha, at its size
        self._components = ComponentHysteresis()
        self._region: Region | None = None
        self._captured_at = 0.0

    def reset(self) -> None:
        """Start again: the next alpha is returned unchanged."""
        self._steadied = self._grey = None

    def __call__(
        self,
        alpha: Plane,
        captured_at: float,
        frame: NDArray[np.uint8] | None = None,
        region: Region | None = None,
    ) -> Plane:
        """Return the filtered alpha.

        alpha: (h, w) float32 in [0, 1], finite, at half the network's input size. captured_at: seconds on a monotonic clock.
        frame: the alpha's frame, (H, W, 3) uint8 BGR of any size; without it, everything counts as moving. region: the part
        of the camera's frame that both show; None for all of it. No array is modified.
        Returns (h, w) float32 in [0, 1]. The caller may keep it, but must not modify it.
        """
        grey = None if frame is None else _small_grey(frame, alpha.shape)
        self._move_to(region, alpha.shape, grey)
        before = self._steadied
        gap = captured_at - self._captured_at
        self._captured_at = captured_at
        if before is None or before.shape != alpha.shape or not 0 <= gap <= GAP:
            self._steadied, self._grey = self._components.start(alpha), grey
            return self._steadied
        keep, keep_still = KEEP ** (30 * gap), KEEP_STILL ** (30 * gap)
        if grey is None or self._grey is None:
            nowhere = np.zeros_like(alpha)
            self._steadied, self._grey = (
                alpha - (alpha - before) * _history_weight(alpha, before, nowhere, keep, keep),
                grey,
            )
            return self._steadied
        still = _static_mask(grey, self._grey)
        alpha = self._components(alpha, still, gap)
        self._steadied, self._grey = _blended(alpha, before, still, keep, keep_still, grey, self._grey)
        return self._steadied

    def _move_to(self, region: Region | None, shape: tuple[int, ...], grey: Plane | None) -> None:
        """Move the state to another region, with an alpha of the size (h, w) there. grey: of the new frame."""
        here, self._region = self._region, region
        if here == region or self._steadied is None:
            return
        if here is None or region is None or here.frame != region.frame:
            self.reset()
            return
        height, width = shape
        self._steadied = here.resampled(self._steadied, region, (height, width), 0.0)
        self._components.move_to(here, region, self._steadied)
        if grey is None or self._grey is None:
            self._grey = None
            return
        self._grey = here.resampled(self._grey, region, (grey.shape[0], grey.shape[1]), UNSEEN)
        if self._grey.min() > UNSEEN:  # A closer crop of the same scene is sharper, which is not a movement.
            self._grey = grey


def _small_grey(frame: NDArray[np.uint8], shape: tuple[int, ...]) -> Plane:
    small = downscale(frame, *shape[:2])
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)


def _static_mask(grey: Plane, before: Plane) -> Plane:
    """1 where the frame is static, 0 where it or a neighbour moves, because a movement uncovers what is beside it."""
    light = min(max(cv2.mean(grey)[0] / BRIGHT, DIM), 1.0)
    if native.takes(grey, before, gaps=False):
        return temporal.static_mask(grey, before, light)
    change = cv2.dilate(cv2.blur(cv2.absdiff(grey, before), (3, 3)), np.ones((3, 3), np.uint8))
    return np.clip((MOVING * light - change) * np.float32(1 / ((MOVING - STILL) * light)), 0, 1)


def _blended(
    alpha: Plane, before: Plane, still: Plane, keep: float, keep_still: float, grey: Plane, grey_before: Plane
) -> tuple[Plane, Plane]:
    """Blend the alpha and its frame with the previous ones. Filtering both lets slow movements add up until they are seen."""
    if native.takes(alpha, before, still, grey, grey_before, gaps=False):
        return temporal.blended(alpha, before, still, keep, keep_still, grey, grey_before)
    kept = _history_weight(alpha, before, still, keep, keep_still)
    steadied = alpha - (alpha - before) * kept
    return steadied, grey - (grey - grey_before) * np.where(grey_before < 0, np.float32(0), kept)


def _history_weight(alpha: Plane, before: Plane, still: Plane, keep: float, keep_still: float) -> Plane:
    """The weight of the previous alpha. keep, keep_still: its maximum where the frame moves and where it is static."""
    unsure = cv2.multiply(alpha, 1.0 - alpha, scale=4.0)
    tolerance = np.maximum(SURE + (UNSURE - SURE) * unsure, CALM * still)
    disagreement = cv2.divide(cv2.subtract(alpha, before), tolerance)
    return np.maximum(1.0 - disagreement * disagreement, 0.0) * (keep + (keep_still - keep) * still)

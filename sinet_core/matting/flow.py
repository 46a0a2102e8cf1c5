"""Warping an alpha to a later frame by optical flow, for frames on which the network does not run.

Dense optical flow between the two frames at the alpha's size, near the people only: DIS (T. Kroeger, R. Timofte,
D. Dai, L. Van Gool, "Fast Optical Flow using Dense Inverse Search", ECCV 2016), as implemented in OpenCV. Pixels beside people
move with them, because the background that they uncover was hidden in the earlier frame.
"""

from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.float32]

FAINT = 0.02  # alpha below which there is nobody to warp
REACH = 12  # pixels of the small frames: the furthest that an outline may move
BESIDE = 13  # pixels: window in which the background moves with the person
LEAST = 40  # pixels: DIS needs at least this side
# Mean difference of grey, brightness apart, above which two frames show different scenes: as a fraction of their mean grey,
# and at most CUT_LEVELS.
CUT, CUT_LEVELS = 0.15, 24.0
DARK = 8.0  # levels of grey: a lower mean is taken for this one, as it is mostly noise
COARSE = 8  # pixels of the small frames that are averaged before comparing, against noise


def warp_by_flow(alpha: Plane, before: NDArray[np.uint8], frame: NDArray[np.uint8]) -> Plane:
    """Return an alpha warped from its frame to a later one.

    alpha: (h, w) float32 in [0, 1]. before: the alpha's frame. frame: the later one. Both are (h', w', 3) uint8 BGR,
    reduced to about the alpha's size. Movements of more than REACH of their pixels are lost. No array is modified.
    Returns (h, w) float32 in [0, 1], a new array. Raises ValueError if the frames differ in size.
    """
    if before.shape != frame.shape:
        raise ValueError(f"sizes differ: {before.shape} and {frame.shape}")
    small, large = _near(alpha, frame.shape[:2])
    if small is None:
        return alpha.copy()
    part = np.ascontiguousarray(alpha[large])
    flow = _spread_flow(_flow(_grey(before[small]), _grey(frame[small])), part)
    (height, width), (small_height, small_width) = part.shape, flow.shape[:2]
    flow = cv2.multiply(flow, (width / small_width, height / small_height, 0, 0))
    flow = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR)
    answer = np.zeros_like(alpha)
    answer[large] = _warped(part, flow)
    return answer


def is_cut(before: NDArray[np.uint8], frame: NDArray[np.uint8]) -> bool:
    """Whether two small frames, (h, w, 3) uint8 BGR, show different scenes, so that no alpha can be warped.

    A light that is switched on is not a cut, and neither is a movement. As a fraction of the frames' mean grey, which may be dim
    and noisy, greys differ by 0.12 at most within 0.3 s of webcam clips, and by 0.21 or more in 99 of 100 pairs of rooms.
    """
    if before.shape != frame.shape:
        return True
    height, width = frame.shape[:2]
    size = max(width // COARSE, 1), max(height // COARSE, 1)
    old, new = (cv2.resize(_grey(each), size, interpolation=cv2.INTER_AREA) for each in (before, frame))
    light = max((cv2.mean(old)[0] + cv2.mean(new)[0]) / 2, DARK)
    change = cv2.subtract(new, old, dtype=cv2.CV_32F)
    differs = cv2.norm(change, np.full_like(change, cv2.mean(change)[0]), cv2.NORM_L1) / change.size
    return differs > min(CUT * light, CUT_LEVELS)


Part: TypeAlias = tuple[slice, slice]


def _near(alpha: Plane, size: tuple[int, int]) -> tuple[Part | None, Part]:
    """The part of the small frames, of (h, w) size, and of the alpha, where people are or may have moved to. None: nobody."""
    x, y, width, height = cv2.boundingRect((alpha > FAINT).astype(np.uint8))
    whole = (slice(0, alpha.shape[0]), slice(0, alpha.shape[1]))
    if width == 0 or min(size) < LEAST:
        return None, whole
    rows, large_rows = _span(y, height, alpha.shape[0], size[0])
    columns, large_columns = _span(x, width, alpha.shape[1], size[1])
    return (rows, columns), (large_rows, large_columns)


def _span(first: int, length: int, large: int, small: int) -> tuple[slice, slice]:
    """The widened range of one axis with people in it, in pixels of the small frames and of the alpha."""
    begin = max(first * small // large - REACH, 0)
    end = min(-(-(first + length) * small // large) + REACH, small)
    if end - begin < LEAST:
        begin = max(0, min(begin, small - LEAST))
        end = begin + LEAST
    return slice(begin, end), slice(begin * large // small, end * large // small)


def _grey(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)


def _flow(before: NDArray[np.uint8], grey: NDArray[np.uint8]) -> Plane:
    """(h, w, 2) float32: the movement of each pixel of `before`, in pixels across and down."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    search.setFinestScale(1)  # the preset's 2 is a third cheaper, but loses hands
    search.setUseMeanNormalization(False)
    return np.asarray(search.calc(before, grey, None), np.float32)


def _spread_flow(flow: Plane, alpha: Plane) -> Plane:
    """Spread the people's flow to the background beside them, and turn it from a forward into a backward flow."""
    height, width = flow.shape[:2]
    person = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA)
    nearby = cv2.blur(person, (BESIDE, BESIDE)) + np.float32(1e-4)
    spread = []
    for way in cv2.split(flow):
        theirs = cv2.blur(cv2.multiply(way, person), (BESIDE, BESIDE)) / nearby
        spread.append(theirs + (way - theirs) * person)
    # A pixel's content moved by the flow at its source. That is approximately where the pixel's own flow points back to.
    flow = cv2.merge(spread)
    return _warped(flow, flow)


def _warped(plane: Plane, flow: Plane) -> Plane:
    """Warp a plane (h, w) or (h, w, 2) by a backward flow (h, w, 2), in pixels of the plane."""
    height, width = plane.shape[:2]
    side = 2 ** max(height - 1, width - 1).bit_length()
    sources = cv2.subtract(_places(side)[:height, :width], flow)
    return np.asarray(
        cv2.remap(plane, sources, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


@lru_cache(maxsize=4)
def _places(side: int) -> Plane:
    """The column and row of each pixel: (side, side, 2) float32."""
    ways = np.arange(side, dtype=np.float32)
    return np.dstack(np.meshgrid(ways, ways))

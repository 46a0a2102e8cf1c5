"""An alpha after the network: fitted to the edges of its frame. temporal_filter.py steadies it over time before."""

import math
from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import native
from sinet_core.matting.colours import Colours, colour_posterior, guided_filter, local_linear_coefficients
from sinet_core.matting.resize import downscale, halved
from sinet_core.matting.temporal_filter import TemporalFilter
from sinet_core.native import upsampling
from sinet_core.native.constants import HAZE

__all__ = ["TemporalFilter", "guided_upsample", "halved"]

Plane: TypeAlias = NDArray[np.float32]

# Where alpha is below FAINT, it becomes 0, except within MARGIN pixels of higher values.
FAINT, MARGIN = 0.15, 3
ROUND = 12  # pixels of the alpha: the reach of all windows, and two more


def guided_upsample(
    alpha: NDArray[np.float32],
    frame: NDArray[np.uint8],
    half: NDArray[np.uint8] | None = None,
    small: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Upsample an alpha to the frame's size, fitted to the frame's edges.

    First the outline moves to where the colours of person and background differ (colours.py). Then comes a fast guided filter:
    alpha is fitted as a linear function of the three colours round every pixel, the coefficients are enlarged to half the
    frame's size, and applied to the frame's own colours there. (K. He, J. Sun, "Fast Guided Filter", arXiv 1505.00996.)

    alpha: (h, w) float32 in [0, 1], finite, any h and w. frame: (H, W, 3) uint8 BGR. half: halved(frame), and small: downscale()
    of the frame to the alpha's size, if the caller has them already. No array is modified.
    Returns (H, W) uint8, 255 is all person.
    """
    half = halved(frame) if half is None else half
    whole = np.zeros(frame.shape[:2], np.uint8)
    person = _person(alpha)
    if person[2] == 0:
        return whole
    alpha = alpha.copy()
    small = downscale(half, *alpha.shape) if small is None else small
    fit, apply = _fit_to_colours, _apply_linear_model
    if native.takes(alpha, half, small, even=True):
        fit, apply = upsampling.fit_to_colours, upsampling.apply_linear_model
    near = _near(*person)
    fit(alpha[near], small[near])
    x, y, width, height = _person(alpha)
    rows, large_rows = _span(y, height, alpha.shape[0], frame.shape[0])
    columns, large_columns = _span(x, width, alpha.shape[1], frame.shape[1])
    if width > 0:
        part = half[_in_half(large_rows), _in_half(large_columns)]
        apply(alpha[rows, columns], small[rows, columns], part, whole[large_rows, large_columns])
    return whole


def _person(alpha: Plane) -> Sequence[int]:
    """The bounding box of alpha above FAINT: left, top, width and height. The last two are 0 if there is nobody."""
    return cv2.boundingRect((alpha > FAINT).view(np.uint8))


def _near(x: int, y: int, width: int, height: int) -> tuple[slice, slice]:
    """Rows and columns of a box widened by ROUND, with even bounds, because they are halved."""
    rows = slice(max(y - ROUND, 0) // 2 * 2, (y + height + ROUND + 1) // 2 * 2)
    return rows, slice(max(x - ROUND, 0) // 2 * 2, (x + width + ROUND + 1) // 2 * 2)


def _span(first: int, length: int, small: int, large: int) -> tuple[slice, slice]:
    """Return the widened range of one axis of the alpha with people in it, and the same range of the frame.

    Its bounds lie between two pixels of the alpha and between two groups of eight pixels of the frame, so that halving and
    enlarging the part gives exactly the same as the whole.
    """
    step = small if large % 8 else small // math.gcd(small, large // 8)
    begin = max(first - MARGIN, 0) // step * step
    end = min(math.ceil((first + length + MARGIN) / step) * step, small)
    return slice(begin, end), slice(begin * large // small, end * large // small)


def _in_half(span: slice) -> slice:
    return slice(span.start // 2, max(1, span.stop // 2))


def _split(guide: NDArray[np.uint8]) -> Colours:
    return cv2.split(guide * np.float32(1 / 255))


def _fit_to_colours(alpha: Plane, guide: NDArray[np.uint8]) -> None:
    """Move an alpha's outline, in place, to where the colours of person and background differ. guide: the frame at its size."""
    colours = _split(guide)
    alpha[:] = guided_filter(colour_posterior(alpha, colours), colours)


def _apply_linear_model(
    alpha: Plane, guide: NDArray[np.uint8], half: NDArray[np.uint8], fine: NDArray[np.uint8]
) -> None:
    """Fit the linear model to an alpha, and write the alpha that it gives for half the frame, enlarged twice, to `fine`."""
    gains, offset = local_linear_coefficients(alpha, _split(guide))
    # From here on alpha is in units of 1/255, and stretched to remove the haze on both sides of an edge.
    stretch = 1 / (1 - 2 * HAZE)
    size = (half.shape[1], half.shape[0])
    fitted = cv2.resize((offset - HAZE) * np.float32(255 * stretch), size, interpolation=cv2.INTER_LINEAR)
    mixed = cv2.resize(cv2.merge(gains), size, interpolation=cv2.INTER_LINEAR)
    half = np.ascontiguousarray(half)  # products of non-contiguous arrays are slower
    cv2.multiply(mixed, half, dst=mixed, dtype=cv2.CV_32F)
    mixed = cv2.transform(mixed, np.full((1, 3), stretch, np.float32))  # the sum of the three
    # Enlarged before it is clipped to 0 and 255: that keeps edges of one pixel sharp.
    fitted = cv2.add(fitted, mixed, dtype=cv2.CV_16S)
    fitted = cv2.resize(fitted, fine.shape[::-1], interpolation=cv2.INTER_LINEAR)
    fine[:] = np.clip(fitted, 0, 255, out=fitted)  # clipping straight into uint8 takes three times as long

"""What is done to an alpha after the network: steadying it over time, and fitting it to the frame's own edges."""

import cv2
import numpy as np
from numpy.typing import NDArray

GAP = 0.5  # seconds without a frame after which what was before says nothing any more
KEEP = 0.85  # how much of the steadied alpha stays, at most
SURE, UNSURE = (
    0.10,
    0.45,
)  # the disagreement that counts as movement, where the alpha is clear and where it is not
GUIDE_NOISE = 5e-4  # variance of the guide below which it has no edge (grey levels of 0 to 1)
HAZE = 0.2  # what is nearer than this to 0 or 1 after refining is taken for it


class Steady:
    """Smooths alphas over time, so that a still picture does not shimmer and a moving hand does not trail.

    The more a new alpha disagrees with the steadied one, the less of the steadied one is kept; where the new alpha
    is itself unsure, more disagreement is put down to noise. It starts afresh when the size changes, when time goes
    backwards, and after a gap of more than half a second.
    """

    def __init__(self) -> None:
        self._steadied: NDArray[np.float32] | None = None
        self._captured_at = 0.0

    def reset(self) -> None:
        """Forget what was before: the next alpha comes back as it is."""
        self._steadied = None

    def __call__(self, alpha: NDArray[np.float32], captured_at: float) -> NDArray[np.float32]:
        """Return the alpha steadied by those before it.

        alpha: (h, w) float32 in [0, 1], finite; not written to. captured_at: seconds on a clock that never goes
        back. Returns (h, w) float32 in [0, 1], an array that the caller may keep but not write to.
        """
        before = self._steadied
        gap = captured_at - self._captured_at
        self._captured_at = captured_at
        if before is None or before.shape != alpha.shape or not 0 <= gap <= GAP:
            self._steadied = alpha.copy()
            return self._steadied
        change = cv2.subtract(alpha, before)
        unsure = cv2.multiply(alpha, 1.0 - alpha, scale=4.0)
        tolerance = SURE + (UNSURE - SURE) * unsure
        calm = np.maximum(1.0 - cv2.divide(np.abs(change), tolerance), 0.0)
        self._steadied = alpha - cv2.multiply(change, calm, scale=KEEP)
        return self._steadied


def refine(alpha: NDArray[np.float32], frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bring an alpha of the network's size to the frame's size, fitted to the frame's own edges.

    A fast guided filter: near every pixel of the small alpha, alpha is described as gain × brightness + offset;
    gain and offset are brought to the frame's size, where they meet the frame's own brightness.

    alpha: (h, w) float32 in [0, 1], finite, any h and w. frame: (H, W, 3) uint8 BGR. Neither is written to.
    Returns (H, W) uint8, 255 is all person.
    """
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    guide = cv2.resize(grey, alpha.shape[::-1], interpolation=cv2.INTER_AREA) * np.float32(1 / 255)
    mean_guide, mean_alpha = _mean(guide), _mean(alpha)
    together = _mean(guide * alpha) - mean_guide * mean_alpha
    spread = _mean(guide * guide) - mean_guide * mean_guide
    gain = together / (spread + np.float32(GUIDE_NOISE))
    offset = mean_alpha - gain * mean_guide
    # From here on in steps of 1/255, and stretched so that the faint haze on either side of the edge goes.
    stretch = np.float32(1 / (1 - 2 * HAZE))
    size = (frame.shape[1], frame.shape[0])
    gain = cv2.resize(gain * stretch, size, interpolation=cv2.INTER_LINEAR)
    offset = cv2.resize((offset - HAZE) * (255 * stretch), size, interpolation=cv2.INTER_LINEAR)
    fitted = cv2.multiply(gain, grey, dst=gain, dtype=cv2.CV_32F)
    return cv2.add(fitted, offset, dtype=cv2.CV_8U)


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of each pixel and its eight neighbours: the network's own pixels are all the detail there is."""
    return cv2.blur(values, (3, 3))

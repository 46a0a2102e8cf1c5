"""How the pixels of an image lie in its array, modelled on pyvirtualcam's PixelFormat."""

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a command that talks to the running Backdrop must not load NumPy
    import numpy as np
    from numpy.typing import NDArray


class PixelFormat(Enum):
    """BGR: (H, W, 3) uint8. I420: (H · 3 / 2, W) uint8, H and W even; see i420.py."""

    BGR = "bgr"
    I420 = "i420"

    @staticmethod
    def of(pixels: "NDArray[np.uint8]") -> "PixelFormat":
        """Return the format of an array in one of the two. Only this function looks at the number of dimensions."""
        return PixelFormat.BGR if pixels.ndim == 3 else PixelFormat.I420

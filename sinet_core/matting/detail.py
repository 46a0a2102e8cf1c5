"""High detail: the network looks twice, the second time mirrored and at a larger input, and the mean of both is the alpha.

Each look alone is better somewhere: the larger one at hands and the outlines of people at desks, the usual one in close-ups,
because the network's receptive field is a fixed number of pixels. The mean is better on every validation set, and what only
one look takes for a person, furniture most often, loses half of its weight (weights/LOG.md, "Input size and high detail").
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

LARGER = 1.5  # times the usual input area, of the second look: both together take 2.5 times as long as one
CERTAIN = 1e-4  # an alpha nearer to 0 or 1 counts as this: otherwise one look could outweigh any other

Predict = Callable[[NDArray[np.uint8], float], NDArray[np.float32]]


def predict_in_detail(
    predict: Predict, frame: NDArray[np.uint8], input_scale: float = 1.0
) -> NDArray[np.float32]:
    """Return the mean of two looks at a frame, (H, W, 3) uint8 BGR: of their logits, since alphas near 0 and 1 hardly differ.

    predict: predict_lowres of a network. input_scale: factor of the usual input area for the first look.
    Returns alpha (h, w) float32 in [0, 1], at the resolution of the second look. Raises what predict raises.
    """
    first = predict(frame, input_scale)
    second = np.ascontiguousarray(
        predict(cv2.flip(frame, 1).astype(np.uint8, copy=False), LARGER * input_scale)[:, ::-1]
    )
    first = cv2.resize(first, second.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(
        np.float32, copy=False
    )
    first, second = (np.clip(alpha, CERTAIN, 1 - CERTAIN) for alpha in (first, second))
    # sigmoid((logit(a) + logit(b)) / 2), without logarithms
    person, room = np.sqrt(first * second), np.sqrt((1 - first) * (1 - second))
    return person / (person + room)

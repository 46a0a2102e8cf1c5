"""A checkpoint as a network that can be scored, run by torch: ours as it is validated, or the published one."""

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sinet_core.segmenter import input_size, to_input_size
from sinet_core.training.model.checkpoint import load_model, published_normalise
from sinet_core.training.model.model import normalise, person_logit
from sinet_core.training.model.plans import MULTIPLE

PUBLISHED_SIZE = (224, 224)


class TorchNetwork:
    """Frame in, alpha out, on one thread.

    Ours gets the frame at the size that suits its shape, as Segmenter does it; the published one gets it
    squashed to its 224 × 224; either can be asked to work at another size.
    """

    def __init__(self, path: Path, size: tuple[int, int] | None = None) -> None:
        """size: (height, width), multiples of 32. Raises ValueError that names the file when it cannot be used."""
        if size is not None and (size[0] % MULTIPLE or size[1] % MULTIPLE):
            raise ValueError(
                f"{path}: height and width must be multiples of {MULTIPLE}, not {size[0]}x{size[1]}"
            )
        torch.set_num_threads(1)
        self._model = load_model(path)
        if self._model.classes != 2:
            raise ValueError(
                f"{path}: has {self._model.classes} classes, and only person or not can be scored here"
            )
        published = path.suffix == ".pth"
        self._normalise = published_normalise if published else normalise
        # Halving by area first, as the Segmenter does it, changes the published figures by a thousandth or two.
        self._squashed = squashed if published else to_input_size
        self._size = size or (PUBLISHED_SIZE if published else None)

    @torch.inference_mode()
    def predict_lowres(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """frame (H, W, 3) uint8 BGR → alpha (h, w) float32 in [0, 1]."""
        height, width = self._size or input_size(*frame.shape[:2])
        small = torch.from_numpy(self._squashed(frame, height, width))
        alpha: NDArray[np.float32] = (
            person_logit(self._model(self._normalise(small[None])))[0].sigmoid().numpy()
        )
        return alpha


def squashed(frame: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 BGR, bilinear, as the published network's own evaluation does it."""
    return np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)

"""Two moments of a scene, and a loss on what an answer changes between them though the truth does not.

Between the moments the camera moves a little, or the person does, or nobody; the sensor's noise and the JPEG are others, and
the light is a little. Where every pixel came from is known, so the earlier answer can be carried to the later frame
(as W.-S. Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, carry it by optical flow) and compared there.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sinet_core.training.data import TrainingData
from sinet_core.training.scenes import Scene, stage_scene
from sinet_core.training.webcam import seen_by_webcam

WHO_MOVES = {"nobody": 0.4, "person": 0.3, "camera": 0.3}
SHIFT, TURN, ZOOM = 0.012, 1.0, 0.01  # deviations: of the frame's width; degrees; of 1
LIGHT = 0.02  # deviation of the logarithm of the brightness
SAME = 0.1  # the truth has not changed where its alphas differ by less


@dataclass(frozen=True)
class Moments:
    """A scene now and later.

    came_from: (H, W, 2) float32, x and y in pixels: so far away a pixel of the later frame was in the earlier one.
    """

    now: Scene
    later: Scene
    came_from: NDArray[np.float32]


def make_moments(data: TrainingData, rng: np.random.Generator, height: int, width: int) -> Moments:
    """Two moments of one random scene of the given size; the same generator state gives the same moments."""
    scene = stage_scene(data, rng, height, width)
    came_from = movement(scene.alpha, str(rng.choice(list(WHO_MOVES), p=list(WHO_MOVES.values()))), rng)
    camera = int(rng.integers(2**32))
    now = seen_by_webcam(scene.frame, scene.alpha, np.random.default_rng(camera))
    frame, alpha = (carried(picture, came_from) for picture in (scene.frame, scene.alpha))
    frame = cv2.convertScaleAbs(frame, alpha=float(np.exp(rng.normal(0, LIGHT)))).astype(np.uint8, copy=False)
    later = seen_by_webcam(frame, alpha, np.random.default_rng(camera), noise=rng)
    return Moments(Scene(*now, scene.kind, scene.photo), Scene(*later, scene.kind, scene.photo), came_from)


def movement(alpha: NDArray[np.uint8], who: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """Where each pixel came from, (H, W, 2) float32, in pixels: a little shift, turn and zoom about the frame's middle.

    Of the person alone it fades out in the room beside the person, which is drawn along as cloth would be.
    """
    height, width = alpha.shape
    if who == "nobody":
        return np.zeros((height, width, 2), np.float32)
    middle = width / 2, height / 2
    turn = cv2.getRotationMatrix2D(middle, rng.normal(0, TURN), float(np.exp(rng.normal(0, ZOOM))))
    turn[:, 2] += rng.normal(0, SHIFT * width, 2)
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    here = np.stack([x, y, np.ones_like(x)], axis=-1)
    away = (here @ turn.T - here[..., :2]).astype(np.float32)
    if who == "camera":
        return away
    reach = max(3, round(0.08 * width)) | 1
    near = cv2.dilate(alpha, np.ones((reach, reach), np.uint8))
    share = cv2.GaussianBlur(near, (0, 0), reach / 3).astype(np.float32) / 255
    return away * share[..., None]


def carried(picture: NDArray[np.uint8], came_from: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A picture after the movement; what comes in over the border repeats the border."""
    if not came_from.any():
        return picture
    height, width = came_from.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return cv2.remap(
        picture,
        x + came_from[..., 0],
        y + came_from[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.uint8, copy=False)


def inconsistency(
    now: Tensor, later: Tensor, came_from: Tensor, alpha_now: Tensor, alpha_later: Tensor
) -> Tensor:
    """Mean absolute difference of two answers, the earlier carried to the later frame, where the truth is in both and the same.

    now, later: (N, H, W) answers in [0, 1]; came_from: (N, H, W, 2) in pixels; alpha_now, alpha_later: (N, H, W) in [0, 1].
    Returns (N,).
    """
    height, width = now.shape[1:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    here = torch.stack([x, y], dim=-1).to(came_from)
    size = torch.tensor([width, height]).to(came_from)
    there = (2 * (here + came_from) + 1) / size - 1  # as grid_sample has it: -1 and 1 are the frame's borders
    both = F.grid_sample(torch.stack([now, alpha_now], dim=1), there, align_corners=False)
    same = (there.abs().amax(dim=-1) <= 1) & ((both[:, 1] - alpha_later).abs() < SAME)
    change = (both[:, 0] - later).abs() * same
    return change.sum(dim=(1, 2)) / same.sum(dim=(1, 2)).clamp(min=1)

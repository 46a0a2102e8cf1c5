"""Hands raised to the camera, cut out of webcam frames, to be held up in front of others: nothing looks larger to a webcam."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.training.scenes.data import Pair, TrainingData, trimmed
from sinet_core.training.scenes.placing import composite_over, warp

LOOKED_AT = 96  # rows of the reduced alpha in which to look for a hand
LEAST, MOST = 0.02, 0.3  # of the photo: anything smaller is a finger, anything larger a body
SKIN = (
    0.85  # of a hand and a bare forearm has the colour of skin; because of their hair, most heads have less
)
EVEN = 0.55  # the darkest tenth of a hand relative to its mean brightness; eyes and hair are darker


def raised_hand(pair: Pair) -> Pair | None:
    """Cut out a hand that is held up beside the head, down to where the arm joins the body. Returns None if there is none.

    Above some row, head and hand are separate parts; the hand is the one that is all skin.
    """
    width = max(16, round(pair.alpha.shape[1] * LOOKED_AT / pair.alpha.shape[0]))
    person = cv2.resize(pair.alpha, (width, LOOKED_AT), interpolation=cv2.INTER_AREA) > 127
    colours = cv2.resize(pair.frame, (width, LOOKED_AT), interpolation=cv2.INTER_AREA)
    light, red, blue = cv2.split(cv2.cvtColor(colours, cv2.COLOR_BGR2YCrCb))
    skin = (red > 136) & (blue < 126)
    found: tuple[int, int, NDArray[np.bool_]] | None = None
    for row in range(LOOKED_AT // 3, LOOKED_AT, 4):
        count, labels, stats, _ = cv2.connectedComponentsWithStats(person[:row].astype(np.uint8))
        for number in range(1, count) if count > 2 else ():
            part, area = labels == number, int(stats[number, cv2.CC_STAT_AREA])
            long = stats[number, cv2.CC_STAT_HEIGHT] > 0.8 * stats[number, cv2.CC_STAT_WIDTH]
            fits = LEAST < area / person.size < MOST and long and part[-1].any()
            if not fits or (found is not None and area <= found[1]) or skin[:row][part].mean() < SKIN:
                continue
            if np.percentile(light[:row][part], 10) > EVEN * light[:row][part].mean():
                found = row, area, part
    if found is None:
        return None
    row, _, part = found
    height, width = pair.alpha.shape
    cut = round(row * height / LOOKED_AT)
    mask = cv2.dilate(part.astype(np.uint8), np.ones((3, 3), np.uint8))
    kept = np.zeros_like(pair.alpha)
    kept[:cut] = pair.alpha[:cut] * cv2.resize(mask, (width, cut), interpolation=cv2.INTER_NEAREST)
    return trimmed(replace(pair, alpha=kept))


def hands_of(data: TrainingData) -> list[Pair]:
    """The hands in the webcam frames of the data, found when first needed."""
    if not data.hands:
        data.hands.extend(hand for pair in data.people.get("webcams", []) if (hand := raised_hand(pair)))
    return data.hands


def hold_up(
    frame: NDArray[np.uint8], alpha: NDArray[np.uint8], hand: Pair, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Hold up a hand from the lower edge of the frame, in front of the people. Returns the new frame and alpha."""
    height, width = alpha.shape
    tall, wide = hand.alpha.shape
    scale = rng.uniform(0.3, 0.95) * height / tall
    flip = rng.choice([-1.0, 1.0])
    foot = rng.uniform(0.05, 0.95) * width, height * rng.uniform(1.0, 1.12)
    turn = cv2.getRotationMatrix2D((0, 0), rng.normal(0, 14), 1)[:, :2] * scale
    turn = turn @ np.diag([flip, 1.0])
    transform = np.column_stack([turn, np.array(foot) - turn @ (wide / 2, tall)])
    placed, coverage = warp(hand, transform, height, width, cv2.BORDER_REPLICATE)
    composed, coverage = composite_over(placed, coverage, frame, rng)
    everybody = 255 - (255 - coverage.astype(np.uint16)) * (255 - alpha.astype(np.uint16)) // 255
    return composed, everybody.astype(np.uint8)

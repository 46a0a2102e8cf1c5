"""A picture that shows what a network answers, and where it is wrong, for several photos."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import metrics

TILE = (150, 200)  # height, width
CAPTION = 22  # pixels of height
COLUMNS = 2
PAPER = (24, 24, 24)
INK = (230, 230, 230)
MISSED = (60, 60, 235)  # a person that the network misses: red
INVENTED = (235, 140, 40)  # a person that is not there: blue

Entry = tuple[str, Sequence[NDArray[np.uint8]]]
"""A caption and the pictures under it, (H, W, 3) uint8 BGR each; every entry of a sheet has as many."""


def write_contact_sheet(path: Path, entries: Sequence[Entry], columns: int = COLUMNS) -> None:
    """Draw the entries into a picture file, `columns` of them in a row, each with its caption.

    Raises OSError if the file cannot be written.
    """
    if not cv2.imwrite(str(path), contact_sheet(entries, columns=columns)):
        raise OSError(f"{path}: cannot be written")


def contact_sheet(
    entries: Sequence[Entry], *, tile: tuple[int, int] = TILE, columns: int = COLUMNS
) -> NDArray[np.uint8]:
    """Draw the entries. Returns (H, W, 3) uint8 BGR, as wide as a full row. Raises ValueError if there are none.

    tile: (height, width) of each picture. columns: entries in a row.
    """
    if not entries:
        raise ValueError("a contact sheet needs at least one photo")
    blocks = [_block(caption, pictures, tile) for caption, pictures in entries]
    blocks += [np.full_like(blocks[0], PAPER)] * (-len(blocks) % columns)
    rows = [np.hstack(blocks[start : start + columns]) for start in range(0, len(blocks), columns)]
    return np.vstack(rows)


def overlay(
    frame: NDArray[np.uint8], truth: NDArray[np.uint8], alpha: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Draw the network's mistakes on the frame: missed person in red, invented person in blue.

    Returns a new (H, W, 3) uint8 BGR array.
    """
    said, true = metrics.person(alpha), metrics.person(truth)
    painted = frame.copy()
    for wrong, colour in ((true & ~said, MISSED), (said & ~true, INVENTED)):
        painted[wrong] = (0.35 * frame[wrong] + 0.65 * np.array(colour)).astype(np.uint8)
    return painted


def mistakes(
    frame: NDArray[np.uint8], truth: NDArray[np.uint8], alpha: NDArray[np.float32]
) -> list[NDArray[np.uint8]]:
    """The pictures of one photo: frame, truth, alpha, overlay; (H, W, 3) uint8 BGR each.

    frame: (H, W, 3) uint8 BGR. truth: (H, W) uint8. alpha: (H, W) float32 in [0, 1].
    """
    grey = (np.clip(alpha, 0, 1) * 255).astype(np.uint8)
    return [frame, _as_colour(truth), _as_colour(grey), overlay(frame, truth, alpha)]


def _block(caption: str, pictures: Sequence[NDArray[np.uint8]], tile: tuple[int, int]) -> NDArray[np.uint8]:
    tiles = np.hstack([_fit(picture, tile) for picture in pictures])
    strip = np.full((CAPTION, tiles.shape[1], 3), PAPER, np.uint8)
    cv2.putText(strip, caption, (6, CAPTION - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)
    return np.vstack([strip, tiles])


def _as_colour(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(grey[:, :, None], 3, axis=2)


def _fit(picture: NDArray[np.uint8], tile: tuple[int, int]) -> NDArray[np.uint8]:
    """Fit a whole picture into one tile, centred."""
    height, width = picture.shape[:2]
    scale = min(tile[0] / height, tile[1] / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    fitted = np.full((*tile, 3), PAPER, np.uint8)
    top, left = (tile[0] - small.shape[0]) // 2, (tile[1] - small.shape[1]) // 2
    fitted[top : top + small.shape[0], left : left + small.shape[1]] = small
    return fitted

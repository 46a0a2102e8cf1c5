"""Webcam scenes made from photos with alphas: the data that SINet learns from. The paper does this, too, in a simpler way.

There are three kinds: a photo cropped as a webcam would frame it (real edges, real light), people cut out and placed in a
room (any pose in any room), and a room with nobody in it. A simulated camera then films the scene: see webcam.py. On request,
a scene is a photo "as-taken", unchanged except for the light, and even that in half of them only.

    python -m sinet_core.training scenes --data FOLDER --sheet scenes.png                       a contact sheet to look at
    python -m sinet_core.training scenes --data FOLDER --sheet webcams.png --only webcams,rooms    of one source
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.training.scenes.arms import add_raised_arm, add_resting_arms
from sinet_core.training.scenes.data import ROOMS, SOURCES, Pair, TrainingData, read_training_data
from sinet_core.training.scenes.furniture import add_clutter, add_desk
from sinet_core.training.scenes.hands import hands_of, hold_up
from sinet_core.training.scenes.inpaint import inpaint_background
from sinet_core.training.scenes.placing import (
    LIKE_CLOTHES,
    clothes_colour,
    composite_over,
    insert_person,
    placement_of,
    warp,
)
from sinet_core.training.scenes.props import add_hat, add_headphones, add_held_object, extend_shoulders
from sinet_core.training.scenes.webcam import change_exposure, simulate_webcam

T = TypeVar("T")
KINDS = {"photo": 0.5, "cut-outs": 0.4, "nobody": 0.1, "as-taken": 0.0}
KINDS_TALL = {
    "photo": 0.74,
    "cut-outs": 0.20,
    "nobody": 0.06,
    "as-taken": 0.0,
}  # most photos are of this shape
PEOPLE = {1: 0.8, 2: 0.15, 3: 0.05}
BARE, BARE_ALONE = 0.04, 0.3  # of the rooms with people in them, and of those with nobody
CLUTTERED = 0.35  # of the rooms
HOLDING_UP = 0.13  # of the people have a hand held up in front of them, as large as a camera sees it
RESTING = 0.15  # of the people placed in rooms rest their arms on the desk
TILTED = 0.3  # of the photos, by some degrees
ELSEWHERE = 0.3  # of the photos get the background of another
AS_TAKEN = 0.5  # of the photos: a camera has already filmed them, so only light and colour change


@dataclass(frozen=True)
class Scene:
    """frame: (H, W, 3) uint8 BGR. alpha: (H, W) uint8, 255 is all person. kind: a key of KINDS.

    photo: source and name, if the scene is a whole photo.
    """

    frame: NDArray[np.uint8]
    alpha: NDArray[np.uint8]
    kind: str
    photo: tuple[str, str] | None = None


def make_scene(
    data: TrainingData,
    rng: np.random.Generator,
    height: int,
    width: int,
    kind: str | None = None,
) -> Scene:
    """Make a random scene of the given size, as a camera sees it. The same generator state makes the same scene."""
    scene = stage_scene(data, rng, height, width, kind)
    if scene.kind == "as-taken":
        return scene if rng.random() < 0.5 else replace(scene, frame=change_exposure(scene.frame, rng))
    if scene.kind == "photo" and rng.random() < AS_TAKEN:
        return replace(scene, frame=change_exposure(scene.frame, rng))
    frame, alpha = simulate_webcam(scene.frame, scene.alpha, rng)
    return replace(scene, frame=frame, alpha=alpha)


def stage_scene(
    data: TrainingData, rng: np.random.Generator, height: int, width: int, kind: str | None = None
) -> Scene:
    """Make a scene as it is before the camera films it."""
    kind = kind or pick(KINDS if width > height else KINDS_TALL, rng)
    if kind == "photo":
        return photo_scene(data, rng, height, width)
    if kind == "as-taken":
        pair = photo_like(data, rng, width / height)
        return Scene(*cropped_photo(pair, rng, height, width), kind, (pair.source, pair.name))
    frame = room(data, rng, height, width, BARE_ALONE if kind == "nobody" else BARE)
    alpha = np.zeros((height, width), np.uint8)
    if rng.random() < CLUTTERED:
        frame = add_clutter(frame, room(data, rng, height, width), rng)
    for _ in range(pick(PEOPLE, rng) if kind == "cut-outs" else 0):
        frame, alpha = insert_person(frame, alpha, fitting_cut_out(data, rng, width / height), rng)
    if rng.random() < 0.13:
        frame, alpha = add_desk(frame, alpha, room(data, rng, height, width), rng)
    if kind == "cut-outs" and rng.random() < RESTING:
        frame, alpha = add_resting_arms(frame, alpha, rng)
    if kind == "cut-outs":
        frame, alpha = perhaps_a_hand(data, frame, alpha, rng)
    return Scene(frame, alpha, kind)


def perhaps_a_hand(
    data: TrainingData, frame: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Hold up a hand in front of the people in some frames."""
    hands = hands_of(data)
    if hands and rng.random() < HOLDING_UP:
        return hold_up(frame, alpha, hands[int(rng.integers(len(hands)))], rng)
    return frame, alpha


def photo_scene(data: TrainingData, rng: np.random.Generator, height: int, width: int) -> Scene:
    """A photo, sometimes with a hat, an arm, another background, and clutter behind or an object in front of the person."""
    pair = photo_like(data, rng, width / height)
    if rng.random() < 0.04:
        pair = add_hat(pair, rng)
    if rng.random() < 0.08:
        pair = add_raised_arm(pair, rng)
    frame, alpha = cropped_photo(pair, rng, height, width)
    if rng.random() < ELSEWHERE:
        other = cropped_photo(photo_like(data, rng, width / height), rng, height, width)
        frame, alpha = composite_over(frame, alpha, inpaint_background(*other), rng)
    if rng.random() < 0.5 * CLUTTERED:
        clothes = clothes_colour(frame, alpha) if rng.random() < LIKE_CLOTHES else None
        cluttered = add_clutter(frame, room(data, rng, height, width), rng, clothes)
        person = alpha.astype(np.float32) / 255
        frame = cv2.blendLinear(frame, cluttered, person, 1 - person).astype(np.uint8, copy=False)
    if rng.random() < 0.05:
        frame, alpha = add_desk(frame, alpha, room(data, rng, height, width), rng)
    if width > height and rng.random() < 0.3 * RESTING:
        frame, alpha = add_resting_arms(frame, alpha, rng)
    frame, alpha = perhaps_a_hand(data, frame, alpha, rng)
    return Scene(frame, alpha, "photo", (pair.source, pair.name))


def pick(odds: dict[T, float], rng: np.random.Generator) -> T:
    choices = list(odds)
    weights = np.array([odds[choice] for choice in choices])
    return choices[int(rng.choice(len(choices), p=weights / weights.sum()))]


def pick_pair(data: TrainingData, odds: dict[str, float], rng: np.random.Generator) -> Pair:
    """Pick a source by these odds, then one of its photos, by the odds in the data if there are any.

    Raises ValueError where every source that was read has odds of 0.
    """
    if not any(odds[source] for source in data.people):
        names = ", ".join(data.people)
        raise ValueError(
            f"no scene of this kind is made from {names}: read other folders, too, or ask for another kind"
        )
    source = pick({source: odds[source] for source in data.people}, rng)
    pairs, own = data.people[source], data.odds.get(source)
    return pairs[int(rng.integers(len(pairs)) if own is None else rng.choice(len(pairs), p=own))]


def pick_photo(data: TrainingData, rng: np.random.Generator, *, upright: bool) -> Pair:
    """Pick a photo to be shown whole."""
    odds = {name: source.photo * (source.upright if upright else 1.0) for name, source in SOURCES.items()}
    return pick_pair(data, odds, rng)


def cropped_photo(
    pair: Pair, rng: np.random.Generator, height: int, width: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Crop a photo around a part of the person, usually as large as possible."""
    stretch = SOURCES[pair.source].stretch
    aspect = width / height * np.exp(rng.uniform(-1, 1) * np.log(stretch))
    photo_height, photo_width = pair.alpha.shape
    window_height = min(photo_height, photo_width / aspect) * (
        rng.uniform(0.6, 1.0) if rng.random() < 0.3 else 1.0
    )
    window_width = window_height * aspect
    centre_x, centre_y = random_person_point(pair.alpha, rng)
    left = np.clip(centre_x - window_width * rng.uniform(0.3, 0.7), 0, photo_width - window_width)
    if rng.random() < 0.7:  # a webcam rarely cuts the head off
        crown = float(np.argmax((pair.alpha > 127).any(axis=1)))
        top = crown - window_height * rng.uniform(0, 0.35)
    else:
        top = centre_y - window_height * rng.uniform(0.2, 0.8)
    top = np.clip(top, 0, photo_height - window_height)
    scale_x, scale_y = width / window_width, height / window_height
    transform = np.array([[scale_x, 0, -left * scale_x], [0, scale_y, -top * scale_y]])
    if rng.random() < TILTED:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.normal(0, 6), 1)
        transform = turn @ np.vstack([transform, [0, 0, 1]])
    return warp(pair, mirrored(transform, width, rng), height, width, cv2.BORDER_REFLECT)


def photo_like(data: TrainingData, rng: np.random.Generator, aspect: float) -> Pair:
    """Pick a photo in which a crop of this aspect ratio shows most of the person. A wide crop of a portrait shows a forehead.

    Photos of a similar aspect ratio are preferred. After a few tries, any photo will do.
    """
    for _ in range(6):
        pair = pick_photo(data, rng, upright=aspect < 1)
        tall, wide = pair.alpha.shape
        rows = np.count_nonzero((pair.alpha > 127).any(axis=1))
        mismatch = wide / tall / aspect
        if min(tall, wide / aspect) > 0.65 * rows and rng.random() < min(mismatch, 1 / mismatch):
            break
    return pair


def random_person_point(alpha: NDArray[np.uint8], rng: np.random.Generator) -> tuple[float, float]:
    rows, columns = np.nonzero(alpha[::4, ::4] > 127)
    if not len(rows):
        return alpha.shape[1] / 2, alpha.shape[0] / 2
    chosen = int(rng.integers(len(rows)))
    return float(columns[chosen]) * 4, float(rows[chosen]) * 4


def mirrored(transform: NDArray[np.float64], width: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Mirror the (2, 3) affine transform, in half of the calls."""
    if rng.random() < 0.5:
        return transform
    return np.array([[-1, 0, width - 1], [0, 1, 0]]) @ np.vstack([transform, [0, 0, 1]])


def room(
    data: TrainingData, rng: np.random.Generator, height: int, width: int, bare: float = BARE
) -> NDArray[np.uint8]:
    """A random crop of a room, of varying brightness and sometimes out of focus. bare: how often it is a bare surface instead."""
    if rng.random() < bare:  # a lens cap, a coloured screen or a wall: one shade fades into another
        left_shade, right_shade = rng.choice([0.0, 128.0, 255.0], 3), rng.choice([0.0, 128.0, 255.0], 3)
        across = np.linspace(0, rng.choice([0.0, 0.3, 1.0]), width)[None, :, None]
        return np.tile(left_shade + (right_shade - left_shade) * across, (height, 1, 1)).astype(np.uint8)
    rooms = data.rooms[pick({source: ROOMS[source] for source in data.rooms}, rng)]
    whole = rooms[int(rng.integers(len(rooms)))]
    aspect = width / height * rng.uniform(0.8, 1.25)
    window_height = min(whole.shape[0], whole.shape[1] / aspect) * rng.uniform(0.5, 1.0)
    window_width = window_height * aspect
    left = rng.uniform(0, whole.shape[1] - window_width)
    top = rng.uniform(0, whole.shape[0] - window_height)
    scale_x, scale_y = width / window_width, height / window_height
    transform = np.array([[scale_x, 0, -left * scale_x], [0, scale_y, -top * scale_y]])
    transform = mirrored(transform, width, rng)
    frame = cv2.warpAffine(
        whole, transform, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    if rng.random() < 0.3:
        frame = cv2.GaussianBlur(frame, (0, 0), rng.uniform(0.5, 3.0))
    gamma = np.exp(rng.normal(0, 0.3))
    curve = (255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return cv2.LUT(frame, curve)


def cut_out(data: TrainingData, rng: np.random.Generator) -> Pair:
    """A person to place in a room, now and then with a hat, headphones or something in the hand."""
    pair = pick_pair(data, {name: source.cut_out for name, source in SOURCES.items()}, rng)
    if rng.random() < 0.8:
        pair = extend_shoulders(pair, rng)
    if rng.random() < 0.06:
        pair = add_hat(pair, rng)
    if rng.random() < 0.08:
        pair = add_headphones(pair, rng)
    if rng.random() < 0.3:
        pair = add_raised_arm(pair, rng)
    elif rng.random() < 0.15:
        pair = add_held_object(pair, rng)
    return pair


def fitting_cut_out(data: TrainingData, rng: np.random.Generator, aspect: float) -> Pair:
    """A person who fits into a frame of this aspect ratio without becoming a giant."""
    pair = cut_out(data, rng)
    for _ in range(3):
        place = placement_of(pair.alpha)
        if place is not None and not place.must_fill(aspect):
            break
        pair = cut_out(data, rng)
    return pair


def contact_sheet(scenes: list[Scene], columns: int) -> NDArray[np.uint8]:
    """Show scenes side by side, with the outline of each alpha in green. Returns (H, W, 3) uint8 BGR."""
    tiles = []
    for scene in scenes:
        tile = scene.frame.copy()
        outlines, _ = cv2.findContours(
            (scene.alpha > 127).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
        )
        cv2.drawContours(tile, outlines, -1, (0, 255, 0), 1)
        tiles.append(tile)
    rows = [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    return np.vstack([row for row in rows if row.shape == rows[0].shape])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training scenes", description="Make webcam scenes to look at."
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="the folder that holds the folders of photos and rooms"
    )
    parser.add_argument("--sheet", type=Path, required=True, help="the picture to write")
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--size", default="160x288", help="height x width of a scene")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=list(KINDS), help="only scenes of this kind")
    parser.add_argument(
        "--only",
        type=lambda text: set(text.split(",")),
        help="only these folders of the data, separated by commas; at least one of people and one of rooms",
    )
    options = parser.parse_args(arguments)
    height, width = map(int, options.size.split("x"))
    data = read_training_data(options.data, only=options.only)
    generators = [np.random.default_rng((options.seed, index)) for index in range(options.count)]
    try:
        scenes = [make_scene(data, rng, height, width, options.kind) for rng in generators]
    except ValueError as error:
        raise SystemExit(str(error)) from error
    cv2.imwrite(str(options.sheet), contact_sheet(scenes, options.columns))
    print(f"{len(scenes)} scenes in {options.sheet}")

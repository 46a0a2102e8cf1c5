"""A contact sheet that compares networks: their raw alphas, the final ones, and enlarged edges.

    python -m sinet_core.training evaluate compare weights/sinet.onnx Meet=meet.onnx --photos folder/desk-val --to sheet.png
    python -m sinet_core.training evaluate compare weights/sinet.onnx Meet=meet.onnx --clip hungry.mkv --at 12,40 --to sheet.png

There is a row for each network and frame. The first network is ours: with tracked regions, temporal filter and guided upsampling,
as in the application. Peers get what their users get, bilinear enlarging. Clips run up to the frame, and photos for two seconds,
so that the temporal filter has a history. The enlarged edge is the same in every row of a frame: where the outlines of all
networks together have the most detail.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import VideoMatter, metrics
from sinet_core.matting.resize import halved
from sinet_core.training.evaluate.clips import CLIP_SUFFIXES, read_frames
from sinet_core.training.evaluate.contact_sheet import Entry, contact_sheet
from sinet_core.training.evaluate.networks import NetworkError, ScoredNetwork, load_scored_network

WIDTH = 264  # pixels of a picture on the sheet
LIGHT, DARK = (228, 234, 236), (44, 38, 34)  # BGR
ZOOM = 3.5  # times
LOOKS = 8  # frames of a photo, in the two seconds that ours gets to track and to settle
PHOTO_SUFFIXES = (".webp", ".jpg", ".jpeg", ".png")
COLUMNS = "frame, its alpha as the network answers, the alpha that is used, on a light and on a dark backdrop, and enlarged"


@dataclass(frozen=True)
class Entrant:
    """A network. as_ours: with tracked regions, temporal filter and guided upsampling."""

    name: str
    network: ScoredNetwork
    as_ours: bool


@dataclass(frozen=True)
class Answer:
    """raw: (h, w) float32 in [0, 1], the network's own; as ours, inside the whole frame. alpha: (H, W), the final one."""

    raw: NDArray[np.float32]
    alpha: NDArray[np.float32]


@dataclass(frozen=True)
class ComparedFrame:
    """A frame, (H, W, 3) uint8 BGR, with each entrant's answer. truth: (H, W) uint8, where it is known."""

    name: str
    frame: NDArray[np.uint8]
    answers: Mapping[str, Answer]
    truth: NDArray[np.uint8] | None = None


def answers(
    entrant: Entrant, frames: Iterable[NDArray[np.uint8]], at: Iterable[int], fps: float = 30.0
) -> dict[int, Answer]:
    """Run a network on consecutive frames (H, W, 3) uint8 BGR. Returns the answers to the frames numbered `at`."""
    find = _AsOurs(entrant.network) if entrant.as_ours else _as_it_is(entrant.network)
    wanted, kept = set(at), dict[int, Answer]()
    for index, frame in enumerate(frames):
        answer = find(frame, index / fps)
        if index in wanted:
            kept[index] = answer
    return kept


def _as_it_is(network: ScoredNetwork) -> Callable[[NDArray[np.uint8], float], Answer]:
    def find(frame: NDArray[np.uint8], captured_at: float) -> Answer:
        raw = network.predict_lowres(frame)
        return Answer(raw, network.fitted(raw, frame))

    return find


class _AsOurs:
    """A network as the application uses it."""

    def __init__(self, network: ScoredNetwork) -> None:
        self._network = _Recorder(network.refined())
        self._matter = VideoMatter(self._network)

    def __call__(self, frame: NDArray[np.uint8], captured_at: float) -> Answer:
        half = halved(frame)
        result = self._matter.segment(frame, captured_at, half=half)
        fine = self._matter.upsample(result, frame, half=half)
        raw, size = (
            np.round(self._network.last * 255).astype(np.uint8),
            (result.region.width, result.region.height),
        )
        seen = cv2.resize(raw, size, interpolation=cv2.INTER_NEAREST)
        return Answer(metrics.unit(result.region.uncropped(seen)), metrics.unit(fine))


class _Recorder:
    """A network that keeps its last raw alpha."""

    def __init__(self, network: ScoredNetwork) -> None:
        self._network = network
        self.last: NDArray[np.float32] = np.zeros((1, 1), np.float32)

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        self.last = self._network.predict_lowres(frame, input_scale)
        return self.last


def compare_photo(path: Path, entrants: Sequence[Entrant]) -> ComparedFrame:
    """One photo, with the truth of NAME.png beside it, if it is there. Raises ValueError."""
    frame = _read_photo(path, cv2.IMREAD_COLOR)
    beside = path.with_suffix(".png")
    truth = _read_photo(beside, cv2.IMREAD_GRAYSCALE) if beside != path and beside.is_file() else None
    if truth is not None and truth.shape != frame.shape[:2]:
        truth = None
    return ComparedFrame(path.stem, frame, still_answers(frame, entrants), truth)


def still_answers(frame: NDArray[np.uint8], entrants: Sequence[Entrant]) -> dict[str, Answer]:
    """Each network's answer to a frame (H, W, 3) uint8 BGR that is shown for two seconds."""
    frames, last = [frame] * LOOKS, LOOKS - 1
    return {each.name: answers(each, frames, [last], LOOKS / 2)[last] for each in entrants}


def _read_photo(path: Path, how: int) -> NDArray[np.uint8]:
    pixels = cv2.imread(str(path), how)
    if pixels is None:
        raise ValueError(f"{path} is not a readable picture")
    return np.asarray(pixels, np.uint8)


def compare_clip(path: Path, at: Sequence[int], entrants: Sequence[Entrant]) -> list[ComparedFrame]:
    """Frames of a clip, by their numbers from 0. Raises ValueError where there is none."""
    frames, fps = read_frames(path, max(at) + 1)
    if len(frames) <= max(at):
        raise ValueError(f"{path} has no frame {max(at)}: {len(frames)} could be read")
    every = {each.name: answers(each, frames, at, fps) for each in entrants}
    return [
        ComparedFrame(
            f"{path.stem} {index}", frames[index], {name: found[index] for name, found in every.items()}
        )
        for index in at
    ]


def sheet(scenes: Iterable[ComparedFrame]) -> NDArray[np.uint8]:
    """All scenes, a row for each entrant: (H, W, 3) uint8 BGR."""
    drawn = list(scenes)
    tallest = max((scene.frame.shape[0] / scene.frame.shape[1] for scene in drawn), default=1.0)
    entries = [entry for scene in drawn for entry in rows(scene)]
    return contact_sheet(entries, tile=(round(WIDTH * tallest), WIDTH), columns=1)


def rows(scene: ComparedFrame) -> Iterator[Entry]:
    """The rows of one scene: a caption and eight pictures each, see COLUMNS."""
    frame = scene.frame
    height, width = frame.shape[:2]
    light, dark = np.full_like(frame, LIGHT), np.full_like(frame, DARK)
    detail = finest_edge(frame, [answer.alpha for answer in scene.answers.values()])
    for name, answer in scene.answers.items():
        over = [composited(frame, answer.alpha, backdrop) for backdrop in (light, dark)]
        raw = cv2.resize(_grey(answer.raw), (width, height), interpolation=cv2.INTER_NEAREST)
        pictures = [frame, raw, _grey(answer.alpha), *over, *(picture[detail] for picture in (frame, *over))]
        known = "" if scene.truth is None else f", IoU {metrics.iou(answer.alpha, scene.truth):.3f}"
        yield f"{scene.name}: {name}{known}", pictures


def composited(
    frame: NDArray[np.uint8], alpha: NDArray[np.float32], backdrop: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Composite a frame over a backdrop, both (H, W, 3) uint8 BGR, by its alpha (H, W) in [0, 1]."""
    weight = alpha[..., None]
    return np.round(frame * weight + backdrop * (1 - weight)).astype(np.uint8)


def finest_edge(frame: NDArray[np.uint8], alphas: Sequence[NDArray[np.float32]]) -> tuple[slice, slice]:
    """Rows and columns of the part, a ZOOM-th of the frame each way, where the outlines pass the most detail."""
    height, width = frame.shape[:2]
    across, down = max(2, round(width / ZOOM)), max(2, round(height / ZOOM))
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    fine = cv2.blur(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), (9, 9))
    outline = sum(cv2.morphologyEx(alpha, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) for alpha in alphas)
    # A sum over the part, for each place of its corner.
    score = cv2.boxFilter(
        fine * outline,
        cv2.CV_32F,
        (across, down),
        anchor=(0, 0),
        normalize=False,
        borderType=cv2.BORDER_ISOLATED,
    )[: height - down + 1, : width - across + 1]
    top, left = np.unravel_index(int(score.argmax()), score.shape)
    return slice(int(top), int(top) + down), slice(int(left), int(left) + across)


def _grey(alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    return cv2.cvtColor((np.clip(alpha, 0, 1) * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)


def entrants(files: Sequence[str]) -> list[Entrant]:
    """The networks of the command line, [NAME=]FILE each, the first of them ours. Raises NetworkError."""
    found: list[Entrant] = []
    for place, text in enumerate(files):
        name, _, file = text.rpartition("=")
        found.append(Entrant(name or Path(file).stem, load_scored_network(Path(file)), place == 0))
    return found


def _photos(paths: Sequence[Path]) -> list[Path]:
    """The photos that were named, and those of folders; a .png beside a photo is its alpha."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.iterdir() if each.suffix.lower() in PHOTO_SUFFIXES)
            photos = {each.stem for each in inside if each.suffix.lower() != ".png"}
            found += [each for each in inside if each.suffix.lower() != ".png" or each.stem not in photos]
        else:
            found.append(path)
    return found


def _numbers(text: str) -> list[int]:
    numbers = [int(each) for each in text.split(",") if each.strip().isdecimal()]
    if not numbers or len(numbers) != len(text.split(",")):
        raise argparse.ArgumentTypeError(f"{text} is no list of frames such as 12,40")
    return numbers


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training evaluate compare",
        description=f"Draw networks beside one another: {COLUMNS}.",
    )
    parser.add_argument("networks", nargs="+", metavar="[NAME=]NETWORK", help="Ours first, then peers.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--photos", type=Path, nargs="+", metavar="PHOTO", help="Photos, or folders of them.")
    what.add_argument("--clip", type=Path, help=f"A clip: {', '.join(CLIP_SUFFIXES)}.")
    parser.add_argument(
        "--at", type=_numbers, default=[15], metavar="N,N", help="Frames of the clip, from 0."
    )
    parser.add_argument("--to", type=Path, required=True, help="The picture to write.")
    options = parser.parse_args(argv)
    try:
        rivals = entrants(options.networks)
        if options.clip is not None:
            scenes = compare_clip(options.clip, options.at, rivals)
        else:
            scenes = [compare_photo(path, rivals) for path in _photos(options.photos)]
        if not cv2.imwrite(str(options.to), sheet(scenes)):
            raise ValueError(f"{options.to} cannot be written")
    except (NetworkError, ValueError, OSError, cv2.error) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.to}: {COLUMNS}")
    return 0

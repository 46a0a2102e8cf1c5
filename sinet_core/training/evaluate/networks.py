"""All networks behind the same call, from a frame to an alpha at its size: ours, a checkpoint, or a peer's ONNX file.

Ours runs in a Segmenter, which chooses the input size. A peer gets its input as its authors intend: the whole frame, squashed to
its input size by bilinear interpolation; its alpha is enlarged in the same way. A peer is recognised by the names of its input
and output. To add one, add a line to PEERS.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from sinet_core import Segmenter, SegmenterError, metrics
from sinet_core.matting.detail import predict_in_detail
from sinet_core.matting.guided_upsampling import guided_upsample
from sinet_core.matting.resize import half_size
from sinet_core.segmenter import create_session


class LowresPredictor(Protocol):
    """A network like Segmenter. frame: (H, W, 3) uint8 BGR. Alpha: float32 in [0, 1]."""

    def predict_lowres(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Alpha (h, w) at the network's own size, or at half of it."""


class ScoredNetwork:
    """A network that can be scored, and how its alpha is brought to the frame's size.

    That is by bilinear interpolation, or, if refined, by guided upsampling as in the application.
    """

    def __init__(self, segments: LowresPredictor, *, at_half: bool = False, refined: bool = False) -> None:
        """at_half: whether the alpha has half the network's input size, as ours has."""
        self._segments, self._at_half, self._refined = segments, at_half, refined

    def in_high_detail(self) -> "ScoredNetwork | None":
        """The same network in the application's high-detail mode; None if it is not our ONNX file."""
        if not isinstance(self._segments, Segmenter):
            return None
        return ScoredNetwork(InHighDetail(self._segments), at_half=self._at_half, refined=self._refined)

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """frame (H, W, 3) uint8 BGR → alpha (H, W) float32 in [0, 1]."""
        return self.fitted(self.predict_lowres(frame), frame)

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        """frame (H, W, 3) uint8 BGR → alpha (h, w) float32 in [0, 1], at the network's own size or half of it.

        input_scale: as Segmenter has it; other networks know only 1.
        """
        ours = self._segments if isinstance(self._segments, Segmenter) else None
        alpha = ours.predict_lowres(frame, input_scale) if ours else self._segments.predict_lowres(frame)
        if self._at_half or not self._refined:
            return alpha
        return cv2.resize(alpha, half_size(alpha), interpolation=cv2.INTER_AREA)

    def fitted(self, alpha: NDArray[np.float32], frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Alpha (h, w) at the size of its frame: (H, W) float32 in [0, 1]."""
        if self._refined:
            return metrics.unit(guided_upsample(alpha, frame))
        height, width = frame.shape[:2]
        return np.clip(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1)

    def refined(self) -> "ScoredNetwork":
        """The same network, refined."""
        return ScoredNetwork(self._segments, at_half=self._at_half, refined=True)


class InHighDetail:
    """The Segmenter in the application's high-detail mode."""

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    def predict_lowres(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        return predict_in_detail(self._segmenter.predict_lowres, frame)


class NetworkError(Exception):
    """A file that is not a usable network. The message is one sentence with the file and the reason."""


@dataclass(frozen=True)
class PeerInput:
    """A peer's input, (pixel − mean) / scale per channel in its order and layout, and the meaning of its output."""

    name: str
    input: str
    output: str
    layout: Literal["NHWC", "NCHW"]
    channels: Literal["BGR", "RGB"]
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    answer: Literal[
        "alpha", "logits", "probabilities"
    ]  # one channel; two logits; two probabilities: 1 is the person


_UNIT = ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))
PEERS = (
    PeerInput("MediaPipe selfie", "input_1:0", "activation_10", "NHWC", "RGB", *_UNIT, "alpha"),
    PeerInput("Meet", "input_1:0", "segment:0", "NHWC", "RGB", *_UNIT, "logits"),
    PeerInput(
        *("SINet in OBS", "data", "Softmax/1", "NCHW", "BGR"),
        (102.890434, 111.25247, 126.91212),
        (62.93292 * 255, 62.82138 * 255, 66.355705 * 255),
        "probabilities",
    ),
)


def load_scored_network(path: Path, size: tuple[int, int] | None = None) -> ScoredNetwork:
    """Load any network: our ONNX, a peer's ONNX, our checkpoint (.pt) or the published one (.pth).

    size: (height, width) of the input instead of the network's own choice; for checkpoints only. All run on one thread.
    Raises NetworkError, which names file and reason.
    """
    if not path.is_file():
        raise NetworkError(f"{path}: no such file")
    if path.suffix in (".pt", ".pth"):
        return _load_checkpoint(path, size)
    if size is not None:
        raise NetworkError(f"{path}: a size can be chosen for checkpoints only; an ONNX file brings its own")
    try:
        session = create_session(path.read_bytes(), 1)
    except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
        reason = str(error).splitlines()[0]
        raise NetworkError(f"{path}: not an ONNX network that ONNX Runtime can load ({reason})") from error
    if "backdrop.contract" in session.get_modelmeta().custom_metadata_map:
        return _load_ours(path)
    inputs, outputs = (
        {tensor.name for tensor in side} for side in (session.get_inputs(), session.get_outputs())
    )
    for feed in PEERS:
        if feed.input in inputs and feed.output in outputs:
            return ScoredNetwork(Peer(session, feed))
    raise NetworkError(
        f"{path}: neither ours nor a known peer: its inputs are {sorted(inputs)}, its outputs {sorted(outputs)}; "
        "say how to feed it in PEERS of sinet_core/training/evaluate/networks.py"
    )


class Peer:
    """A peer's ONNX network and its input."""

    def __init__(self, session: onnxruntime.InferenceSession, feed: PeerInput) -> None:
        self._session, self._feed = session, feed
        shape = next(tensor.shape for tensor in session.get_inputs() if tensor.name == feed.input)
        self.size: tuple[int, int] = (shape[1], shape[2]) if feed.layout == "NHWC" else (shape[2], shape[3])
        self._mean = np.array(feed.mean, np.float32)
        self._scale = np.array(feed.scale, np.float32)

    def predict_lowres(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        height, width = self.size
        pixels = cv2.resize(frame, (width, height), interpolation=cv2.INTER_LINEAR)
        if self._feed.channels == "RGB":
            pixels = pixels[:, :, ::-1]
        tensor = ((pixels.astype(np.float32) - self._mean) / self._scale)[None]
        if self._feed.layout == "NCHW":
            tensor = tensor.transpose(0, 3, 1, 2)
        answer = self._session.run([self._feed.output], {self._feed.input: np.ascontiguousarray(tensor)})[0][
            0
        ]
        return self._alpha(answer)

    def _alpha(self, answer: NDArray[np.float32]) -> NDArray[np.float32]:
        planes = answer if self._feed.layout == "NCHW" else answer.transpose(2, 0, 1)
        if self._feed.answer == "alpha":
            return planes[0]
        if self._feed.answer == "probabilities":
            return planes[1]
        return 1 / (1 + np.exp(planes[0] - planes[1]))


def _load_ours(path: Path) -> ScoredNetwork:
    try:
        return ScoredNetwork(Segmenter.load(path, threads=1), at_half=True)
    except SegmenterError as error:
        raise NetworkError(str(error)) from error


def _load_checkpoint(path: Path, size: tuple[int, int] | None) -> ScoredNetwork:
    from sinet_core.training.evaluate.torch_network import TorchNetwork

    try:
        return ScoredNetwork(TorchNetwork(path, size))
    except ValueError as error:
        raise NetworkError(str(error)) from error

"""Frame → alpha: SINet through ONNX Runtime, on whatever frame a camera gives. No torch."""

import hashlib
import math
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

onnxruntime.disable_telemetry_events()  # of Windows, which the variable in __init__.py does not reach

# Of the ONNX file: uint8 BGR (1, H, W, 3) "frame" → float32 (1, H / 2, W / 2) "alpha"; normalisation and sigmoid inside.
CONTRACT = "2"
OLDEST_RUNTIME = (1, 27)  # versions before compute a FusedConv that adds wrongly
SMALLEST = 32
INPUT_AREA, MULTIPLE = 60_000, 32


class SegmenterError(Exception):
    """The network cannot be loaded, or it answered something that is no alpha. One sentence that names the file."""


@cache
def input_size(height: int, width: int, area: int = INPUT_AREA, multiple: int = MULTIPLE) -> tuple[int, int]:
    """The network's (height, width) for a frame: near its aspect ratio and near the area, both multiples of `multiple`.

    16:9 → 192 × 320, 4:3 → 224 × 288, 3:4 → 288 × 224, 1:1 → 256 × 256: nothing is wasted on a squashed frame.
    """
    sides = range(multiple, 16 * multiple + 1, multiple)
    candidates = [(high, wide) for high in sides for wide in sides]

    def misfit(size: tuple[int, int]) -> float:
        high, wide = size
        return abs(math.log(wide / high * height / width)) + abs(math.log(high * wide / area))

    return min(candidates, key=misfit)


class Segmenter:
    """The network that finds the person. Load it once; it keeps no state between frames.

    segmenter = Segmenter.load()
    alpha = segmenter(frame)
    """

    def __init__(self, network: bytes, path: Path, threads: int, metadata: dict[str, str]) -> None:
        self._network, self._path, self._threads = network, path, threads
        self.metadata = metadata
        self._area = int(metadata["backdrop.input_area"])
        self._multiple = int(metadata["backdrop.multiple"])
        self._sessions: dict[tuple[int, int], onnxruntime.InferenceSession] = {}

    @staticmethod
    def load(path: str | Path | None = None, *, threads: int = 1) -> "Segmenter":
        """The weights that we ship, or those in an ONNX file of the same contract.

        threads: how many ONNX Runtime computes with; one is fastest for a network this small.
        Raises SegmenterError, which names the file and the reason, when it is missing, truncated, foreign or corrupted.
        The weights that we ship must have the SHA-256 in the file beside them; others, if there is one.
        """
        ours = path is None
        path = shipped_weights() if path is None else Path(path)
        if not path.is_file():
            raise SegmenterError(f"{path}: there is no such file")
        if not is_new_enough(onnxruntime.__version__):
            needed = ".".join(map(str, OLDEST_RUNTIME))
            raise SegmenterError(
                f"{path}: ONNX Runtime {onnxruntime.__version__} computes this network wrongly: install {needed} or newer"
            )
        try:
            network = path.read_bytes()
        except OSError as error:
            raise SegmenterError(f"{path}: cannot be read ({error.strerror})") from error
        if hash_fault := _hash_fault(network, path, needed=ours):
            raise SegmenterError(f"{path}: {hash_fault}")
        try:
            session = create_session(network, threads)
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            reason = str(error).strip().splitlines()[0]
            raise SegmenterError(
                f"{path}: not an ONNX file that can be loaded, perhaps truncated or damaged ({reason})"
            ) from error
        metadata = dict(session.get_modelmeta().custom_metadata_map)
        fault = contract_fault(session, metadata)
        if fault:
            raise SegmenterError(f"{path}: an ONNX file, but not one of Backdrop's: {fault}")
        return Segmenter(network, path, threads, metadata)

    def _session(self, size: tuple[int, int]) -> onnxruntime.InferenceSession:
        """A session for one input size; it takes 10 ms to make, and what follows from the size alone is then computed once."""
        if size not in self._sessions:
            self._sessions[size] = create_session(self._network, self._threads, size)
        return self._sessions[size]

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        """Alpha at half the network's own size, which is as fine as it knows.

        frame: (H, W, 3) uint8 BGR, from 32 × 32 up. input_scale: how much of its usual area the network looks at; half the
        area is about half the time, and finds less of a hand; see detail.py for more of it.
        Returns (h, w) float32 in [0, 1]; h and w are half of input_size(), which follows from the frame's aspect ratio.
        Raises ValueError for any other frame, SegmenterError when the network fails or does not answer with finite numbers.
        """
        if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
            raise ValueError(f"a frame is (H, W, 3) uint8 BGR, not {frame.shape} {frame.dtype}")
        height, width = frame.shape[:2]
        if height < SMALLEST or width < SMALLEST:
            raise ValueError(f"a frame is at least {SMALLEST} × {SMALLEST}, not {width} × {height}")
        size = input_size(height, width, round(self._area * input_scale), self._multiple)
        small = to_input_size(frame, *size)
        try:
            alpha = self._session(size).run(["alpha"], {"frame": small[None]})[0][0]
        except Exception as error:
            raise SegmenterError(
                f"{self._path}: the network failed ({str(error).strip().splitlines()[0]})"
            ) from error
        if alpha.shape != (size[0] // 2, size[1] // 2):
            raise SegmenterError(f"{self._path}: the network answered {alpha.shape} to {small.shape}")
        low, high = float(alpha.min()), float(alpha.max())
        if not (low >= -1e-3 and high <= 1 + 1e-3):  # also where either is NaN
            raise SegmenterError(
                f"{self._path}: the network answered numbers from {low} to {high}, which are no alpha"
            )
        return np.clip(alpha, 0, 1)

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """predict_lowres(), enlarged bilinearly to the frame's size: (H, W) float32 in [0, 1]. Same frame, same errors."""
        alpha = self.predict_lowres(frame)
        return cv2.resize(alpha, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR)


def to_input_size(frame: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The frame at the network's size. A large one is halved first (2 × 2 means, which are cheap), against aliasing."""
    while frame.shape[0] >= 2 * height and frame.shape[1] >= 2 * width:
        frame = cv2.resize(frame, (frame.shape[1] // 2, frame.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return cv2.resize(frame, (width, height), interpolation=cv2.INTER_LINEAR)


def is_new_enough(version: str) -> bool:
    """Whether this version of ONNX Runtime, such as "1.32.0", computes our network right."""
    major, minor = version.split(".")[:2]
    return (int(major), int(minor)) >= OLDEST_RUNTIME


def create_session(
    network: bytes, threads: int, size: tuple[int, int] | None = None
) -> onnxruntime.InferenceSession:
    """ONNX Runtime's session for the bytes of an ONNX file. size: the (height, width) that its input is fixed to."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # spinning burns the other core
    options.log_severity_level = 4
    for name, side in zip(("height", "width"), size or (), strict=False):
        options.add_free_dimension_override_by_name(name, side)
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def contract_fault(session: onnxruntime.InferenceSession, metadata: dict[str, str]) -> str | None:
    """What keeps a loaded ONNX file from being ours, in words; None when it is."""
    if metadata.get("backdrop.contract") != CONTRACT:
        return f"its metadata does not say backdrop.contract = {CONTRACT}"
    for key in ("backdrop.input_area", "backdrop.multiple"):
        if not metadata.get(key, "").isdigit() or int(metadata[key]) == 0:
            return f"its metadata has no {key}"
    ends: list[tuple[Any, str, str, int]] = [
        (session.get_inputs(), "frame", "tensor(uint8)", 4),
        (session.get_outputs(), "alpha", "tensor(float)", 3),
    ]
    for tensors, name, kind, dimensions in ends:
        found = [tensor for tensor in tensors if tensor.name == name]
        if not found or found[0].type != kind or len(found[0].shape) != dimensions:
            return f"it has no {kind} {name!r} of {dimensions} dimensions"
    return None


def hash_path(path: Path) -> Path:
    """Where the SHA-256 of a network's file is kept: beside it, as sha256sum writes it. The export writes both."""
    return path.with_name(path.name + ".sha256")


def _hash_fault(network: bytes, path: Path, *, needed: bool) -> str | None:
    """What the hash beside a network's file says against it, in words; None where it is right.

    A few damaged bytes among the weights are a network all the same, and some of those take the whole room for a person.
    """
    beside = hash_path(path)
    try:
        expected = beside.read_text("ascii", "replace").split()[:1]
    except OSError as error:
        return (
            f"its hash cannot be read from {beside.name} ({error.strerror})"
            if needed or beside.exists()
            else None
        )
    if [hashlib.sha256(network).hexdigest()] != expected:
        return f"damaged or exchanged: it does not have the SHA-256 that {beside.name} says"
    return None


def shipped_weights() -> Path:
    """Where the weights lie: in the package when it was installed, beside it in the checkout."""
    package = Path(__file__).parent
    installed = package / "weights" / "sinet.onnx"
    return installed if installed.exists() else package.parent / "weights" / "sinet.onnx"

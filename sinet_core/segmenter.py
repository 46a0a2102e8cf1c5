"""The network for one frame: SINet run by ONNX Runtime, on frames of any size and shape. No torch."""

import hashlib
import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from sinet_core.instructions import instruction_set

onnxruntime.disable_telemetry_events()  # telemetry on Windows; the variable in __init__.py does not cover it

# The ONNX file maps "frame", uint8 BGR (1, H, W, 3), to "alpha", float32 (1, H / 2, W / 2), with normalisation and sigmoid.
CONTRACT = "2"
OLDEST_RUNTIME = (1, 27)  # older versions compute a FusedConv with an addition wrongly
SMALLEST = 32
INPUT_AREA, MULTIPLE = 60_000, 32


class SegmenterError(Exception):
    """The network cannot be loaded, or its output is not an alpha. The message is one sentence and names the file."""


@cache
def input_size(height: int, width: int, area: int = INPUT_AREA, multiple: int = MULTIPLE) -> tuple[int, int]:
    """Return the network's input (height, width) for a frame, both multiples of `multiple`.

    It is close to the frame's aspect ratio and to the area, so the frame is hardly squashed: 16:9 → 192 × 320,
    4:3 → 224 × 288, 3:4 → 288 × 224, 1:1 → 256 × 256.
    """
    sides = range(multiple, 16 * multiple + 1, multiple)
    candidates = [(high, wide) for high in sides for wide in sides]

    def misfit(size: tuple[int, int]) -> float:
        high, wide = size
        return abs(math.log(wide / high * height / width)) + abs(math.log(high * wide / area))

    return min(candidates, key=misfit)


class Segmenter:
    """Segments the people in a single frame. It keeps no state between frames; for a video use VideoMatter.

        segmenter = Segmenter.load()
        alpha = segmenter(frame)         # (H, W) float32 in [0, 1]

    metadata: that of the ONNX file.
    """

    def __init__(self, network: bytes, path: Path, threads: int, metadata: dict[str, str]) -> None:
        self._network, self._path, self._threads = network, path, threads
        self.metadata = metadata
        self._area = int(metadata["backdrop.input_area"])
        self._multiple = int(metadata["backdrop.multiple"])
        self._sessions: dict[tuple[int, int], onnxruntime.InferenceSession] = {}

    @staticmethod
    def load(path: str | Path | None = None, *, threads: int = 1) -> "Segmenter":
        """Load the weights that come with the package, or another ONNX file with the same inputs and outputs.

        threads: for ONNX Runtime; one is fastest for a network this small.
        Raises SegmenterError, which names the file and the reason, if it is missing, truncated, damaged or not such a network.
        The SHA-256 in the file NAME.onnx.sha256 beside the network must match; only other networks may lack that file.
        """
        ours = path is None
        path = shipped_weights() if path is None else Path(path)
        network, session = opened(path, threads, hash_needed=ours)
        metadata = dict(session.get_modelmeta().custom_metadata_map)
        fault = contract_fault(session, metadata)
        if fault:
            raise SegmenterError(f"{path}: an ONNX file, but not one of Backdrop's: {fault}")
        return Segmenter(network, path, threads, metadata)

    def _session(self, size: tuple[int, int]) -> onnxruntime.InferenceSession:
        """Return the session for one input size, which lets ONNX Runtime precompute more. Creating one takes 10 ms."""
        if size not in self._sessions:
            self._sessions[size] = create_session(self._network, self._threads, size)
        return self._sessions[size]

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        """Return the alpha at the network's output resolution.

        frame: (H, W, 3) uint8 BGR, at least 32 × 32. input_scale: factor of the network's usual input area. Half the area
        takes about half the time, and loses detail such as fingers; for factors above 1 see matting/detail.py.
        Returns (h, w) float32 in [0, 1]. h and w are half of input_size(), which depends on the frame's aspect ratio.
        Raises ValueError for any other frame, SegmenterError if the network fails or its output is not finite.
        """
        check_frame(frame)
        height, width = frame.shape[:2]
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
        if not (low >= -1e-3 and high <= 1 + 1e-3):  # also if either is NaN
            raise SegmenterError(
                f"{self._path}: the network answered numbers from {low} to {high}, which are no alpha"
            )
        return np.clip(alpha, 0, 1)

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the alpha at the frame's size, (H, W) float32 in [0, 1]: predict_lowres(), enlarged bilinearly. Same errors."""
        alpha = self.predict_lowres(frame)
        return cv2.resize(alpha, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR)


def opened(path: Path, threads: int, *, hash_needed: bool) -> tuple[bytes, onnxruntime.InferenceSession]:
    """Return the bytes of an ONNX file and a session of them. hash_needed: the file with its SHA-256 must be there.

    Raises SegmenterError, which names the file and the reason.
    """
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
    if hash_fault := _hash_fault(network, path, needed=hash_needed):
        raise SegmenterError(f"{path}: {hash_fault}")
    try:
        return network, create_session(network, threads)
    except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
        reason = str(error).strip().splitlines()[0]
        raise SegmenterError(
            f"{path}: not an ONNX file that can be loaded, perhaps truncated or damaged ({reason})"
        ) from error


def check_frame(frame: NDArray[np.uint8]) -> None:
    """Raise ValueError unless it is (H, W, 3) uint8, at least 32 × 32."""
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        raise ValueError(f"a frame is (H, W, 3) uint8 BGR, not {frame.shape} {frame.dtype}")
    height, width = frame.shape[:2]
    if height < SMALLEST or width < SMALLEST:
        raise ValueError(f"a frame is at least {SMALLEST} × {SMALLEST}, not {width} × {height}")


def to_input_size(frame: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Return a frame (H, W, 3) at the network's input size. Large frames are halved first (2 × 2 means) to avoid aliasing."""
    while frame.shape[0] >= 2 * height and frame.shape[1] >= 2 * width:
        frame = cv2.resize(frame, (frame.shape[1] // 2, frame.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return cv2.resize(frame, (width, height), interpolation=cv2.INTER_LINEAR)


def is_new_enough(version: str) -> bool:
    """Whether this version of ONNX Runtime, such as "1.32.0", computes the network correctly."""
    major, minor = version.split(".")[:2]
    return (int(major), int(minor)) >= OLDEST_RUNTIME


def create_session(
    network: bytes, threads: int, size: tuple[int, int] | None = None
) -> onnxruntime.InferenceSession:
    """Create ONNX Runtime's session for the bytes of an ONNX file. size: (height, width) to fix its input to."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry(
        "session.intra_op.allow_spinning", "0"
    )  # threads that spin would occupy another core
    options.log_severity_level = 4
    for name, side in zip(("height", "width"), size or (), strict=False):
        options.add_free_dimension_override_by_name(name, side)
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def contract_fault(session: onnxruntime.InferenceSession, metadata: dict[str, str]) -> str | None:
    """Return why a loaded ONNX file cannot be used here, in words; None if it can."""
    return metadata_fault(metadata, CONTRACT) or ends_fault(session, "alpha", "tensor(float)")


def metadata_fault(metadata: dict[str, str], contract: str) -> str | None:
    """Return why a file with this metadata is not of this contract, in words; None if it is."""
    if metadata.get("backdrop.contract") != contract:
        return f"its metadata does not say backdrop.contract = {contract}"
    for key in ("backdrop.input_area", "backdrop.multiple"):
        if not re.fullmatch("[1-9][0-9]{0,8}", metadata.get(key, "")):
            return f"its metadata has no {key}"
    return None


def ends_fault(session: onnxruntime.InferenceSession, answer: str, answer_kind: str) -> str | None:
    """Return which end of the graph is missing, in words: "frame", or the answer, of three dimensions; None if both are there."""
    ends: list[tuple[Any, str, str, int]] = [
        (session.get_inputs(), "frame", "tensor(uint8)", 4),
        (session.get_outputs(), answer, answer_kind, 3),
    ]
    for tensors, name, kind, dimensions in ends:
        found = [tensor for tensor in tensors if tensor.name == name]
        if not found or found[0].type != kind or len(found[0].shape) != dimensions:
            return f"it has no {kind} {name!r} of {dimensions} dimensions"
    return None


def hash_path(path: Path) -> Path:
    """Return the path of the file with a network's SHA-256, in sha256sum's format. The export writes both files."""
    return path.with_name(path.name + ".sha256")


def _hash_fault(network: bytes, path: Path, *, needed: bool) -> str | None:
    """Return why a network does not pass the check of its hash, in words; None if it passes.

    With a few damaged bytes in its weights, a network still loads, but may take the whole room for a person.
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


def shipped_weights(instructions: str | None = None) -> Path:
    """Return the path of the weights: inside an installed package, beside the package in a checkout.

    instructions: those of the processor, one of instructions.SETS; this one's if None. There are two graphs of the same
    network: with AVX2, sinet-avx2.onnx takes 7 % less time than sinet.onnx; with AVX-512 it takes 9 % more.
    """
    if instructions is None:
        instructions = instruction_set()
    name = "sinet-avx2.onnx" if instructions == "AVX2" else "sinet.onnx"
    package = Path(__file__).parent
    installed = package / "weights" / name
    return installed if installed.exists() else package.parent / "weights" / name

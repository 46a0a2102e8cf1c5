"""The network for any classes: what each pixel of a frame is. SINet run by ONNX Runtime; no torch."""

import json
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from sinet_core.segmenter import (
    SegmenterError,
    check_frame,
    create_session,
    ends_fault,
    input_size,
    metadata_fault,
    opened,
    to_input_size,
)

# The ONNX file maps "frame", uint8 BGR (1, H, W, 3), to "labels", uint8 (1, H, W), with normalisation and argmax.
CONTRACT = "labels-1"


class LabelSegmenter:
    """Says of each pixel of a frame which class it shows. It keeps no state between frames.

        segmenter = LabelSegmenter("camvid.onnx")
        labels = segmenter(frame)                    # (H, W) uint8: segmenter.names[labels[y, x]]
        picture = segmenter.painted(labels)          # (H, W, 3) uint8 BGR, in the classes' colours

    `python -m sinet_core.training labels export` writes such a file. names: the classes, in the order of their numbers.
    colours: (classes, 3) uint8 BGR. metadata: that of the file.
    """

    def __init__(self, path: str | Path, *, threads: int = 1) -> None:
        """Load an ONNX file. threads: for ONNX Runtime.

        Raises SegmenterError, which names the file and the reason, if it is missing, damaged or not such a network. Where a file
        NAME.onnx.sha256 lies beside it, the SHA-256 in it must match.
        """
        self._path, self._threads = Path(path), threads
        self._network, session = opened(self._path, threads, hash_needed=False)
        self.metadata: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)
        fault = metadata_fault(self.metadata, CONTRACT) or ends_fault(session, "labels", "tensor(uint8)")
        if fault:
            raise SegmenterError(f"{path}: an ONNX file, but not a network of labels: {fault}")
        try:
            classes = json.loads(self.metadata["backdrop.classes"])
            self.names: list[str] = [str(one["name"]) for one in classes]
            self.colours: NDArray[np.uint8] = np.array([one["colour"][::-1] for one in classes], np.uint8)
            if self.colours.shape != (len(classes), 3) or len(classes) > 256:
                raise ValueError("a colour has three parts, and a label has room for 256 classes")
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise SegmenterError(
                f"{path}: its metadata backdrop.classes does not list names and colours"
            ) from error
        self._area = int(self.metadata["backdrop.input_area"])
        self._multiple = int(self.metadata["backdrop.multiple"])
        self._sessions: dict[tuple[int, int], onnxruntime.InferenceSession] = {}

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the number of the class of each pixel, (H, W) uint8. frame: (H, W, 3) uint8 BGR, at least 32 × 32.

        Raises ValueError for any other frame, SegmenterError if the network fails or answers classes that have no name.
        """
        check_frame(frame)
        size = input_size(*frame.shape[:2], self._area, self._multiple)
        if size not in self._sessions:
            self._sessions[size] = create_session(self._network, self._threads, size)
        try:
            labels = self._sessions[size].run(["labels"], {"frame": to_input_size(frame, *size)[None]})[0][0]
        except Exception as error:
            raise SegmenterError(
                f"{self._path}: the network failed ({str(error).strip().splitlines()[0]})"
            ) from error
        if labels.shape != size or labels.max() >= len(self.names):
            raise SegmenterError(
                f"{self._path}: the network answered {labels.shape}, up to class {labels.max()}"
            )
        return np.asarray(cv2.resize(labels, frame.shape[1::-1], interpolation=cv2.INTER_NEAREST), np.uint8)

    def painted(self, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return a label map (H, W) uint8 in the classes' colours, (H, W, 3) uint8 BGR. Numbers without a class are black."""
        return painted(labels, self.colours)


def painted(labels: NDArray[np.uint8], colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a label map (H, W) uint8 in these colours, (classes, 3) uint8 BGR; numbers without a class are black."""
    table = np.zeros((256, 3), np.uint8)
    table[: len(colours)] = colours
    return table[labels]

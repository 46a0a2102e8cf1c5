"""SINet as a library: `from sinet_core import Segmenter, VideoMatter`. No Qt anywhere; torch only in sinet_core.training.

Segmenter is the network alone, for photos. VideoMatter adds what a video allows and a webcam needs.
"""

import os

# Before ONNX Runtime is loaded: since 1.29 its wheels send usage to their maker, keep an identifier of the computer in
# the user's cache, and ask nobody. Told so, they begin none of it (docs/Privacy.md of microsoft/onnxruntime).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from sinet_core.matting.person_segmenter import MatteOptions, SegmentationResult
from sinet_core.segmenter import Segmenter, SegmenterError
from sinet_core.video_matter import NotReadyError, VideoMatter

__all__ = [
    "MatteOptions",
    "NotReadyError",
    "SegmentationResult",
    "Segmenter",
    "SegmenterError",
    "VideoMatter",
]

"""Person segmentation with SINet on an ordinary CPU.

    from sinet_core import VideoMatter

    matter = VideoMatter()
    for frame, captured_at in video:             # (H, W, 3) uint8 BGR, and seconds
        alpha = matter(frame, captured_at)       # (H, W) uint8, 255 is all person

VideoMatter is for videos and webcams: it tracks the people, filters the alphas over time and fits them to the frame's edges.
Segmenter is the network alone, for single photos; LabelSegmenter runs networks that were trained on other classes than people.
examples/ has short programs. The package needs NumPy, OpenCV and ONNX Runtime; only sinet_core.training needs torch.
"""

import os

# This must be set before ONNX Runtime is loaded. Since 1.29, its wheels send usage data to Microsoft and keep an identifier of
# the computer in the user's cache, without asking. This variable prevents both (docs/Privacy.md of microsoft/onnxruntime).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from sinet_core.label_segmenter import LabelSegmenter
from sinet_core.matting.person_segmenter import MatteOptions, SegmentationResult
from sinet_core.segmenter import Segmenter, SegmenterError
from sinet_core.video_matter import NotReadyError, VideoMatter

__all__ = [
    "LabelSegmenter",
    "MatteOptions",
    "NotReadyError",
    "SegmentationResult",
    "Segmenter",
    "SegmenterError",
    "VideoMatter",
]

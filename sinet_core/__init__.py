"""SINet as a library: `from sinet_core import Segmenter`. No Qt anywhere; torch only in sinet_core.training."""

from sinet_core.segmenter import Segmenter, SegmenterError

__all__ = ["Segmenter", "SegmenterError"]

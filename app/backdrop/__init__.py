"""Backdrop, the application. Qt is imported only in backdrop.ui."""

import os

# Before OpenCV is loaded: a picture of more pixels than this takes gigabytes to decode, and is refused instead.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(120_000_000))
# Before ONNX Runtime is loaded, here as in sinet_core: it would send usage to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"

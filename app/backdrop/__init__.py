"""Backdrop, the application. Qt is imported only in backdrop.ui."""

import os

# Before OpenCV is loaded: a picture with more pixels than this would take gigabytes to decode, so it is rejected.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(120_000_000))
# Before ONNX Runtime is loaded, as in sinet_core: otherwise it sends usage data to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"

"""Which of this processor's instructions the network's kernels use, and so which export of the network is the faster one."""

import cv2

# OpenCV's numbers (CpuFeatures, which Python has no names for), the best first. It asks the processor and the system, and so
# does ONNX Runtime, which does not tell what it chose: that follows from its source code (MLAS, platform.cpp).
SETS = {"AVX-512": 13, "AVX2": 11, "NEON": 100}
BLOCKS = {"AVX-512": 16, "AVX2": 8}  # channels that ONNX Runtime's kernels hold in one register


def instruction_set() -> str:
    """The best of SETS that this processor has; "" if none."""
    return next((name for name, number in SETS.items() if cv2.checkHardwareSupport(number)), "")

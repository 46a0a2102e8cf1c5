"""The machine on which something was measured, and the memory of this process."""

import os
import platform
import sys
from typing import Any

import cv2
import numpy as np
import onnxruntime

from backdrop import __version__
from backdrop.bench.process import memory_mb
from backdrop.doctor.report import processor
from sinet_core import native
from sinet_core.instructions import BLOCKS, instruction_set


def machine() -> dict[str, Any]:
    """What to state beside every figure. load: average of the minute before the measurement, None if unknown.

    instructions: what the processor has. blocks: the channels that ONNX Runtime's kernels then take at a time; None if
    unknown. compiled: whether the compiled C code is in use. compiled_for: the version of it that runs.
    """
    instructions = instruction_set()
    return {
        "cpu": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "onnxruntime": onnxruntime.__version__,
        "opencv": cv2.__version__,
        "numpy": np.__version__,
        "backdrop": __version__,
        "instructions": instructions,
        "blocks": BLOCKS.get(instructions),
        "compiled": native.library is not None,
        "compiled_for": native.version(),
    }


def resident_mb() -> float | None:
    """Resident memory of this process in megabytes: now on Linux, the peak on macOS, None on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    try:
        return round(memory_mb(), 1)
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(most / 1e6 if sys.platform == "darwin" else most / 1e3, 1)

"""What every test needs before it starts."""

import os

# One thread each: the tests share two busy cores, and results must not depend on how work was split.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Windows of tests are drawn into memory; a real display is for people.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Reading a video logs to the terminal otherwise.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

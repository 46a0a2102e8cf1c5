"""Plays frames into a V4L2 device, over and over, until it is ended: player.py DEVICE FOURCC WIDTH HEIGHT FPS FOLDER

The frames are the files of FOLDER, in the order of their names, each as the device is to get it. Prints "playing"
after the first. Only the standard library, so that it starts at once.
"""

import fcntl
import itertools
import os
import struct
import sys
import time
from pathlib import Path

VIDIOC_S_FMT = 0xC0D05605
BUF_TYPE_VIDEO_OUTPUT, FIELD_NONE, COLORSPACE_SRGB = 2, 1, 8


def main(device: str, fourcc: str, width: str, height: str, fps: str, folder: str) -> None:
    frames = [path.read_bytes() for path in sorted(Path(folder).iterdir())]
    handle = os.open(device, os.O_RDWR)
    picture = (int(width), int(height), fourcc.encode(), FIELD_NONE, 0, max(map(len, frames)), COLORSPACE_SRGB)
    asked = struct.pack("=I4xII4sIIII172x", BUF_TYPE_VIDEO_OUTPUT, *picture)  # struct v4l2_format
    got = fcntl.ioctl(handle, VIDIOC_S_FMT, asked)
    if got[8:20] != asked[8:20]:
        raise SystemExit(f"{device} does not take {width} × {height} {fourcc}")
    due = time.monotonic()
    for number, frame in enumerate(itertools.cycle(frames)):
        os.write(handle, frame)
        if number == 0:
            print("playing", flush=True)
        due += 1 / float(fps)
        time.sleep(max(due - time.monotonic(), 0))


if __name__ == "__main__":
    main(*sys.argv[1:])

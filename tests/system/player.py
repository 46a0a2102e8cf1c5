"""Plays frames into a V4L2 device, over and over, until it is ended: player.py DEVICE FOURCC WIDTH HEIGHT FPS FOLDER

The frames are the files of FOLDER, in the order of their names, each as the device is to get it. Waits until the
device takes their format. Prints "playing" after the first, and when the device is gone holds on to what is left of
it. Only the standard library, so that it starts at once.
"""

import fcntl
import itertools
import mmap
import os
import signal
import struct
import sys
import time
from pathlib import Path

# From linux/videodev2.h, for 64 bits.
S_FMT, REQBUFS, QUERYBUF, QBUF, DQBUF = 0xC0D05605, 0xC0145608, 0xC0585609, 0xC058560F, 0xC0585611
STREAMON = 0x40045612
OUTPUT, MMAP, FIELD_NONE, SRGB = 2, 1, 1, 8
BUFFERS = 2


class Output:
    """A V4L2 output device, fed through its own buffers: vivid takes no write()."""

    def __init__(self, device: str, fourcc: str, width: int, height: int, largest: int) -> None:
        picture = (width, height, fourcc.encode(), FIELD_NONE, 0, largest, SRGB)
        asked = struct.pack("=I4xII4sIIII172x", OUTPUT, *picture)  # struct v4l2_format
        self._handle = os.open(device, os.O_RDWR)
        while fcntl.ioctl(self._handle, S_FMT, asked)[8:20] != asked[8:20]:
            os.close(self._handle)  # a loopback keeps its format until everybody has closed it
            time.sleep(0.1)
            self._handle = os.open(device, os.O_RDWR)
        fcntl.ioctl(self._handle, REQBUFS, struct.pack("=III8x", BUFFERS, OUTPUT, MMAP))
        self._buffers = [self._map(index) for index in range(BUFFERS)]
        self._free = list(range(BUFFERS))
        self._streaming = False

    def send(self, frame: bytes) -> None:
        index = self._free.pop() if self._free else self._buffer(DQBUF, 0)[0]
        self._buffers[index][: len(frame)] = frame
        self._buffer(QBUF, index, len(frame))
        if not self._streaming:
            fcntl.ioctl(self._handle, STREAMON, struct.pack("=i", OUTPUT))
            self._streaming = True

    def _map(self, index: int) -> mmap.mmap:
        _, offset, length = self._buffer(QUERYBUF, index)
        return mmap.mmap(self._handle, length, offset=offset)

    def _buffer(self, request: int, index: int, used: int = 0) -> tuple[int, int, int]:
        """Ask for something about a struct v4l2_buffer. Returns its index, offset and length."""
        asked = struct.pack("=IIIII40xI24x", index, OUTPUT, used, 0, FIELD_NONE, MMAP)
        answer = fcntl.ioctl(self._handle, request, asked)
        index, offset, length = struct.unpack("=I60xI4xI12x", answer)
        return index, offset, length


def main(device: str, fourcc: str, width: str, height: str, fps: str, folder: str) -> None:
    frames = [path.read_bytes() for path in sorted(Path(folder).iterdir())]
    output = Output(device, fourcc, int(width), int(height), max(map(len, frames)))
    due = time.monotonic()
    for number, frame in enumerate(itertools.cycle(frames)):
        try:
            output.send(frame)
        except OSError as error:
            print(f"gone: {error}", flush=True)
            signal.pause()
        if number == 0:
            print("playing", flush=True)
        due += 1 / float(fps)
        time.sleep(max(due - time.monotonic(), 0))


if __name__ == "__main__":
    main(*sys.argv[1:])

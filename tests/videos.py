"""Small real videos for tests."""

from contextlib import closing, suppress
from pathlib import Path
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.base import EndOfVideo
from backdrop.cameras.video_file import VideoFile


def write_video(
    path: Path,
    frames: list[NDArray[np.uint8]],
    *,
    fps: int = 25,
    sound: str | None = None,
    times: list[int] | None = None,
) -> Path:
    """Write frames, each (H, W, 3) uint8 BGR, with two seconds of a tone by the codec called sound.

    times: for each frame, when it is shown, in 1 / fps seconds; one after another when left out.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "10"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        tone = None
        if sound:
            tone = cast("av.AudioStream", container.add_stream(sound, rate=44100, layout="mono"))
        for index, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
            frame.pts = times[index] if times else index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if tone is not None:
            wave = (np.sin(np.arange(2 * 44100) * 440 * 2 * np.pi / 44100) * 8000).astype(np.int16)
            for start in range(0, len(wave), 1024):
                heard = av.AudioFrame.from_ndarray(
                    wave[None, start : start + 1024], format="s16", layout="mono"
                )
                heard.sample_rate, heard.pts = 44100, start
                container.mux(tone.encode(heard))
            container.mux(tone.encode())
    return path


def greys(count: int, width: int = 64, height: int = 48) -> list[NDArray[np.uint8]]:
    """Frames that tell their number: each is grey, 8 brighter than the one before, from 20; at most 30."""
    return [np.full((height, width, 3), 20 + 8 * index, np.uint8) for index in range(count)]


def numbers(frames: list[NDArray[np.uint8]]) -> list[int]:
    """The numbers of such frames, read back from their brightness."""
    return [round((float(frame.mean()) - 20) / 8) for frame in frames]


def read_all(camera: VideoFile) -> tuple[list[NDArray[np.uint8]], list[float]]:
    """All frames of a video file, and when each is shown. Closes it."""
    frames, times = [], []
    with closing(camera), suppress(EndOfVideo):
        while True:
            frames.append(camera.read())
            times.append(camera.position)
    return frames, times

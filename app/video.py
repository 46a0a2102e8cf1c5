"""`backdrop video IN OUT`: a video with another backdrop, every frame and the sound kept."""

import threading
from pathlib import Path

from app.language import _
from app.output import OutputError
from app.render import may_be_transparent, render
from app.say import say
from app.self_test import load_network
from app.settings import Settings
from app.video_file import VideoFile
from app.video_writer import VideoWriter


def convert(source: Path, target: Path, settings: Settings, stop: threading.Event) -> int:
    """Write target from source. Returns the exit status; 1 also when stop is set before the end.

    Raises CameraError, OutputError or SegmenterError.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise OutputError(
            _("{target} would be written over itself: give another name for the result.", target=target)
        )
    camera = VideoFile(source, paced=False)
    segmenter = load_network()
    transparent = may_be_transparent(target, settings)
    output = VideoWriter(target, *camera.size, camera.fps, sound_of=source, transparent=transparent)
    status = render(camera, output, settings, segmenter, total=camera.frames, limit=None, stop=stop)
    if stop.is_set():
        say(_("Stopped before the end: {target} holds what was done.", target=target))
        return 1
    return status

"""`backdrop video IN OUT`: a video with another backdrop, every frame and the sound kept."""

import threading
from pathlib import Path

from backdrop.backdrops.choose import files_read
from backdrop.cameras.video_file import VideoFile
from backdrop.language import _, ngettext
from backdrop.outputs.new_file import refuse_same
from backdrop.outputs.video_writer import VideoWriter
from backdrop.pipeline.self_test import load_network
from backdrop.run.render import may_be_transparent, render
from backdrop.settings.settings import Settings
from backdrop.system.say import say

DAMAGED = 3  # exit status
CUT_OFF = 0.5  # seconds by which a file may end sooner than it says


def convert(
    source: Path, target: Path, settings: Settings, stop: threading.Event, *, overwrite: bool = False
) -> int:
    """Write target from source. Returns the exit status; 1 also when stop is set before the end, 3 when source is damaged.

    overwrite: replace target where it is there already, in place of writing to a new file beside it.
    Raises CameraError, OutputError or SegmenterError.
    """
    refuse_same(target, source, *files_read(settings))
    camera = VideoFile(source, paced=False)
    segmenter = load_network()
    transparent = may_be_transparent(target, settings)
    output = VideoWriter(
        target,
        *camera.size,
        camera.fps,
        sound_of=source,
        sound_from=camera.begins,
        transparent=transparent,
        overwrite=overwrite,
    )
    say_new_name(target, output)
    status = render(camera, output, settings, segmenter, total=camera.frames, limit=None, stop=stop)
    if stop.is_set():
        say(_("Stopped before the end: {target} holds what was done.", target=output.name))
        return 1
    return status or say_damage(camera, output)


def say_new_name(target: Path, output: VideoWriter) -> None:
    """Say that another file is written than was asked for, if it is."""
    if output.name != str(target):
        say(
            _(
                "{target} is there already, so {name} is written: --overwrite would replace it.",
                target=target,
                name=output.name,
            )
        )


def say_damage(camera: VideoFile, output: VideoWriter) -> int:
    """Say what of a video could not be read, once it has been read to its end. Returns the exit status."""
    places, cut_off = camera.damaged + output.damaged, camera.missing > CUT_OFF
    if places:
        say(
            ngettext(
                "{name} is damaged in {n} place: what it held there is missing.",
                "{name} is damaged in {n} places: what it held there is missing.",
                places,
                name=camera.name,
            ),
            error=True,
        )
    if cut_off:
        say(
            _(
                "{name} is cut off: its last {seconds} s are missing.",
                name=camera.name,
                seconds=f"{camera.missing:.1f}",
            ),
            error=True,
        )
    if output.lost_sounds:
        say(
            ngettext(
                "{n} sound track of {name} cannot be read, and is missing.",
                "{n} sound tracks of {name} cannot be read, and are missing.",
                output.lost_sounds,
                name=camera.name,
            ),
            error=True,
        )
    return DAMAGED if places or cut_off or output.lost_sounds else 0

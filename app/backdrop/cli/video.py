"""`backdrop video IN OUT`: replaces the background of a video file, keeping every frame and the sound."""

import threading
from pathlib import Path

from backdrop.backdrops.choose import files_read
from backdrop.cameras.video_file import VideoFile
from backdrop.language import _, ngettext, number
from backdrop.outputs.new_file import refuse_same
from backdrop.outputs.video_writer import VideoWriter
from backdrop.pipeline.self_test import load_network
from backdrop.run.render import may_be_transparent, render
from backdrop.settings.settings import Settings
from backdrop.system.say import say

DAMAGED = 3  # exit status
CUT_OFF = 0.5  # a file may end this many seconds earlier than it says


def convert(
    source: Path, target: Path, settings: Settings, stop: threading.Event, *, overwrite: bool = False
) -> int:
    """Write target from source. Returns the exit status: 1 also if stop is set before the end, 3 if source is damaged.

    overwrite: replace an existing target; else the new file gets a number.
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
        say(_("Stopped early. {target} contains what was finished.", target=output.name))
        return 1
    return status or say_damage(camera, output)


def say_new_name(target: Path, output: VideoWriter) -> None:
    """Say if the file that is written has another name than the one asked for."""
    if output.name != str(target):
        say(
            _(
                "{target} already exists, so {name} is written instead. Use --overwrite to replace it.",
                target=target,
                name=output.name,
            )
        )


def say_damage(camera: VideoFile, output: VideoWriter) -> int:
    """Say which parts of a video could not be read, after reading all of it. Returns the exit status."""
    places, cut_off = camera.damaged + output.damaged, camera.missing > CUT_OFF
    if places:
        say(
            ngettext(
                "{name} is damaged in {n} place. That part is missing.",
                "{name} is damaged in {n} places. Those parts are missing.",
                places,
                name=camera.name,
            ),
            error=True,
        )
    if cut_off:
        say(
            _(
                "{name} is incomplete: the last {seconds} s are missing.",
                name=camera.name,
                seconds=number(camera.missing),
            ),
            error=True,
        )
    if output.lost_sounds:
        say(
            ngettext(
                "{n} sound track of {name} cannot be read and is missing.",
                "{n} sound tracks of {name} cannot be read and are missing.",
                output.lost_sounds,
                name=camera.name,
            ),
            error=True,
        )
    return DAMAGED if places or cut_off or output.lost_sounds else 0

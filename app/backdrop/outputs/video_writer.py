"""A video file as an output: H.264 in .mp4, .mov or .mkv, VP9 in .webm, optionally with the sound of another file."""

import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backdrop.files.local import is_address, why_no_address
from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from backdrop.language import _
from backdrop.outputs import new_file
from backdrop.outputs.base import OutputError
from backdrop.system.reason import reason_of

if TYPE_CHECKING:
    import av

    from backdrop.outputs.sound import Sound

FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm", ".m4v": "mp4"}
SUFFIXES = tuple(FORMATS)
TRANSPARENT = (".mov", ".webm")  # ProRes 4444 and VP9 have alpha, H.264 has none
_TICKS = 90_000  # per second
PIECE = 0.1  # seconds of video that are buffered before they are written, and lost if the program is killed
KEY = 1.0  # seconds between two key frames, which players can seek to


class VideoWriter:
    """Writes composites to a file that every player and browser plays.

    If the program is killed or the disk is full, the file still plays; its last second may be missing.
    name: the path of the file, see new_file.create(). lost_sounds: tracks that could not be read.
    """

    def __init__(
        self,
        path: str | Path,
        width: int,
        height: int,
        fps: float,
        *,
        live: bool = False,
        sound_of: str | Path | None = None,
        sound_from: float = 0.0,
        transparent: bool = False,
        overwrite: bool = False,
    ) -> None:
        """live: each composite gets the time when it was sent; otherwise each is shown for 1 / fps seconds.

        An odd width or height loses its last column or row. sound_of: a video whose sound is copied. sound_from: the time
        in that video, in seconds, that becomes 0 here. transparent: with alpha, in .mov or .webm, for composites in BGRA.
        overwrite: replace an existing file, instead of writing to a new one beside it. Raises OutputError.
        """
        import av

        self._size = (width - width % 2, height - height % 2)
        self._fps, self._live = fps, live
        self.transparent = transparent
        self.pixel_format = PixelFormat.BGR if transparent else PixelFormat.I420
        self._count, self._last, self._started = 0, -1, 0.0
        self._next_key, self._failed = 0.0, False
        if is_address(str(path)):
            raise OutputError(why_no_address(str(path)))
        target = Path(path)
        if target.suffix.lower() not in (TRANSPARENT if transparent else SUFFIXES):
            raise OutputError(
                _(
                    "{path} is not a video file name: it must end in {endings}.",
                    path=path,
                    endings=_(" or ").join(TRANSPARENT if transparent else SUFFIXES[:3]),
                )
            )
        try:
            self._file = new_file.create(target, overwrite=overwrite)
        except (OSError, ValueError) as error:
            raise OutputError(
                _("{path} cannot be written: {reason}.", path=path, reason=reason_of(error))
            ) from error
        self.name = str(self._file.path)
        suffix = target.suffix.lower()
        self._container: av.container.OutputContainer | None = av.open(
            self._file, "w", format=FORMATS[suffix], options=self._in_pieces(suffix)
        )
        try:
            self._stream = self._add_video(suffix)
            self._sounds: list[Sound] = []
            self.lost_sounds = 0
            self._lead = 0.0  # seconds that the sound starts before the first composite
            if sound_of is not None:
                from backdrop.outputs.sound import sounds_of

                self._sounds, self.lost_sounds, self._lead = sounds_of(sound_of, self._container, sound_from)
        except BaseException:
            self._file.discard()
            raise

    def _in_pieces(self, suffix: str) -> dict[str, str]:
        """Options with which the file is playable at any moment, as far as it has been written."""
        options = {"flush_packets": "1"}
        if FORMATS[suffix] in ("matroska", "webm"):
            return options | {"cluster_time_limit": str(round(PIECE * 1000))}
        # Closing the file turns the fragments into one index, which even the oldest players read. A pipe keeps the
        # fragments. They have no edit lists, which would give the time of the first frame: hence the negative offsets.
        whole_at_last = "hybrid_fragmented" if self._file.seekable() else "empty_moov"
        return options | {
            "movflags": f"+{whole_at_last}+default_base_moof+negative_cts_offsets",
            "frag_duration": str(round(PIECE * 1_000_000)),
        }

    def _add_video(self, suffix: str) -> "av.VideoStream":
        import av

        assert self._container is not None
        rate = Fraction(self._fps).limit_denominator(1001)
        options = {"preset": "veryfast", "crf": "20", "forced-idr": "1"}
        if self._live:  # x264 would buffer a second of frames, which would be lost if the program is killed
            options["tune"] = "zerolatency"
        codec, form = "libx264", "yuv420p"
        if suffix == ".webm":
            codec, form = "libvpx-vp9", "yuva420p" if self.transparent else "yuv420p"
            # The fastest settings of good quality. Reference-only frames have no alpha, so auto-alt-ref must be off.
            options = {
                "crf": "24",
                "b:v": "0",
                "deadline": "realtime",
                "cpu-used": "6",
                "auto-alt-ref": "0",
                "lag-in-frames": "0",
            }
        elif self.transparent:
            codec, form, options = "prores_ks", "yuva444p10le", {"profile": "4444"}
        options["g"] = str(max(1, round(KEY * self._fps)))
        stream = self._container.add_stream(codec, rate=rate, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = self._size
        stream.pix_fmt = form
        context = stream.codec_context
        context.time_base = Fraction(1, _TICKS)
        # BT.601 with limited range, as OpenCV converts. The file must say so: players assume BT.709 from 720p on.
        context.colorspace, context.color_range = 6, 1
        context.color_primaries, context.color_trc = 6, 6
        return stream

    @property
    def damaged(self) -> int:
        """How many damaged parts of the sound have been skipped."""
        return sum(sound.damaged for sound in self._sounds)

    def send(self, pixels: NDArray[np.uint8], at: float | None = None) -> None:
        """Write one composite, (H, W, 3) uint8 BGR or I420 of the size given when opening; (H, W, 4) BGRA if transparent.

        at: its time in seconds from the start, instead of the time that live determines. Raises OutputError.
        """
        import av

        if self._container is None:
            raise OutputError(_("{name} is closed.", name=self.name))
        if at is None:
            at = self._time()
        width, height = self._size
        if self.transparent:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[:height, :width]), format="bgra")
            frame = frame.reformat(format=self._stream.pix_fmt)
        else:
            planes = i420.as_i420(pixels, width, height)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        at += self._lead
        try:
            if self._count == 0 and at > 0:
                # Shown from the start, while there is only sound: not every player accepts a track that starts later.
                self._write(frame, 0.0)
            self._write(frame, at)
            for sound in self._sounds:
                sound.write_until(at)
        except OSError as error:
            self._failed = True
            raise OutputError(
                _("{name} cannot be written: {reason}.", name=self.name, reason=reason_of(error))
            ) from error

    def _write(self, frame: "av.VideoFrame", at: float) -> None:
        import av

        assert self._container is not None
        self._last = max(round(at * _TICKS), self._last + 1)
        frame.pts, frame.time_base = self._last, Fraction(1, _TICKS)
        if at >= self._next_key:  # by time, because frames may come so slowly that a count would take minutes
            frame.pict_type = av.video.frame.PictureType.I
            self._next_key = at + KEY - 0.5 / self._fps
        else:
            frame.pict_type = av.video.frame.PictureType.NONE
        self._count += 1
        self._container.mux(self._stream.encode(frame))

    def _time(self) -> float:
        if not self._live:
            return self._count / self._fps
        now = time.monotonic()
        if self._count == 0:
            self._started = now
        return now - self._started

    def close(self) -> None:
        """Write what is still buffered, and finish the file. Raises OutputError if the disk is full.

        A new file without content is deleted.
        """
        container, self._container = self._container, None
        if container is None:
            return
        try:
            try:
                if self._count and not self._failed:
                    container.mux(self._stream.encode())
                    for sound in self._sounds:
                        sound.write_rest()
                    container.close()
            finally:
                for sound in self._sounds:
                    sound.close()
                # Closed first: otherwise PyAV would try to finish a file that has failed.
                self._file.close() if self._count else self._file.discard()
                container.close()
        except OSError as error:
            raise OutputError(
                _("{name} cannot be finished: {reason}.", name=self.name, reason=reason_of(error))
            ) from error

"""A video file as an output: H.264 in .mp4, .mov or .mkv, VP9 in .webm, with the sound of another file where asked for."""

import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app import i420
from app.language import _
from app.local_files import is_address, open_to_write, why_no_address
from app.output import OutputError

if TYPE_CHECKING:
    import av

SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".m4v")
TRANSPARENT = (".mov", ".webm")  # ProRes 4444 and VP9 have alpha, H.264 has none
_TICKS = 90_000  # a second


class VideoWriter:
    """Writes composites to a file that every player and browser plays. The file is whole only after close()."""

    def __init__(
        self,
        path: str | Path,
        width: int,
        height: int,
        fps: float,
        *,
        live: bool = False,
        sound_of: str | Path | None = None,
        transparent: bool = False,
    ) -> None:
        """live: a composite is shown when it was sent; otherwise each is shown for 1 / fps seconds.

        An odd width or height loses its last column or row. sound_of: a video whose sound is kept. transparent: with
        alpha, in .mov or .webm, for composites in BGRA.
        Raises OutputError.
        """
        self.name = str(path)
        if is_address(self.name):
            raise OutputError(why_no_address(self.name))
        self._size = (width - width % 2, height - height % 2)
        self._fps, self._live = fps, live
        self.transparent = transparent
        self.takes_i420 = not transparent
        self._count, self._last, self._started = 0, -1, 0.0
        target = Path(path)
        if target.suffix.lower() not in (TRANSPARENT if transparent else SUFFIXES):
            raise OutputError(
                _(
                    "{path} is not a name for a video: end it in {endings}.",
                    path=path,
                    endings=_(" or ").join(TRANSPARENT if transparent else SUFFIXES[:3]),
                )
            )
        try:
            with target.open("ab"):
                pass  # FFmpeg would say only with the first frame that it cannot
            # A live file is playable up to where it broke off, should the program be killed; any other is finished
            # with its index in front, so that it starts at once from a web page.
            options = {"flush_packets": "1"} if live else {}
            if target.suffix.lower() not in (".mkv", ".webm"):
                options["movflags"] = "+hybrid_fragmented" if live else "+faststart"
            self._container: av.container.OutputContainer | None = open_to_write(path, options)
        except OSError as error:
            raise OutputError(
                _("{path} cannot be written: {reason}.", path=path, reason=_reason(error))
            ) from error
        self._stream = self._add_video(target.suffix.lower())
        self._sound = None
        if sound_of is not None:
            from app.sound import Sound

            self._sound = Sound.of(sound_of, self._container)

    def _add_video(self, suffix: str) -> "av.VideoStream":
        import av

        assert self._container is not None
        rate = Fraction(self._fps).limit_denominator(1001)
        # A frame to begin at every two seconds: players can jump there, and a broken file is lost only from there.
        options = {"preset": "veryfast", "crf": "20"}
        codec, form = "libx264", "yuv420p"
        if suffix == ".webm":
            codec, form = "libvpx-vp9", "yuva420p" if self.transparent else "yuv420p"
            # The fastest of the good ones. A frame that is only for reference has no alpha, so there must be none.
            options = {"crf": "24", "b:v": "0", "deadline": "realtime", "cpu-used": "6", "auto-alt-ref": "0"}
        elif self.transparent:
            codec, form, options = "prores_ks", "yuva444p10le", {"profile": "4444"}
        options["g"] = str(max(1, round(2 * self._fps)))
        stream = self._container.add_stream(codec, rate=rate, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = self._size
        stream.pix_fmt = form
        context = stream.codec_context
        context.time_base = Fraction(1, _TICKS)
        # BT.601 with limited range, as OpenCV converts below, and said in the file: players assume BT.709 from 720p.
        context.colorspace, context.color_range = 6, 1
        context.color_primaries, context.color_trc = 6, 6
        return stream

    def send(self, pixels: NDArray[np.uint8], at: float | None = None) -> None:
        """Write one composite, (H, W, 3) uint8 BGR or I420 of the size given when opening; BGRA where it is transparent.

        at: seconds from the beginning at which it is shown, in place of what the constructor says.
        Raises OutputError.
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
            planes = pixels if pixels.ndim == 2 else i420.from_bgr(pixels[:height, :width])
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        self._last = max(round(at * _TICKS), self._last + 1)
        frame.pts, frame.time_base = self._last, Fraction(1, _TICKS)
        self._count += 1
        try:
            self._container.mux(self._stream.encode(frame))
            if self._sound is not None:
                self._sound.write_until(at)
        except OSError as error:
            raise OutputError(
                _("{name} cannot be written: {reason}.", name=self.name, reason=_reason(error))
            ) from error

    def _time(self) -> float:
        if not self._live:
            return self._count / self._fps
        now = time.monotonic()
        if self._count == 0:
            self._started = now
        return now - self._started

    def close(self) -> None:
        """Write what is still held back and finish the file. Raises OutputError when the disk is full."""
        container, self._container = self._container, None
        if container is None:
            return
        try:
            try:
                if self._count:
                    container.mux(self._stream.encode())
                    if self._sound is not None:
                        self._sound.write_rest()
            finally:
                if self._sound is not None:
                    self._sound.close()
                container.close()
        except OSError as error:
            raise OutputError(
                _("{name} cannot be finished: {reason}.", name=self.name, reason=_reason(error))
            ) from error


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).strip().rstrip(".")

"""The sound of one video, carried over to another while that is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Self

from app.local_files import open_to_read

if TYPE_CHECKING:
    import av

# What .mp4 and .mov carry and players play there; any other sound is encoded anew as AAC. In .webm it is Opus.
COPIED = ("aac", "mp3", "ac3", "eac3", "alac")
COPIED_IN_WEBM = ("opus", "vorbis")


class Sound:
    """Copies the first sound track, packet by packet, never far ahead of the picture."""

    def __init__(self, source: "av.container.InputContainer", target: "av.container.OutputContainer") -> None:
        self._source, self._target = source, target
        self._track = source.streams.audio[0]
        in_webm = target.format.name == "webm"
        if self._track.codec_context.name in (COPIED_IN_WEBM if in_webm else COPIED):
            self._packets = self._copied(target.add_stream_from_template(self._track))
        else:
            self._packets = self._encoded(
                target.add_stream("libopus", rate=48_000)
                if in_webm
                else target.add_stream("aac", rate=self._track.codec_context.sample_rate)
            )
        self._held: av.Packet | None = None

    @classmethod
    def of(cls, path: str | Path, target: "av.container.OutputContainer") -> Self | None:
        """The sound of the video at path, to be written into target; None when it has none."""
        source = open_to_read(path)
        if not source.streams.audio:
            source.close()
            return None
        return cls(source, target)

    def write_until(self, seconds: float) -> None:
        """Write what is heard up to this time."""
        while (packet := self._held or self._next()) is not None:
            self._held = packet
            if packet.dts is not None and float(packet.dts * packet.time_base) > seconds:
                return
            self._target.mux(packet)
            self._held = None

    def _next(self) -> "av.Packet | None":
        import av

        try:
            return next(self._packets, None)
        except av.FFmpegError:
            return None  # damaged from here on: the picture goes on without it

    def write_rest(self) -> None:
        self.write_until(float("inf"))

    def close(self) -> None:
        self._source.close()

    def _copied(self, stream: "av.AudioStream") -> "Iterator[av.Packet]":
        for packet in self._source.demux(self._track):
            if packet.dts is not None:
                packet.stream = stream
                yield packet

    def _encoded(self, stream: "av.AudioStream") -> "Iterator[av.Packet]":
        for frame in self._source.decode(self._track):
            yield from stream.encode(frame)
        yield from stream.encode()

"""The sound of one video, carried over to another while that is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from backdrop.files.decoding import Track
from backdrop.files.local import open_to_read

if TYPE_CHECKING:
    import av
    from av.filter import Graph

# What .mp4 and .mov carry and players play there; any other sound is encoded again as AAC. In .webm it is Opus.
COPIED = ("aac", "mp3", "ac3", "eac3", "alac")
COPIED_IN_WEBM = ("opus", "vorbis")
RATES = (
    96_000,
    88_200,
    64_000,
    48_000,
    44_100,
    32_000,
    24_000,
    22_050,
    16_000,
    12_000,
    11_025,
    8000,
)  # AAC's
HEARD = 0.1  # seconds of sound before the first frame for which that waits; less is left out
LATE = 0.04  # seconds that a sound may begin after the picture as if it began with it


class Sound:
    """Carries over a sound track, packet by packet, never far ahead of the picture.

    It is copied where the target can hold it and it begins with the picture; else it is encoded again, with silence until it
    begins: not every kind of file can say that a track begins later.
    """

    def __init__(
        self,
        source: "av.container.InputContainer",
        track: "av.AudioStream",
        target: "av.container.OutputContainer",
        begin: float,
    ) -> None:
        """begin: the time in source that is 0 in target, in seconds."""
        self._source, self._target, self._begin = source, target, begin
        self._track = Track(source, track)
        in_webm, rate = target.format.name == "webm", track.codec_context.sample_rate
        stream: Any
        if (
            track.codec_context.name in (COPIED_IN_WEBM if in_webm else COPIED)
            and _start(track) - begin < LATE
        ):
            stream = target.add_stream_from_template(track)
            self._packets = self._copied(stream)
        else:
            codec = "libopus" if in_webm else "aac"
            stream = target.add_stream(codec, rate=rate if rate in RATES and not in_webm else 48_000)
            self._packets = self._encoded(stream)
        stream.metadata.update(
            {key: track.metadata[key] for key in ("language", "title") if key in track.metadata}
        )
        self._held: av.Packet | None = None

    @property
    def damaged(self) -> int:
        return self._track.damaged

    def write_until(self, seconds: float) -> None:
        """Write what is heard up to this time."""
        while (packet := self._held or self._next()) is not None:
            self._held = packet
            if packet.dts is not None and float(packet.dts * packet.time_base) > seconds:
                return
            self._held = None
            if packet.pts is None or packet.pts >= 0:  # what an encoder gives before 0 is to be thrown away
                self._target.mux(packet)

    def _next(self) -> "av.Packet | None":
        import av

        try:
            return next(self._packets, None)
        except (av.FFmpegError, ValueError):  # it cannot be encoded: the picture goes on without it
            self._track.damaged += 1
            return None

    def write_rest(self) -> None:
        self.write_until(float("inf"))

    def close(self) -> None:
        self._source.close()

    def _copied(self, stream: "av.AudioStream") -> "Iterator[av.Packet]":
        for packet in self._track.packets():
            if packet.dts is None or packet.pts is None or packet.is_discard:
                continue
            earlier = round(self._begin / packet.time_base)
            packet.pts -= earlier
            packet.dts -= earlier
            packet.stream = stream
            yield packet

    def _encoded(self, stream: "av.AudioStream") -> "Iterator[av.Packet]":
        unpremultiplied: Graph | None = None
        form = None
        for frame in self._track.frames():
            if frame.pts is None or frame.time_base is None:
                continue
            frame.pts -= round(self._begin / frame.time_base)
            if (frame.format.name, frame.layout.name, frame.sample_rate) != form:
                if unpremultiplied is not None:
                    yield from _through(unpremultiplied, None, stream)
                form = (frame.format.name, frame.layout.name, frame.sample_rate)
                unpremultiplied = _without_gaps(
                    frame, stream.codec_context.sample_rate, again=unpremultiplied is not None
                )
            yield from _through(cast("Graph", unpremultiplied), frame, stream)
        if unpremultiplied is not None:
            yield from _through(unpremultiplied, None, stream)
        yield from stream.encode()


def _without_gaps(frame: "av.AudioFrame", rate: int, *, again: bool) -> "Graph":
    """Filters that put silence where sound is missing and take out what is there twice: encoders know of no gaps."""
    from av.filter import Graph

    graph = Graph()
    first = max(round((frame.time or 0.0) * rate), 0) if again else 0
    graph.link_nodes(
        graph.add_abuffer(
            sample_rate=frame.sample_rate,
            format=frame.format.name,
            layout=frame.layout.name,
            time_base=frame.time_base,
        ),
        graph.add("aresample", f"{rate}:async=1:first_pts={first}"),
        graph.add("abuffersink"),
    ).configure()
    return graph


def _through(
    graph: "Graph", frame: "av.AudioFrame | None", stream: "av.AudioStream"
) -> "Iterator[av.Packet]":
    import av

    graph.push(frame)
    while True:
        try:
            filtered = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        yield from stream.encode(cast("av.AudioFrame", filtered))


def sounds_of(
    path: str | Path, target: "av.container.OutputContainer", begin: float
) -> tuple[list[Sound], int, float]:
    """The sound tracks of the video at path, to be written into target; how many there are that cannot be read; a lead.

    begin: the time in that video of its first frame. lead: how many seconds that is to be shown after the sound begins.
    """
    sounds: list[Sound] = []
    with open_to_read(path) as container:
        readable = [track.codec_context is not None for track in container.streams.audio]
        first = min((_start(track) for track in container.streams.audio), default=begin)
    lead = begin - first if begin - first > HEARD else 0.0
    for index in range(len(readable)):
        if readable[index]:
            source = open_to_read(path)  # one for each: they are read at their own pace
            sounds.append(Sound(source, source.streams.audio[index], target, begin - lead))
    return sounds, readable.count(False), lead


def _start(track: "av.AudioStream") -> float:
    return float((track.start_time or 0) * (track.time_base or 0))

"""Copy the sound of one video into another while that is being written."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from backdrop.files.decoding import Track
from backdrop.files.local import open_to_read

if TYPE_CHECKING:
    import av
    from av.filter import Graph

# Codecs that players accept in .mp4 and .mov; other sound is encoded again as AAC. In .webm it becomes Opus.
COPIED = ("aac", "mp3", "ac3", "eac3", "alac")
COPIED_IN_WEBM = ("opus", "vorbis")
# Those of AAC.
RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000)
HEARD = 0.1  # seconds; the first frame is delayed for longer sound before it, and shorter sound is dropped
LATE = 0.04  # seconds; a sound that starts at most this late counts as starting with the picture


class Sound:
    """Copies a sound track, packet by packet, never far ahead of the picture.

    Packets are copied if the target supports the codec and the sound starts with the picture. Otherwise the sound is encoded
    again, with silence until it starts, because not every file format can say that a track starts later.
    """

    def __init__(
        self,
        source: "av.container.InputContainer",
        track: "av.AudioStream",
        target: "av.container.OutputContainer",
        begin: float,
    ) -> None:
        """begin: the time in source, in seconds, that becomes 0 in target."""
        self._source, self._target, self._begin = source, target, begin
        self._track = Track(source, track)
        in_webm, rate = target.format.name == "webm", track.codec_context.sample_rate
        stream: Any
        copied = track.codec_context.name in (COPIED_IN_WEBM if in_webm else COPIED)
        if copied and _start(track) - begin < LATE:
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
        """Write the sound up to this time."""
        while (packet := self._held or self._next()) is not None:
            self._held = packet
            if packet.dts is not None and float(packet.dts * packet.time_base) > seconds:
                return
            self._held = None
            if packet.pts is None or packet.pts >= 0:  # an encoder's output before 0 is padding
                self._target.mux(packet)

    def _next(self) -> "av.Packet | None":
        import av

        try:
            return next(self._packets, None)
        except (av.FFmpegError, ValueError):  # it cannot be encoded; the picture continues without it
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
        gapless: Graph | None = None
        form = None
        for frame in self._track.frames():
            if frame.pts is None or frame.time_base is None:
                continue
            frame.pts -= round(self._begin / frame.time_base)
            if (frame.format.name, frame.layout.name, frame.sample_rate) != form:
                if gapless is not None:
                    yield from _through(gapless, None, stream)
                form = (frame.format.name, frame.layout.name, frame.sample_rate)
                gapless = _without_gaps(frame, stream.codec_context.sample_rate, again=gapless is not None)
            yield from _through(cast("Graph", gapless), frame, stream)
        if gapless is not None:
            yield from _through(gapless, None, stream)
        yield from stream.encode()


def _without_gaps(frame: "av.AudioFrame", rate: int, *, again: bool) -> "Graph":
    """Filters that fill gaps with silence and drop repeated sound, because encoders cannot handle gaps."""
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
    """Return the sound tracks of the video at path, ready for target, the number of unreadable tracks, and the lead.

    begin: the time of the video's first frame. lead: how many seconds the sound starts before that frame.
    """
    sounds: list[Sound] = []
    with open_to_read(path) as container:
        readable = [track.codec_context is not None for track in container.streams.audio]
        first = min((_start(track) for track in container.streams.audio), default=begin)
    lead = begin - first if begin - first > HEARD else 0.0
    for index in range(len(readable)):
        if readable[index]:
            source = open_to_read(path)  # one per track, because each is read at its own pace
            sounds.append(Sound(source, source.streams.audio[index], target, begin - lead))
    return sounds, readable.count(False), lead


def _start(track: "av.AudioStream") -> float:
    return float((track.start_time or 0) * (track.time_base or 0))

"""Decode video files: progressive frames in a screen's colours, whatever the file holds. Damaged parts are skipped."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

import numpy as np
from numpy.typing import NDArray

from backdrop.files import hdr
from backdrop.frames.fit import covering_part

if TYPE_CHECKING:
    import av
    import av.filter.context

GIVEN_UP = 50  # errors in a row, after which the rest of a file is not read
DEINTERLACE = ("bwdif", {"mode": "send_frame", "deint": "interlaced"})
TO_BGR = ("format", {"pix_fmts": "bgr24"})
TO_BGRA = ("format", {"pix_fmts": "bgra"})
BEHIND = 128  # the grey level shown where a video is transparent
BT709, UNKNOWN, BT601 = 1, 2, 5  # FFmpeg's numbers for colour spaces; RGB is 0


class Track:
    """One video or sound track of an open file. damaged: how many damaged parts have been skipped so far."""

    def __init__(self, container: "av.container.InputContainer", stream: "av.stream.Stream") -> None:
        self._container, self._stream = container, stream
        self.damaged = 0

    def packets(self) -> Iterator["av.Packet"]:
        """The remaining packets of the file. The last one is empty."""
        import av

        failed = 0
        while failed < GIVEN_UP:
            try:
                for packet in self._container.demux(self._stream):
                    failed = 0
                    self.damaged += packet.is_corrupt
                    yield packet
                return
            except av.FFmpegError:
                self.damaged += 1
                failed += 1

    def frames(self) -> Iterator[Any]:
        """The remaining frames of the file. A frame that cannot be decoded is skipped."""
        import av

        for packet in self.packets():
            try:
                decoded = packet.decode()
            except av.FFmpegError:
                self.damaged += 1
                continue
            for frame in decoded:
                self.damaged += frame.is_corrupt and not packet.is_corrupt
                yield frame


class Pictures(Track):
    """The frames of a video, deinterlaced, each with its colour space set."""

    def __init__(self, container: "av.container.InputContainer") -> None:
        """Raises IndexError if the file has no video track."""
        # Not simply the first: in some files that is the cover picture.
        stream = cast("av.VideoStream | None", container.streams.best("video"))
        if stream is None:
            raise IndexError("no picture")
        super().__init__(container, stream)
        self.stream = stream
        self._interlaced = False

    def frames(self) -> Iterator["av.VideoFrame"]:
        """The remaining frames of the file."""
        import av

        deinterlaced, layout = None, None
        for frame in super().frames():
            _mark(frame)
            self._interlaced |= frame.interlaced_frame
            if self._interlaced and _layout(frame) != layout:
                if deinterlaced is not None:
                    yield from deinterlaced(None)
                layout, deinterlaced = _layout(frame), None
                with suppress(av.FFmpegError):  # the frame has too few lines
                    deinterlaced = _Filters(frame, [DEINTERLACE], self.stream.time_base)
            yield from [frame] if deinterlaced is None else deinterlaced(frame)
        if deinterlaced is not None:
            yield from deinterlaced(None)


class _Filters:
    """A chain of FFmpeg filters, for frames of one layout."""

    def __init__(
        self, frame: "av.VideoFrame", steps: list[tuple[str, dict[str, str]]], time_base: Fraction | None
    ) -> None:
        from av.filter import Graph

        self._graph = Graph()
        self._graph.threads = 1
        nodes = [
            self._graph.add(
                "buffer",
                video_size=f"{frame.width}x{frame.height}",
                pix_fmt=frame.format.name,
                time_base=str(time_base or Fraction(1, 1000)),
                pixel_aspect="1/1",
                colorspace=str(frame.colorspace),
                range=str(frame.color_range),
            ),
            *(self._graph.add(name, **options) for name, options in steps),
            self._graph.add("buffersink"),
        ]
        self._graph.link_nodes(*nodes).configure()
        self._first, self._last = nodes[0], nodes[-1]

    def __call__(self, frame: "av.VideoFrame | None") -> list["av.VideoFrame"]:
        """Return what comes out after another frame, or at the end, None. It may be nothing yet."""
        import av

        self._first.push(frame)
        out = []
        while True:
            try:
                out.append(cast("av.VideoFrame", self._last.pull()))
            except (av.BlockingIOError, av.EOFError):
                return out


def _layout(frame: "av.VideoFrame") -> tuple[object, ...]:
    return frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range


def _mark(frame: "av.VideoFrame") -> None:
    """Set the colour matrix if the file does not: players use BT.709 for HD."""
    if frame.colorspace == UNKNOWN and not frame.format.is_rgb:
        frame.colorspace = BT709 if frame.width >= 1280 or frame.height > 576 else BT601
    # FFmpeg's scaler refuses frames with a transfer that it does not know.
    if frame.color_trc not in (hdr.PQ, hdr.HLG):
        frame.color_trc = frame.color_primaries = UNKNOWN


def _has_alpha(frame: "av.VideoFrame") -> bool:
    return frame.format.has_palette or any(each.is_alpha for each in frame.format.components)


def _over_grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 BGRA as BGR over grey: colours in transparent parts must not be seen."""
    alpha = pixels[..., 3:].astype(np.uint16)
    mixed = (pixels[..., :3] * alpha + BEHIND * (255 - alpha) + 127) // 255
    return cast("NDArray[np.uint8]", mixed.astype(np.uint8))


class Orientation(NamedTuple):
    """How to turn a frame: exchange rows and columns, then flip. Phones store their video lying on its side."""

    exchanged: bool
    flip_x: bool
    flip_y: bool

    @classmethod
    def of(cls, frame: "av.VideoFrame") -> Self:
        """The orientation nearest to the angle in the file, which may be any."""
        data = frame.side_data.get("DISPLAYMATRIX")
        if data is None:
            return cls(False, False, False)
        a, b, _, c, d = np.frombuffer(cast("Any", data), np.int32)[:5].tolist()
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(False, a < 0, d < 0)
        return cls(True, c < 0, b < 0)

    def turned(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Turn pixels, (H, W, 3). Returns a view."""
        if self.exchanged:
            pixels = pixels.swapaxes(0, 1)
        return pixels[:: -1 if self.flip_y else 1, :: -1 if self.flip_x else 1]


class Screen:
    """Turns the frames of one video into arrays, as a screen shows them. Thread-safe."""

    def __init__(self, pixel: Fraction | None) -> None:
        """pixel: the aspect ratio of a pixel, width over height; None for 1."""
        self._pixel = pixel or 1
        self._using = threading.Lock()
        self._made_for: object = None
        self._filters: _Filters | None = None

    def size(self, frame: "av.VideoFrame") -> tuple[int, int]:
        """The (width, height) at which a frame is shown."""
        wide, tall = max(1, round(frame.width * self._pixel)), frame.height
        return (tall, wide) if Orientation.of(frame).exchanged else (wide, tall)

    def covering(self, frame: "av.VideoFrame", width: int, height: int) -> NDArray[np.uint8]:
        """A frame, upright, scaled to cover width × height and cropped equally on both sides, uint8 BGR.

        It is cropped before it is scaled, so that a long thin frame does not become a huge one.
        """
        turn = Orientation.of(frame)
        key = (_layout(frame), frame.color_trc, turn, width, height)
        with self._using:
            if key != self._made_for or self._filters is None:
                self._filters, self._made_for = self._made(frame, turn, width, height), key
            (scaled,) = self._filters(frame)
        pixels = cast("NDArray[np.uint8]", scaled.to_ndarray())
        return np.ascontiguousarray(turn.turned(pixels if pixels.shape[2] == 3 else _over_grey(pixels)))

    def _made(self, frame: "av.VideoFrame", turn: Orientation, width: int, height: int) -> _Filters:
        wide, tall, size = *self.size(frame), (width, height)
        if turn.exchanged:  # from here on as it lies in the file
            wide, tall, size = tall, wide, (height, width)
        scale, across, down = covering_part(wide, tall, *size)
        across = max(1, round(across * frame.width / wide))
        how = "area" if scale < 1 else "bicubic"
        steps = [("scale", {"width": str(size[0]), "height": str(size[1]), "flags": how})]
        if (across, down) != (frame.width, frame.height):
            steps.insert(0, ("crop", {"out_w": str(across), "out_h": str(down)}))
        if frame.color_trc not in (hdr.PQ, hdr.HLG):
            return _Filters(frame, [*steps, TO_BGRA if _has_alpha(frame) else TO_BGR], frame.time_base)
        with TemporaryDirectory(prefix="backdrop-") as folder:
            table = Path(folder, "table.cube")
            table.write_text(hdr.table(frame.color_trc))
            steps += [("format", {"pix_fmts": "gbrp16le"}), ("lut3d", {"file": str(table)})]
            return _Filters(frame, [*steps, TO_BGR], frame.time_base)

"""A video source in PipeWire, published with PipeWire's client library, which every PipeWire desktop has.

libpipewire speaks the protocol. Here are its structures (pipewire/stream.h, spa/buffer/buffer.h), the same since version
0.3, and the few parameters that a stream announces, in the layout of spa/pod/pod.h.
"""

import ctypes
import os
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_int,
    c_int32,
    c_int64,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LIBRARY = "libpipewire-0.3.so.0"
I420, YUY2 = 2, 4  # of enum spa_video_format
UNCONNECTED, CONNECTING, PAUSED, STREAMING, ERROR = 0, 1, 2, 3, -1  # of enum pw_stream_state

_ID, _INT, _RECTANGLE, _FRACTION, _OBJECT, _CHOICE = 3, 4, 10, 11, 15, 19  # SPA_TYPE_…
_FORMAT_OBJECT, _BUFFERS_OBJECT, _META_OBJECT = 0x40003, 0x40004, 0x40005
_ENUM_FORMAT, _FORMAT, _BUFFERS, _META = 3, 4, 5, 6  # SPA_PARAM_…
_MEDIA_TYPE, _MEDIA_SUBTYPE, _VIDEO_FORMAT, _SIZE, _RATE = 1, 2, 0x20001, 0x20003, 0x20004
_VIDEO, _RAW = 2, 1
_RANGE, _ENUM, _FLAGS = 1, 3, 4  # SPA_CHOICE_…
_OUTPUT, _ANY = 1, 0xFFFFFFFF
_MAP_BUFFERS, _DRIVER = 1 << 2, 1 << 3  # PW_STREAM_FLAG_…
_MEMORY = 1 << 1 | 1 << 2  # SPA_DATA_MemPtr and SPA_DATA_MemFd, as flags
_HEADER, _HEADER_SIZE = 1, 32  # SPA_META_Header


class PipeWireError(Exception):
    """PipeWire is missing or has gone away. str() is its own reason, a few words."""


class _Chunk(Structure):
    _fields_ = (("offset", c_uint32), ("size", c_uint32), ("stride", c_int32), ("flags", c_int32))


class _Data(Structure):
    _fields_ = (
        ("type", c_uint32), ("flags", c_uint32), ("fd", c_int64), ("mapoffset", c_uint32), ("maxsize", c_uint32),
        ("data", c_void_p), ("chunk", POINTER(_Chunk)),
    )  # fmt: skip


class _Meta(Structure):
    _fields_ = (("type", c_uint32), ("size", c_uint32), ("data", c_void_p))


class _Header(Structure):
    _fields_ = (
        ("flags", c_uint32), ("offset", c_uint32), ("pts", c_int64), ("dts_offset", c_int64), ("seq", c_uint64)
    )  # fmt: skip


class _SpaBuffer(Structure):
    _fields_ = (
        ("n_metas", c_uint32), ("n_datas", c_uint32), ("metas", POINTER(_Meta)), ("datas", POINTER(_Data))
    )  # fmt: skip


class _Buffer(Structure):
    _fields_ = (("buffer", POINTER(_SpaBuffer)), ("user_data", c_void_p), ("size", c_uint64))


_StateChanged = CFUNCTYPE(None, c_void_p, c_int, c_int, c_char_p)
_ParamChanged = CFUNCTYPE(None, c_void_p, c_uint32, c_void_p)


class _Events(Structure):
    """struct pw_stream_events, version 0; fields added later are not needed."""

    _fields_ = (
        ("version", c_uint32), ("destroy", c_void_p), ("state_changed", _StateChanged), ("control_info", c_void_p),
        ("io_changed", c_void_p), ("param_changed", _ParamChanged), ("add_buffer", c_void_p),
        ("remove_buffer", c_void_p), ("process", c_void_p), ("drained", c_void_p),
    )  # fmt: skip


class VideoSource:
    """A node that other programs can read as a camera, from the constructor until close().

    state: PipeWire's state of the stream; STREAMING while a program reads. format: what the reader takes, I420 or YUY2.
    """

    def __init__(self, properties: dict[str, str], width: int, height: int, fps: float) -> None:
        """width, height: even. Raises PipeWireError."""
        self.state, self.format = CONNECTING, I420
        self._reason = ""
        self._size = (width, height)
        self._count = 0
        self._stream: int | None = None
        self._lib = _library()
        # Kept here because PipeWire holds their addresses until the stream is destroyed.
        self._events = _Events(
            state_changed=_StateChanged(self._on_state), param_changed=_ParamChanged(self._on_parameter)
        )
        self._loop = self._lib.pw_thread_loop_new(b"pipewire", None)
        if not self._loop:
            raise PipeWireError(os.strerror(ctypes.get_errno()))
        try:
            self._connect(properties, fps)
        except PipeWireError:
            self.close()
            raise

    def _connect(self, properties: dict[str, str], fps: float) -> None:
        lib = self._lib
        if lib.pw_thread_loop_start(self._loop) < 0:
            raise PipeWireError(os.strerror(ctypes.get_errno()))
        words = " ".join(f'{name}="{value}"' for name, value in properties.items())
        with self._locked():
            self._stream = lib.pw_stream_new_simple(
                lib.pw_thread_loop_get_loop(self._loop),
                properties["node.name"].encode(),
                lib.pw_properties_new_string(words.encode()),
                ctypes.byref(self._events),
                None,
            )
            if not self._stream:
                raise PipeWireError(os.strerror(ctypes.get_errno()))
            pods = [ctypes.create_string_buffer(each, len(each)) for each in _parameters(*self._size, fps)]
            array = (c_void_p * len(pods))(*(ctypes.addressof(pod) for pod in pods))
            answer = lib.pw_stream_connect(
                self._stream, _OUTPUT, _ANY, _MAP_BUFFERS | _DRIVER, array, len(pods)
            )
        if answer < 0:
            raise PipeWireError(os.strerror(-answer))

    def send(self, planes: NDArray[np.uint8]) -> None:
        """Send one I420 frame, of the size given when opening, to the readers. Does nothing if there are none.

        Raises PipeWireError if PipeWire has gone away.
        """
        if self._stream is None or self.state in (ERROR, UNCONNECTED):
            raise PipeWireError(self._reason or os.strerror(107))  # "not connected"
        if self.state != STREAMING:
            return
        lib = self._lib
        with self._locked():
            address = lib.pw_stream_dequeue_buffer(self._stream)
            if not address:  # slow readers hold all buffers, so they miss this frame
                return
            self._fill(ctypes.cast(address, POINTER(_Buffer)).contents.buffer.contents, planes)
            lib.pw_stream_queue_buffer(self._stream, address)
            lib.pw_stream_trigger_process(self._stream)

    @property
    def node(self) -> int | None:
        """The node's number in PipeWire, None while there is none."""
        number = self._lib.pw_stream_get_node_id(self._stream) if self._stream else _ANY
        return None if number == _ANY else number

    def close(self) -> None:
        """Remove the node. Harmless the second time."""
        loop, self._loop = self._loop, None
        if not loop:
            return
        self._lib.pw_thread_loop_stop(loop)
        stream, self._stream = self._stream, None
        if stream:
            self._lib.pw_stream_destroy(stream)
        self._lib.pw_thread_loop_destroy(loop)

    def _fill(self, buffer: _SpaBuffer, planes: NDArray[np.uint8]) -> None:
        width, height = self._size
        data = buffer.datas[0]
        size, stride = (planes.size, width) if self.format == I420 else (2 * width * height, 2 * width)
        chunk = data.chunk.contents
        chunk.offset, chunk.flags = 0, 0
        if not data.data or data.maxsize < size:
            chunk.size = 0  # the reader's buffer is too small for a frame
            return
        target = np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(data.data))
        if self.format == I420:
            target[:] = planes.reshape(-1)
        else:
            to_yuy2(planes, target.reshape(height, width, 2))
        chunk.size, chunk.stride = size, stride
        for index in range(buffer.n_metas):
            meta = buffer.metas[index]
            if meta.type == _HEADER and meta.size >= _HEADER_SIZE:
                header = _Header.from_address(meta.data)
                header.flags = header.offset = header.dts_offset = 0
                header.pts, header.seq = time.monotonic_ns(), self._count
        self._count += 1

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._lib.pw_thread_loop_lock(self._loop)
        try:
            yield
        finally:
            self._lib.pw_thread_loop_unlock(self._loop)

    def _on_state(self, _data: object, _old: int, state: int, reason: bytes | None) -> None:
        self.state = state
        if reason:
            self._reason = reason.decode(errors="replace")

    def _on_parameter(self, _data: object, which: int, pod: int | None) -> None:
        if which == _FORMAT and pod:
            size = struct.unpack("=I", ctypes.string_at(pod, 4))[0]
            self.format = video_format(ctypes.string_at(pod, 8 + size)) or I420


def to_yuy2(i420: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
    """Convert I420 to YUY2, (H, W, 2) uint8: Y, then U and V in turn. Each row of colours is used for two rows."""
    height, width, _two = target.shape
    target[:, :, 0] = i420[:height]
    colours = i420[height:].reshape(2, height // 2, width // 2)
    for rows in (target[0::2], target[1::2]):
        rows[:, 0::2, 1], rows[:, 1::2, 1] = colours


def _pod(kind: int, body: bytes) -> bytes:
    return struct.pack("=II", len(body), kind) + body + bytes(-len(body) % 8)


def _choice(choice: int, kind: int, *values: bytes) -> bytes:
    """The first value is the preferred one."""
    return _pod(_CHOICE, struct.pack("=IIII", choice, 0, len(values[0]), kind) + b"".join(values))


def _object(kind: int, which: int, properties: dict[int, bytes]) -> bytes:
    body = b"".join(struct.pack("=II", key, 0) + value for key, value in properties.items())
    return _pod(_OBJECT, struct.pack("=II", kind, which) + body)


def _parameters(width: int, height: int, fps: float) -> list[bytes]:
    """The formats that a reader can choose from, and buffers with room for either."""
    rate = struct.pack("=II", round(fps * 1000), 1000)
    rates = rate, struct.pack("=II", 1, 1), struct.pack("=II", max(60_000, round(fps * 1000)), 1000)

    def number(value: int, kind: int = _INT) -> bytes:
        return _pod(kind, struct.pack("=I", value))

    formats = [
        _object(
            _FORMAT_OBJECT,
            _ENUM_FORMAT,
            {
                _MEDIA_TYPE: number(_VIDEO, _ID),
                _MEDIA_SUBTYPE: number(_RAW, _ID),
                _VIDEO_FORMAT: number(each, _ID),
                _SIZE: _pod(_RECTANGLE, struct.pack("=II", width, height)),
                _RATE: at,
            },
        )
        # The real rate first, then any other: a reader that insists on another rate still gets the frames as they come.
        for at in (_pod(_FRACTION, rate), _choice(_RANGE, _FRACTION, *rates))
        for each in (I420, YUY2)
    ]
    buffers = _object(
        _BUFFERS_OBJECT,
        _BUFFERS,
        {
            1: _choice(_RANGE, _INT, *(struct.pack("=I", count) for count in (4, 2, 8))),
            2: number(1),  # all planes in one block
            3: number(2 * width * height),
            4: number(width),
            6: _choice(_FLAGS, _INT, struct.pack("=I", _MEMORY)),
        },
    )
    meta = _object(_META_OBJECT, _META, {1: number(_HEADER, _ID), 2: number(_HEADER_SIZE)})
    return [*formats, buffers, meta]


def video_format(pod: bytes) -> int | None:
    """The pixel format in the format that PipeWire has negotiated, None if it has none."""
    at = 16
    while at + 20 <= len(pod):
        key, _flags, size, kind, value = struct.unpack_from("=IIIII", pod, at)
        if key == _VIDEO_FORMAT:
            # A remaining choice has one value, after its header.
            return value if kind == _ID else struct.unpack_from("=I", pod, at + 32)[0]
        at += 16 + size + -size % 8
    return None


def is_installed() -> bool:
    """Whether the PipeWire library is installed."""
    try:
        _library()
    except PipeWireError:
        return False
    return True


def socket_of(environment: Mapping[str, str]) -> Path:
    """The socket of PipeWire."""
    folder = environment.get("PIPEWIRE_RUNTIME_DIR") or environment.get("XDG_RUNTIME_DIR") or "/run/pipewire"
    return Path(folder, environment.get("PIPEWIRE_REMOTE") or "pipewire-0")


def is_running() -> bool:
    """Whether PipeWire is running for this user."""
    return socket_of(os.environ).is_socket()


_loaded: ctypes.CDLL | None = None


def _library() -> ctypes.CDLL:
    """libpipewire, ready to use. Raises PipeWireError if it is not installed."""
    global _loaded
    if _loaded is None:
        try:
            lib = ctypes.CDLL(LIBRARY, use_errno=True)
        except OSError as error:
            raise PipeWireError(str(error)) from error
        pointer, text = c_void_p, c_char_p
        for name, result, arguments in (
            ("pw_thread_loop_new", pointer, (text, pointer)),
            ("pw_thread_loop_start", c_int, (pointer,)),
            ("pw_thread_loop_stop", None, (pointer,)),
            ("pw_thread_loop_destroy", None, (pointer,)),
            ("pw_thread_loop_lock", None, (pointer,)),
            ("pw_thread_loop_unlock", None, (pointer,)),
            ("pw_thread_loop_get_loop", pointer, (pointer,)),
            ("pw_properties_new_string", pointer, (text,)),
            ("pw_stream_new_simple", pointer, (pointer, text, pointer, pointer, pointer)),
            ("pw_stream_connect", c_int, (pointer, c_int, c_uint32, c_int, pointer, c_uint32)),
            ("pw_stream_destroy", None, (pointer,)),
            ("pw_stream_get_node_id", c_uint32, (pointer,)),
            ("pw_stream_dequeue_buffer", pointer, (pointer,)),
            ("pw_stream_queue_buffer", c_int, (pointer, pointer)),
            ("pw_stream_trigger_process", c_int, (pointer,)),
        ):
            function = getattr(lib, name)
            function.restype, function.argtypes = result, arguments
        lib.pw_init(None, None)
        _loaded = lib
    return _loaded

"""A virtual camera without a driver: a PipeWire node that browsers, GNOME and KDE applications and OBS list as "Backdrop"."""

import json
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from backdrop.language import _
from backdrop.outputs.base import OutputError
from backdrop.system.pipewire import STREAMING, PipeWireError, VideoSource, is_installed, is_running
from backdrop.system.pipewire_install import START, how_to_install
from backdrop.system.probe import said_by

NAME = "Backdrop"
PROPERTIES = {
    "media.class": "Video/Source",
    "media.role": "Camera",
    "node.name": "backdrop",
    "node.description": NAME,
    "node.nick": NAME,
}


class PipeWireCamera:
    """Sends to the programs that read the node. While none does, a frame costs nothing."""

    pixel_format = PixelFormat.I420

    def __init__(self, width: int, height: int, fps: float) -> None:
        """An odd width or height loses its last column or row. Raises OutputError, which says what to install."""
        if not sys.platform.startswith("linux"):
            raise OutputError(
                _("PipeWire is available only on Linux: leave out --output to use the virtual camera.")
            )
        self.name = _("Backdrop (PipeWire)")
        self._size = (width - width % 2, height - height % 2)
        try:
            self._source: VideoSource | None = VideoSource(PROPERTIES, *self._size, fps)
            self._node: int | None = None
        except PipeWireError as error:
            raise OutputError(_why_not(error)) from error

    def send(self, pixels: NDArray[np.uint8]) -> None:
        """Send one composite, (H, W, 3) uint8 BGR or I420, of the size given when opening. Raises OutputError."""
        if self._source is None:
            raise OutputError(_("{name} is closed.", name=self.name))
        width, height = self._size
        if self.has_consumers() and PixelFormat.of(pixels) is PixelFormat.BGR:
            pixels = i420.from_bgr(pixels[:height, :width])
        try:
            self._source.send(pixels)
        except PipeWireError as error:
            raise OutputError(
                _("PipeWire stopped ({reason}). Backdrop reconnects when it is back.", reason=error)
            ) from error

    def has_consumers(self) -> bool:
        """Whether a program streams from it."""
        streaming = self._source is not None and self._source.state == STREAMING
        # Kept for readers(), which another thread may call while this one closes the node.
        if streaming and self._node is None and self._source is not None:
            self._node = self._source.node
        return streaming

    def readers(self) -> list[str]:
        """The names of the programs that stream from it, once has_consumers() has been true. Any one thread may call this.

        Takes 50 ms. Empty if PipeWire's tools are missing.
        """
        node = self._node
        if node is None:
            return []
        try:
            return readers_of(node, json.loads(said_by("pw-dump")))
        except ValueError:
            return []

    def close(self) -> None:
        """Remove the node."""
        source, self._source, self._node = self._source, None, None
        if source is not None:
            source.close()


def readers_of(node: int, dump: list[dict[str, Any]]) -> list[str]:
    """The names of the programs that read a node, sorted. dump: the output of pw-dump. node: its number."""
    told = {each["id"]: each.get("info") or {} for each in dump}
    names = set()
    for link in told.values():
        if link.get("output-node-id") == node:
            reader = (told.get(link.get("input-node-id")) or {}).get("props") or {}
            client = (told.get(reader.get("client.id")) or {}).get("props") or {}
            names.add(
                client.get("application.name")
                or reader.get("application.name")
                or reader.get("node.name")
                or "?"
            )
    return sorted(names)


def is_available() -> bool:
    """Whether PipeWire is installed and running for this user."""
    return sys.platform.startswith("linux") and is_installed() and is_running()


def _why_not(error: PipeWireError) -> str:
    """One sentence for a person: the reason, and what to do next."""
    if not is_installed():
        return _("PipeWire is not installed: {install}.", install=how_to_install())
    return _("PipeWire does not respond ({reason}): run `{command}`.", reason=error, command=START)

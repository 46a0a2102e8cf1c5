"""A real browser in a call: the page that it opens, and what it hands in of the camera that it finds there."""

import queue
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.system.clip import Clip, measure
from tests.system.rig import Process, in_all, kind_of

FRAMES = 40  # until the browser came, the camera rested: the first are placeholders
COMPOSITES = 5
STARTS_WITHIN = (
    120.0  # seconds, for a browser of 300 MB in a machine that reads it through another's file system
)
CHROMIUM = [
    "chromium", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions",
    "--use-fake-ui-for-media-stream",  # answers the question whether the page may use the camera with yes
]  # fmt: skip


class Page(ThreadingHTTPServer):
    """Serves call.html, and takes what it hands in: what it was, and the bytes."""

    def __init__(self) -> None:
        self.handed_in: queue.Queue[tuple[str, bytes]] = queue.Queue()
        super().__init__(("127.0.0.1", 0), PageHandler)

    def address(self, frames: int, camera: str = "Backdrop") -> str:
        """Of the page that opens this camera and hands in so many frames; with 0, it goes on showing it."""
        return f"http://127.0.0.1:{self.server_port}/?camera={camera}&frames={frames}"

    def seen_by(self, browser: Process) -> tuple[str, list[NDArray[np.uint8]]]:
        """The camera's name in the browser, and the frames that it saw."""
        frames: list[NDArray[np.uint8]] = []
        try:
            while True:
                what, body = self.handed_in.get(timeout=STARTS_WITHIN)
                if what == "/end":
                    return body.decode(), frames
                frames.append(
                    np.asarray(cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR), np.uint8)
                )
        except queue.Empty:
            raise AssertionError(f"The browser handed in nothing. It said:\n{browser.said}") from None

    def handle_error(self, *_: object) -> None:
        """The browser has been ended before it had its answer."""


class PageHandler(BaseHTTPRequestHandler):
    server: Page

    def do_GET(self) -> None:
        page = Path(__file__).with_name("call.html").read_bytes() if self.path.startswith("/?") else b""
        self._answer(200 if page else 404, page)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.handed_in.put((self.path, body))
        self._answer(200)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def assert_the_person_is_there_and_the_room_is_not(seen: list[NDArray[np.uint8]], clip: Clip) -> None:
    """Of the frames that a browser saw; they count in the sum over all tests."""
    kinds = Counter(map(kind_of, seen))
    print(kinds)
    in_all.kinds.update(kinds)
    assert kinds["room"] == 0
    measured = [measure(frame, clip) for frame in seen if kind_of(frame) == "composite"]
    print(*measured, sep="\n")
    assert len(measured) >= COMPOSITES
    assert np.mean([each.kept for each in measured]) > 0.9
    assert np.mean([each.gone for each in measured]) > 0.97
    assert max(each.leak for each in measured) < 0.02

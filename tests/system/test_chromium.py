"""A real browser in a call: what getUserMedia makes of the virtual camera."""

import os
import queue
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.system.clip import Clip, measure
from tests.system.conftest import Play, Start
from tests.system.rig import CLIP, Process, Watcher, in_all, kind_of

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]

FRAMES = 40  # until the browser came, the camera rested: the first are cards
COMPOSITES = 5
STARTS_WITHIN = (
    120.0  # seconds, for a browser of 300 MB in a machine that reads it through another's file system
)
OPTIONS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions",
    "--use-fake-ui-for-media-stream",  # answers the question whether the page may use the camera with yes
]  # fmt: skip


class Page(ThreadingHTTPServer):
    """Serves call.html, and takes what it hands in: what it was, and the bytes."""

    def __init__(self) -> None:
        self.handed_in: queue.Queue[tuple[str, bytes]] = queue.Queue()
        super().__init__(("127.0.0.1", 0), PageHandler)

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


@pytest.fixture
def page() -> Iterator[Page]:
    with Page() as page:
        Thread(target=page.serve_forever, daemon=True).start()
        yield page
        page.shutdown()


def what_chromium_sees(page: Page, profile: Path, camera: str) -> tuple[str, list[NDArray[np.uint8]]]:
    """Open the page in Chromium, and with it a camera. Returns the camera's name there, and frames."""
    address = f"http://127.0.0.1:{page.server_port}/?camera={camera}&frames={FRAMES}"
    browser = Process("chromium", *OPTIONS, f"--user-data-dir={profile}", address)
    frames: list[NDArray[np.uint8]] = []
    try:
        while True:
            what, body = page.handed_in.get(timeout=STARTS_WITHIN)
            if what == "/end":
                return body.decode(), frames
            frames.append(np.asarray(cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR), np.uint8))
    except queue.Empty:
        raise AssertionError(f"Chromium handed in nothing. It said:\n{browser.said}") from None
    finally:
        browser.kill()


def test_a_browser_sees_the_person_and_not_the_room(
    play: Play, start: Start, page: Page, frames: Path, clip: Clip, tmp_path: Path
):
    play(frames, CLIP)
    start(CLIP)
    first = Watcher()
    first.next("composite")
    first.close()
    name, shown = what_chromium_sees(page, tmp_path, "Backdrop")
    assert name.startswith("Backdrop")
    in_all.kinds.update(map(kind_of, shown))
    assert len(shown) == FRAMES
    kinds = Counter(map(kind_of, shown))
    print(kinds)
    assert kinds["room"] == 0
    seen = [measure(frame, clip) for frame in shown if kind_of(frame) == "composite"]
    print(*seen, sep="\n")
    assert len(seen) >= COMPOSITES
    assert np.mean([each.kept for each in seen]) > 0.9
    assert np.mean([each.gone for each in seen]) > 0.97
    assert max(each.leak for each in seen) < 0.02

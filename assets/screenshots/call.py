r"""Takes pictures of the way from the first start into a call, for docs/calls.md: what a person clicks, and what comes of it.

    python assets/screenshots/call.py pipewire FOLDER       on a desktop of its own, with PipeWire and the portal
    CAM_VM_KEEP=FOLDER tests/system/run.sh env XDG_RUNTIME_DIR=/tmp xvfb-run -a \
        -s "-screen 0 1280x720x24" python assets/screenshots/call.py v4l2loopback /mnt/io/out

The real window, with the demo's person, and a real Chromium on one display. Writes FOLDER/WAY-1.png and so on, and
all in one sheet, WAY.webp, which docs/calls.md has as assets/screenshots/call-WAY.webp.
"""

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import cv2
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from take import CALM, _wait, save, sheet

from backdrop.language import speak
from backdrop.run.engine import Engine
from backdrop.settings.settings import Settings
from backdrop.system import leave
from backdrop.ui import theme
from backdrop.ui.language import install
from backdrop.ui.window import Window
from tests import pipewire_desktop
from tests.pipewire_desktop import desktop
from tests.system.browser import CHROMIUM, Page
from tests.system.new_computer import without_driver
from tests.system.rig import Process

WIDE = 1280
ARRIVES = 600.0  # seconds for a browser with a window in the camera VM, whose one processor is slow
SIZE = (760, 640)  # of the window; Chromium gets the rest of the display


class Recording:
    def __init__(self, way: str, folder: Path, engine: Engine) -> None:
        self._way, self._folder, self._engine = way, folder, engine
        self.taken: list[QImage] = []

    def take(self, browser: Process | None = None) -> None:
        """The display as it is in a second, when everything has been drawn."""
        _wait(lambda: self._engine.notice is None, CALM)  # worth waiting until this computer is less busy
        _wait(lambda: False, 1.0)
        wide = SIZE[0] if browser is None else WIDE
        picture = QGuiApplication.primaryScreen().grabWindow(0).toImage().copy(0, 0, wide, SIZE[1])
        self.taken.append(picture)
        save(picture, self._folder / f"{self._way}-{len(self.taken)}.png")


def record(way: str, folder: Path) -> None:
    """Click as a person would, and take a picture after each step."""
    with ExitStack() as ends:
        home = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        os.environ["XDG_RUNTIME_DIR"] = str(home)
        pipewire_desktop.PATIENCE = CALM
        desk = ends.enter_context(desktop(browsers=True)) if way == "pipewire" else None
        if desk is None:
            ends.enter_context(without_driver())
        else:
            os.environ.update(desk.environment)
        cv2.setNumThreads(1)  # as the application does
        application = QApplication(sys.argv[:1])
        speak("en")
        install(application)
        theme.choose("light")
        theme.dress(application)
        engine = Engine(Settings(camera="demo", width=640, height=360, fps=15))
        window = Window(engine, home / "settings.json")
        window.resize(*SIZE)
        window.show()
        engine.start()
        recording = Recording(way, folder, engine)
        switch = window.panel.virtual_camera
        said = switch.headline.text

        _wait(lambda: engine.stats().frames > 5)
        recording.take()
        switch.toggle.click()
        if desk is not None:
            _wait(switch.pipewire.isVisible)
            recording.take()
            switch.pipewire.click()
        else:
            _wait(switch.setup.isVisible)
            recording.take()
            switch.setup.click()
            page = window.pages.setup
            _wait(page.do.isEnabled)
            recording.take()
            page.do.click()
            _wait(page.undo.isEnabled)
            recording.take()
            window.pages.go_back()
        _wait(lambda: said() == "Ready")
        recording.take()

        call = ends.enter_context(Page())
        Thread(target=call.serve_forever, daemon=True).start()
        ends.callback(call.shutdown)
        if desk is not None:
            desk.start_portal()
        place = [f"--window-position={SIZE[0]},0", f"--window-size={WIDE - SIZE[0]},{SIZE[1]}"]
        browser = Process(
            *CHROMIUM,
            # With it, Chromium waits for the portal for ever where there is none, and opens no other camera.
            *(["--enable-features=WebRtcPipeWireCamera"] if desk is not None else []),
            "--test-type",  # no bar about --no-sandbox
            f"--user-data-dir={home / 'chromium'}",
            *place,
            f"--app={call.address(0)}",
        )
        ends.callback(browser.kill)
        if not _wait(lambda: said().startswith("In use") and not call.handed_in.empty(), ARRIVES):
            sys.exit(f"Chromium did not open the camera in {ARRIVES:.0f} s: {said()}")
        _wait(lambda: False, 3.0)  # the first frames are placeholders
        recording.take(browser)
        print(said())
        window.leave()
    save(sheet(recording.taken, columns=2), folder / f"{way}.webp")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=("pipewire", "v4l2loopback"))
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    record(arguments.way, arguments.folder)
    return 0


if __name__ == "__main__":
    leave.run(main)

"""Takes pictures of the window: `xvfb-run -a -s "-screen 0 3200x2000x24" python assets/screenshots/take.py`.

Without arguments it takes window.png for the README; names take others of SHOTS. `--all FOLDER` takes every page in every
theme, in German and at 200 %, one sheet per theme. It is the real window on a real display, with the demo camera and the
network that ships.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
from PySide6.QtCore import QEventLoop, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from backdrop.language import speak
from backdrop.run.engine import Engine
from backdrop.settings.settings import Settings
from backdrop.system import leave
from backdrop.ui import theme
from backdrop.ui.language import install
from backdrop.ui.tray import Tray
from backdrop.ui.window import Window

HERE = Path(__file__).parent
FRAMES = 30  # until the rates are stable and the person faces the camera
SMALL = {"width": 640, "height": 360, "fps": 15}  # enough for a sheet, even on a busy computer
FEW = 8  # frames until a change is visible
CALM = 90.0  # seconds
SIZE = (1200, 680)
THEMES = ("light", "dark", "contrast")


def _doctor(window: Window) -> None:
    window.pages.open_doctor()
    _wait(lambda: window.pages.doctor.again.isEnabled())


def _advanced(window: Window) -> None:
    window.pages.open_settings()
    window.pages.settings.show_section(1)


def _menu(window: Window) -> None:
    tray = Tray(window.settings, window)
    tray.show_choices(window.panel.gallery.choices())
    tray.show_window(True)
    tray.menu.popup(window.mapToGlobal(QPoint(60, 90)))
    tray.backdrops.popup(window.mapToGlobal(QPoint(300, 150)))


# The settings for each picture, and what is done in the window first.
PAGES: dict[str, tuple[dict[str, object], Callable[[Window], object] | None]] = {
    "blur": ({"backdrop": "blur", "show_fps": True}, None),
    "picture": ({"backdrop": "picture", "picture": "office"}, None),
    "colour": ({"backdrop": "colour", "virtual_camera": True}, None),
    "transparent": ({"backdrop": "transparent", "show_fps": True}, None),
    "none": ({"backdrop": "none"}, None),
    "focus": ({"backdrop": "picture", "picture": "wall"}, lambda window: window.panel.gallery.setFocus()),
    "menu": ({"backdrop": "picture", "picture": "cafe"}, _menu),
    "hidden": ({"hide": True}, None),
    "zoomed": ({"backdrop": "picture", "zoom": 160, "freeze": True}, None),
    "compare": ({"backdrop": "picture"}, lambda window: window.preview.compare(True)),
    "settings": ({}, lambda window: window.pages.open_settings()),
    "advanced": ({}, _advanced),
    "doctor": ({}, _doctor),
    "first start": (
        {},
        lambda window: window.panel.first_start.begin(),
    ),  # the last: it hides the rest of the panel
}
SHOTS = {"window": ("picture", "light"), "window-dark": ("blur", "dark")}


def _wait(condition: Callable[[], object], seconds: float = 240.0) -> bool:
    loop, end = QEventLoop(), time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        QTimer.singleShot(50, loop.quit)
        loop.exec()
    return bool(condition())


def take(
    pages: list[str], look: str, language: str = "en", size: tuple[int, int] = SIZE, fps: int = 30
) -> Iterator[QImage]:
    """Show a window, and return a picture of each page from the display."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    cv2.setNumThreads(1)  # as the application does
    speak(language)
    install(application)
    theme.choose(look)
    theme.dress(application)
    plain = Settings(
        camera="demo", theme=look, language=language, **(SMALL if len(pages) > 1 else {"fps": fps})
    )  # type: ignore[arg-type]
    engine = Engine(plain)
    with tempfile.TemporaryDirectory() as folder:
        window = Window(engine, Path(folder) / "settings.json")
        window.resize(*size)
        window.show()
        window.setFocus()
        engine.start()
        if not _wait(lambda: engine.stats().frames >= FRAMES):
            sys.exit(f"No picture was taken: {engine.notice or 'the demo camera is too slow'}")
        for page in pages:
            changes, act = PAGES[page]
            window.pages.go_back()
            window.preview.compare(False)
            window.change(replace(plain, **changes))  # type: ignore[arg-type]
            shown = (
                window.preview.painted
            )  # not the engine's frames: it processes none while the person hides
            _wait(lambda shown=shown: window.preview.painted >= shown + FEW)  # type: ignore[misc]
            if act is not None:
                act(window)
            _wait(lambda: False, 1.0)
            if len(pages) == 1:  # one picture is worth waiting until this computer is less busy
                _wait(lambda: engine.notice is None, CALM)
            # Its part of the screen, as a menu is a separate window.
            picture = (
                window.screen()
                .grabWindow(0, window.x(), window.y(), window.width(), window.height())
                .toImage()
            )
            popup = application.activePopupWidget()
            while popup is not None:
                popup.close()
                popup = application.activePopupWidget()
            yield picture.convertToFormat(QImage.Format.Format_RGB888)
        window.leave()


def take_all(folder: Path) -> None:
    """Every page in every theme. German and 200 % run in separate processes, as both are set at startup."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = [(look, "en", "1") for look in THEMES] + [
        ("light", "de", "1"),
        ("light", "en", "2"),
        ("dark", "de", "2"),
    ]
    for look, language, scale in runs:
        name = f"{look}{'-' + language if language != 'en' else ''}{'-200' if scale != '1' else ''}"
        command = [
            sys.executable,
            __file__,
            "--pages",
            str(folder / name),
            "--theme",
            look,
            "--language",
            language,
        ]
        subprocess.run(command, env={**os.environ, "QT_SCALE_FACTOR": scale}, check=True)
        save(sheet([QImage(str(folder / name / f"{page}.png")) for page in PAGES]), folder / f"{name}.webp")


def sheet(pictures: list[QImage], columns: int = 3, width: int = 560) -> QImage:
    """Pictures side by side, each of this width."""
    small = [each.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation) for each in pictures]
    height = max(each.height() for each in small)
    rows = -(-len(small) // columns)
    whole = QImage(columns * (width + 8) + 8, rows * (height + 8) + 8, QImage.Format.Format_RGB888)
    whole.fill(QColor("#808890"))
    painter = QPainter(whole)
    for at, each in enumerate(small):
        place = QRect(
            8 + at % columns * (width + 8), 8 + at // columns * (height + 8), each.width(), each.height()
        )
        painter.drawImage(place, each)
    painter.end()
    return whole


def save(picture: QImage, path: Path) -> None:
    """Write a picture; .webp with compression that is not visible."""
    picture.save(str(path), quality=0 if path.suffix == ".png" else 74)
    print(
        f"{path.name}: {picture.width()} × {picture.height()}, {path.stat().st_size / 1000:.0f} kB",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SHOTS)}")
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    parser.add_argument("--pages", type=Path, metavar="FOLDER", help="every page in one theme and language")
    parser.add_argument("--theme", default="light", choices=THEMES)
    parser.add_argument("--language", default="en")
    parser.add_argument("--fps", type=int, default=30, help="fewer where this computer is too busy for 30")
    arguments = parser.parse_args()
    if arguments.all:
        take_all(arguments.all)
    elif arguments.pages:
        arguments.pages.mkdir(parents=True, exist_ok=True)
        for page, picture in zip(PAGES, take(list(PAGES), arguments.theme, arguments.language), strict=True):
            save(picture, arguments.pages / f"{page}.png")
    else:
        for name in arguments.names or ["window"]:
            page, look = SHOTS[name]
            save(next(take([page], look, fps=arguments.fps)), HERE / f"{name}.png")
    return 0


if __name__ == "__main__":
    leave.run(main)

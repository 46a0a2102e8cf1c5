"""Takes the README's pictures of the window: `xvfb-run -s "-screen 0 1600x1000x24" python assets/screenshots/take.py`.

Names after it take others of those below, too: window-dark.
The window is the real one on a real display, with the demo camera and the network that ships.
"""

import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.engine import Engine
from app.settings import Settings
from app.ui import theme
from app.ui.window import Window

HERE = Path(__file__).parent
SHOTS = {
    "window": (theme.LIGHT, Settings(camera="demo", backdrop="picture", picture="daylight")),
    "window-dark": (theme.DARK, Settings(camera="demo", backdrop="blur", show_fps=True)),
}
FRAMES = 75  # after so many the rates are steady and the person looks at us


def take(application: QApplication, name: str, colours: theme.Colours, settings: Settings) -> None:
    """Show a window with these settings and save what the display shows of it as name.png."""
    theme.use(colours)
    theme.dress(application)
    engine = Engine(settings)
    with tempfile.TemporaryDirectory() as folder:
        window = Window(engine, Path(folder) / "settings.json")
        window.resize(1200, 680)
        window.show()
        window.setFocus()
        engine.start()
        loop, end = QEventLoop(), time.monotonic() + 60
        while engine.stats().frames < FRAMES and time.monotonic() < end:
            QTimer.singleShot(50, loop.quit)
            loop.exec()
        trouble = engine.notice
        picture = window.screen().grabWindow(window.winId()).toImage()
        window.close()
    if trouble or engine.stats().frames < FRAMES:
        sys.exit(f"No picture was taken: {trouble or 'the demo camera is too slow'}")
    path = HERE / f"{name}.png"
    picture.convertToFormat(QImage.Format.Format_RGB888).save(str(path), "PNG", 0)
    print(f"{path.name}: {picture.width()} × {picture.height()}, {path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    application = QApplication(sys.argv[:1])
    for name in sys.argv[1:] or ["window"]:
        take(application, name, *SHOTS[name])


if __name__ == "__main__":
    main()

"""Languages from right to left: none ships yet, so a made-up one shows that the window is mirrored and complete."""

from functools import cache

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from backdrop import language
from backdrop.language import speak
from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings
from backdrop.ui import language as ui_language
from backdrop.ui import theme
from backdrop.ui.statistics import draw_stats
from backdrop.ui.window import Window
from tests.app.test_language import gather
from tests.qt import application, until

FROM_RIGHT = "\u202b{}\u202c"  # marks without width: the letters stay, the sentence runs from the right


@cache
def marked_catalogue() -> bytes:
    catalogue = gather.texts()
    for message in catalogue:
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            marked = tuple(FROM_RIGHT.format(text) for text in ids)
            message.string = marked if isinstance(message.id, tuple) else marked[0]
    return gather.compiled(catalogue)


@pytest.fixture
def pseudo(tmp_path, monkeypatch):
    """Arabic in name: each English text between marks, so that every width is that of the English text."""
    folder = tmp_path / "locale" / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "backdrop.mo").write_bytes(marked_catalogue())
    found = language.resource
    monkeypatch.setattr(language, "LANGUAGES", {**language.LANGUAGES, "ar": "Arabic"})
    monkeypatch.setattr(
        language, "resource", lambda name: tmp_path / name if name == "locale" else found(name)
    )
    yield
    speak("en")
    ui_language.install(application())
    theme.choose("system")


@pytest.fixture
def make(still_window, shown):
    def build(code: str) -> Window:
        assert speak(code) == code
        ui_language.install(application())
        window: Window = shown(still_window(Settings(camera="demo", theme="light")), 1100, 700)
        until(lambda: window.panel.camera.refresh.isEnabled())
        QApplication.processEvents()
        return window

    return build


def places(window: Window) -> list[tuple[str, QRect]]:
    """Where every visible widget that a layout places is in the window, in the order of their making."""
    found = []
    for child in window.findChildren(QWidget):
        if child.isVisible() and not child.objectName().startswith("qt_"):
            found.append((type(child).__name__, QRect(child.mapTo(window, QPoint(0, 0)), child.size())))
    return found


def test_the_window_is_laid_out_as_in_a_mirror(make, pseudo):
    plain = make("en")
    before = places(plain)
    assert plain.layoutDirection() == Qt.LayoutDirection.LeftToRight
    window = make("ar")
    after = places(window)
    assert window.layoutDirection() == Qt.LayoutDirection.RightToLeft
    assert [kind for kind, _place in after] == [kind for kind, _place in before]
    wrong = []
    for (kind, was), (_kind, now) in zip(before, after, strict=True):
        mirrored = QRect(window.width() - was.right() - 1, was.top(), was.width(), was.height())
        if abs(now.left() - mirrored.left()) > 2 or abs(now.right() - mirrored.right()) > 2:
            wrong.append((kind, mirrored, now))
    assert wrong == []
    assert window.panel.mapTo(window, QPoint(0, 0)).x() == 0, "the panel is at the left"


def test_icons_lie_on_the_other_side_of_their_words_and_arrows_point_the_other_way(make, pseudo):
    buttons, backs = [], []
    for code in ("en", "ar"):
        window = make(code)
        buttons.append(window.bar.toggles[0].grab().toImage())
        backs.append(theme.pixmap("back", "#000000", 32).toImage())
    assert backs[1] == backs[0].flipped(Qt.Orientation.Horizontal)
    icon = buttons[0].copy(14, 10, 20, 20)
    assert buttons[1].copy(buttons[1].width() - 34, 10, 20, 20) == icon


def test_the_statistics_begin_at_the_right(make, pseudo):
    stats = Stats(30, 30, 30, 8, 0, 9, "Demo camera", "", has_consumers=False)
    sums = []
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        image = QImage(900, 500, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        painter.setLayoutDirection(direction)
        draw_stats(painter, QRectF(0, 0, 900, 500), stats)
        painter.end()
        dark = [x for x in range(900) if image.pixelColor(x, 40).lightness() < 100]
        sums.append((min(dark), max(dark)))
    assert sums[0][1] < 450 < sums[1][0]
    assert abs(sums[0][0] - (899 - sums[1][1])) <= 1


def test_qts_own_words_follow_to_the_next_language_and_back():
    def word() -> str:
        ui_language.install(application())
        return QCoreApplication.translate("QPlatformTheme", "Cancel")

    try:
        assert speak("de") == "de"
        assert word() == "Abbrechen"
    finally:
        speak("en")
        assert word() == "Cancel"

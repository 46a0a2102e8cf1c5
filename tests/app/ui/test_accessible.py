"""For everybody: no text is cut off, in any language or theme, at any size; keys reach all there is; all has a name."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSlider,
    QToolButton,
    QWidget,
)

from backdrop.doctor.finding import Finding
from backdrop.language import LANGUAGES, speak
from backdrop.settings.settings import BackdropKind, Settings
from backdrop.ui import theme
from backdrop.ui.buttons import Swatch, Toggle
from backdrop.ui.tile import fitting_font
from backdrop.ui.window import Window
from tests.qt import until

LONG = "sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback exclusive_caps=1 card_label=Backdrop"
FINDINGS = [
    Finding("Virtual camera", "fault", "The virtual camera's driver is not installed. " * 3, LONG),
    Finding("Camera", "advice", "Integrated Camera (/dev/video0) gives 15 frames a second at 1280 × 720.", "backdrop"),
    Finding("Network", "ok", "Finds the demo's person (IoU 0.97) and takes 8.1 ms a frame."),
]  # fmt: skip
SMALLEST = (760, 520)  # as 1366 × 768 at 200 %
SIZES = (SMALLEST, (800, 500), (1320, 710))
KINDS: tuple[BackdropKind, ...] = ("none", "blur", "picture", "colour")


@pytest.fixture
def make(still_window, shown):
    def build(language: str = "en", look: str = "light", size: tuple[int, int] = (1320, 710)) -> Window:
        speak(language)
        window: Window = shown(still_window(Settings(camera="demo", theme=look)), *size)
        window.pages.doctor._examine = lambda: FINDINGS
        until(lambda: window.panel.camera.refresh.isEnabled())
        return window

    yield build
    speak("en")
    theme.choose("system")


def pages(window: Window):
    """Every page in turn, and the live one with each kind of backdrop and with a notice."""
    kind: BackdropKind
    for kind in KINDS:
        window.change(window.settings.with_backdrop(kind))
        window.change(replace(window.settings, virtual_camera=kind == "picture"))
        yield kind
    window.pages.open_settings()
    for at, section in enumerate(window.pages.settings.sections):
        window.pages.settings.show_section(at)
        yield section
    window.pages.settings.show_section(0)
    window.pages.open_doctor()
    until(lambda: window.pages.doctor.findings)
    yield "doctor"
    window.pages.go_back()


def cut_off(window: QWidget) -> list[str]:
    """The texts that have less room than they need."""
    QApplication.processEvents()
    short = []
    for label in _seen(window, QLabel):
        if label.text() and not _has_room(label):
            short.append(f"{label.text()[:50]!r} {label.width()} × {label.height()}")
    for button in _seen(window, QAbstractButton):
        if button.text() and not isinstance(button, Swatch) and not _button_has_room(button):
            short.append(f"{button.text()!r} {button.width()} of {button.sizeHint().width()}")
    for line in window.findChildren(QLineEdit):
        if line.isVisible() and line.contentsRect().height() < line.fontMetrics().height():
            short.append(f"the field with {line.text()!r}")
    for combo in _seen(window, QComboBox):
        room = combo.width() - 40  # the arrow and the frame
        if QFontMetrics(combo.font()).horizontalAdvance(combo.currentText()) > room:
            short.append(combo.currentText())
    return short


def _seen(window: QWidget, kind: type) -> list[Any]:
    children: list[Any] = window.findChildren(kind)
    return [each for each in children if each.isVisible() and not isinstance(each.parent(), QComboBox)]


def _has_room(label: QLabel) -> bool:
    if label.wordWrap():
        return label.height() >= label.heightForWidth(label.width())
    return (
        label.width() >= label.sizeHint().width() and label.height() >= label.minimumSizeHint().height() - 1
    )


def _button_has_room(button: QAbstractButton) -> bool:
    needed = button.width_for(button.room) if isinstance(button, Toggle) else button.sizeHint().width()
    return button.width() >= needed and _inside(button)


def _inside(widget: QWidget) -> bool:
    """Whether a widget lies within its window, or can be scrolled to."""
    area = widget.parentWidget()
    while area is not None and not isinstance(area, QScrollArea):
        area = area.parentWidget()
    top = widget.window()
    place = QRect(widget.mapTo(top, QPoint(0, 0)), widget.size())
    if area is not None:
        return place.left() >= 0 and place.right() <= top.width()
    return top.rect().contains(place)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_cut_off(make, language):
    window = make(language)
    for size in SIZES:
        window.resize(*size)
        assert {page: short for page in pages(window) if (short := cut_off(window))} == {}, size


@pytest.mark.parametrize("look", ["dark", "contrast"])
def test_no_text_is_cut_off_in_another_theme(make, look):
    window = make("de", look, SMALLEST)
    assert {page: short for page in pages(window) if (short := cut_off(window))} == {}


def test_this_would_notice_a_text_that_is_cut_off(make):
    window = make()
    window.panel.add_button.setText("A text that is much longer than a panel of 320 pixels can ever be wide")
    window.panel.virtual_camera.state.setFixedHeight(6)
    assert len(cut_off(window)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_names_of_the_tiles_fit_also_of_the_chosen_one(make, language):
    window = make(language)
    gallery, widths = window.panel.gallery, set()
    for size in (SMALLEST, (1320, 710), (1500, 1000), (1920, 700)):
        window.resize(*size)
        QApplication.processEvents()
        width = gallery.groups["effects"].gridSize().width() - 2
        widths.add(width)
        for choice in gallery.choices():
            font = fitting_font(gallery.font(), choice.name, width, chosen=True)
            assert QFontMetrics(font).horizontalAdvance(choice.name) <= width, choice.name
    assert len(widths) > 1, "the tiles are of other sizes, too"


def test_everything_that_can_be_operated_has_a_name_takes_the_focus_and_says_what_it_does(make):
    window = make()
    operated = (QAbstractButton, QComboBox, QSlider, QAbstractSpinBox, QLineEdit)
    nameless, unreachable = [], []
    for _page in pages(window):
        for kind in operated:
            for control in _seen(window, kind):
                if isinstance(control.parent(), QAbstractSpinBox | QKeySequenceEdit):
                    continue  # the field inside it
                name = control.accessibleName() or getattr(control, "text", str)()
                if not name:
                    nameless.append(repr(control))
                if control.isEnabled() and not control.focusPolicy() & Qt.FocusPolicy.TabFocus:
                    unreachable.append(name)
        for button in _seen(window, QToolButton):
            assert button.text() or (
                button.accessibleName() and button.toolTip() and not button.icon().isNull()
            )
    assert nameless == []
    assert unreachable == []


def test_the_tab_key_comes_round_to_everything_on_a_page(make):
    window = make()
    window.activateWindow()
    for open_page in (window.pages.go_back, window.pages.open_settings, window.pages.open_doctor):
        open_page()
        until(lambda: window.pages.doctor.findings or window.pages.currentWidget() is not window.pages.doctor)
        expected = {
            control
            for kind in (QAbstractButton, QComboBox, QSlider, QLineEdit)
            for control in _seen(window, kind)
            if control.isEnabled() and control.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not isinstance(control.parent(), QAbstractSpinBox | QKeySequenceEdit)
        }  # fmt: skip
        until(lambda: QApplication.focusWidget() is not None)
        reached: set[QWidget] = set()
        for _step in range(3 * len(expected) + 20):
            focused = QApplication.focusWidget()
            assert focused is not None
            reached.add(focused)
            QTest.keyClick(focused, Qt.Key.Key_Tab)
        missed = {control for control in expected - reached if not _checked_beside(control)}
        assert {control.accessibleName() or control.objectName() for control in missed} == set()


def _checked_beside(control: QWidget) -> bool:
    """Radio buttons share one stop of the Tab key; the arrows go on from there."""
    return isinstance(control, QAbstractButton) and control.autoExclusive()


def test_what_has_the_focus_looks_otherwise_than_without_it(make):
    window = make()
    window.activateWindow()
    until(window.isActiveWindow)
    panel = window.panel
    for look in ("light", "dark", "contrast"):
        window.change(replace(window.settings, theme=look))
        for control in (window.bar.blur, panel.add_button, panel.doctor, panel.findChild(QComboBox)):
            window.bar.mirror.setFocus()
            plain = control.grab().toImage()
            control.setFocus()
            assert control.grab().toImage() != plain, (look, control.accessibleName())


def test_escape_leaves_a_page_and_the_focus_is_where_it_was(make):
    window = make()
    window.activateWindow()
    window.panel.doctor.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert window.pages.currentWidget() is window.pages.doctor
    assert QApplication.focusWidget() is window.pages.doctor.back
    QTest.keyClick(window.pages.doctor, Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is window.pages.live
    assert QApplication.focusWidget() is window.panel.doctor

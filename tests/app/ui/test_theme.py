"""Colours and icons."""

from dataclasses import astuple

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from backdrop.resources import resource
from backdrop.ui import theme
from tests.qt import application

THEMES = {"light": theme.LIGHT, "dark": theme.DARK, "stage": theme.STAGE, "contrast": theme.CONTRAST}


def luminance(colour: str) -> float:
    """The relative luminance that WCAG defines."""
    srgb = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in srgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read_on_everything_that_it_stands_on(name):
    colours = THEMES[name]
    for ground in (colours.ground, colours.raised, colours.hover):
        assert contrast(colours.text, ground) > 7
        assert contrast(colours.faint, ground) > 4.5
    assert contrast(colours.on_accent, colours.accent) > 4.5
    assert contrast(colours.accent, colours.ground) > 3  # the ring of what is chosen


def test_an_icon_has_the_colour_that_was_asked_for():
    application()
    image = theme.pixmap("add", "#ff0000", 24).toImage()
    assert image.width() == 48
    assert image.pixelColor(24, 24).name() == "#ff0000"
    assert image.pixelColor(2, 2).alpha() == 0


def test_every_icon_can_be_drawn():
    application()
    names = sorted(path.stem for path in resource("icons").glob("*.svg"))
    assert len(names) > 10
    for name in names:
        image = theme.pixmap(name, "#000000", 24).toImage()
        painted = sum(image.pixelColor(x, y).alpha() > 128 for x in range(48) for y in range(48))
        assert 40 < painted < 2300, name
    assert theme.application_icon().availableSizes()[0].width() == 256


def test_a_theme_that_is_asked_for_is_put_on_and_the_desktops_own_comes_back():
    running = application()
    own = theme.current()
    try:
        theme.use(theme.DARK)
        theme.dress(running)
        assert running.palette().window().color().name() == theme.DARK.ground
        assert theme.DARK.accent in running.styleSheet()
    finally:
        theme.use(None)
        theme.dress(running)
    assert theme.current() == own


def test_the_window_follows_a_desktop_that_turns_dark():
    running = application()
    try:
        theme.use(theme.DARK)  # as if the desktop had
        running.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
        assert running.palette().window().color().name() == theme.DARK.ground
    finally:
        theme.use(None)
        running.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Unknown)
    assert running.palette().window().color().name() == theme.current().ground


def test_all_colours_are_written_as_the_settings_write_them():
    for colours in THEMES.values():
        assert all(QColor(value).isValid() and len(value) == 7 for value in astuple(colours))

"""The light, dark and high-contrast themes and their stylesheet. The area around the preview is always dark."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QByteArray, QMargins, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication

from backdrop.resources import resource


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme, every colour as "#rrggbb". Text on ground and on raised has a contrast above 7, faint above 4.5."""

    ground: str  # the side panel
    raised: str  # buttons, lists and fields on it
    hover: str
    line: str
    text: str
    faint: str
    accent: str  # chosen, or turned on
    on_accent: str


LIGHT = Colours("#f6f7f9", "#ffffff", "#eceff3", "#d3d8df", "#1b1f24", "#5a626d", "#2463c9", "#ffffff")
DARK = Colours("#202327", "#2b2f35", "#363b42", "#434951", "#eceef1", "#a9b1bb", "#6ea8fe", "#0d1a2e")
STAGE = Colours("#15171a", "#262a2f", "#31363d", "#3a4048", "#eceef1", "#a9b1bb", "#6ea8fe", "#0d1a2e")
CONTRAST = Colours("#000000", "#000000", "#303030", "#ffffff", "#ffffff", "#ffffff", "#ffe14d", "#000000")
WARNING = "#f5c451"
ROOM = "#c62828"  # others see the room: the only large red area
POINTING = ("back",)  # icons that point to a side
SCROLL_BAR = 10  # pixels wide
# Colours of findings on each theme's background; their icons also differ in shape.
_SIGNALS = {
    LIGHT: {"ok": "#1a7f37", "advice": "#8a5a00", "fault": "#c62828"},
    DARK: {"ok": "#5fcf80", "advice": "#f5c451", "fault": "#ff8a80"},
    CONTRAST: {"ok": "#ffffff", "advice": "#ffe14d", "fault": "#ff9d94"},
}
_CHOSEN = {"light": LIGHT, "dark": DARK, "contrast": CONTRAST}
_ICON = "icon name"  # the property of a button whose icon follows the theme

_wanted: Colours | None = None


def use(colours: Colours | None) -> None:
    """Use these colours; None follows the desktop. Takes effect with the next dress()."""
    global _wanted
    _wanted = colours


def choose(theme: str) -> None:
    """Use the theme in the settings, at once if the application already has its style."""
    before = _wanted
    use(_CHOSEN.get(theme))
    application = QApplication.instance()
    if isinstance(application, QApplication) and _wanted is not before and application.styleSheet():
        _put_on(application)


def current() -> Colours:
    """The theme in use: the chosen one, else the desktop's, else light."""
    if _wanted is not None:
        return _wanted
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return CONTRAST
    return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT


def signal(state: str) -> str:
    """The colour for "ok", "advice" or "fault" in the theme in use."""
    return _SIGNALS[current()][state]


def stage() -> Colours:
    """The colours around the preview."""
    return CONTRAST if current() is CONTRAST else STAGE


def palette(colours: Colours) -> QPalette:
    """A palette for what the stylesheet does not cover: dialogs, menus, tooltips."""
    result = QPalette(QColor(colours.ground))
    roles = {
        QPalette.ColorRole.Window: colours.ground,
        QPalette.ColorRole.Base: colours.raised,
        QPalette.ColorRole.AlternateBase: colours.hover,
        QPalette.ColorRole.Button: colours.raised,
        QPalette.ColorRole.ToolTipBase: colours.raised,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.faint,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Link: colours.accent,
    }
    for role, value in roles.items():
        result.setColor(role, QColor(value))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.faint))
    return result


def mirrored() -> bool:
    """Whether windows are laid out from right to left, for the language."""
    return QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft


def margins(start: int, top: int, end: int, bottom: int) -> QMargins:
    """Margins in pixels, start where lines begin: layouts do not mirror theirs."""
    left, right = (end, start) if mirrored() else (start, end)
    return QMargins(left, top, right, bottom)


def stylesheet(colours: Colours) -> str:
    """The stylesheet, which refers to the widgets' object names and "part" property."""
    c, s = colours, CONTRAST if colours is CONTRAST else STAGE
    chevron_up = resource("icons/chevron-up.svg").as_posix()
    chevron = resource("icons/chevron.svg").as_posix()
    tick = resource("icons/tick-dark.svg" if colours is not LIGHT else "icons/tick-light.svg").as_posix()
    start, end = ("right", "left") if mirrored() else ("left", "right")
    ring = 3 if colours is CONTRAST else 2  # pixels of the focus ring
    return f"""
    #stage {{ background: {s.ground}; }}
    #panel, #page, #panel QScrollArea, #page QScrollArea, #choices {{ background: {c.ground}; border: none; }}
    #panel {{ border-{start}: 1px solid {c.line}; }}
    #page QScrollArea {{ border: {ring}px solid {c.ground}; }}
    #page QScrollArea:focus {{ border: {ring}px solid {c.accent}; }}
    #page QLabel[part="heading"] {{ color: {c.text}; font-weight: 600; font-size: 15pt; }}
    #page QLabel[part="text"] {{ color: {c.text}; }}
    #page QLabel[part="command"] {{ color: {c.text}; background: {c.hover}; border-radius: 6px; padding: 6px 9px;
        font-family: monospace; }}
    #finding {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: 9px; }}
    QCheckBox, QSpinBox, QLineEdit {{ color: {c.text}; }}
    QCheckBox {{ spacing: 9px; padding: 3px; margin-{start}: -{3 + ring}px;
        border: {ring}px solid transparent; border-radius: 6px; }}
    QCheckBox:focus {{ border: {ring}px solid {c.accent}; }}
    QCheckBox::indicator {{ width: 18px; height: 18px; border: 1px solid {c.faint}; border-radius: 5px;
        background: {c.raised}; }}
    QCheckBox::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; image: url("{tick}"); }}
    QSpinBox, QLineEdit {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: 7px; padding: 5px 8px;
        min-height: 22px; selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
    QSpinBox QLineEdit {{ border: none; padding: 0; min-height: 0; background: transparent; }}
    QSpinBox {{ padding-{end}: 24px; }}
    QSpinBox::up-button, QSpinBox::down-button {{ width: 22px; border: none; background: transparent; }}
    QSpinBox::up-arrow {{ image: url("{chevron_up}"); width: 12px; height: 12px; }}
    QSpinBox::down-arrow {{ image: url("{chevron}"); width: 12px; height: 12px; }}
    QSpinBox:focus, QLineEdit:focus {{ border: {ring}px solid {c.accent}; padding: {6 - ring}px {9 - ring}px; }}
    #main-control {{ border-bottom: 1px solid {c.line}; }}
    QLabel[part="title"] {{ color: {c.text}; font-weight: 600; }}
    QLabel[part="hint"] {{ color: {c.faint}; }}
    #stage QLabel[part="hint"] {{ color: {s.faint}; }}
    QLabel[part="error"] {{ color: {_SIGNALS[c]["fault"]}; }}
    QTabBar#sections {{ background: transparent; border-bottom: 1px solid {c.line}; min-height: 40px; }}
    QTabBar#sections::tab {{ background: transparent; color: {c.faint}; padding: 8px 14px; margin-{end}: 4px;
        border: {ring}px solid transparent; border-bottom: 3px solid transparent; font-weight: 600; }}
    QTabBar#sections::tab:hover {{ color: {c.text}; }}
    QTabBar#sections::tab:selected {{ color: {c.text}; border-bottom: 3px solid {c.accent}; }}
    QTabBar#sections::tab:selected:focus {{ border: {ring}px solid {c.accent}; border-bottom: 3px solid {c.accent}; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QComboBox, QPushButton[part="plain"], QToolButton[part="plain"], QDialog QPushButton {{
        background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; border-radius: 7px;
        padding: 5px 10px; min-height: 22px; }}
    QComboBox {{ combobox-popup: 0; }}
    QToolButton[part="plain"] {{ padding: 5px 6px; }}
    QToolButton[part="bare"] {{ border: none; background: transparent; padding: 2px; border-radius: 4px; }}
    QToolButton[part="bare"]:hover {{ background: {c.hover}; }}
    QToolButton[part="bare"]:focus {{ border: {ring}px solid {c.accent}; padding: {2 - ring}px; }}
    QComboBox:hover, QPushButton[part="plain"]:hover, QToolButton[part="plain"]:hover,
    QDialog QPushButton:hover {{ background: {c.hover}; }}
    QPushButton[part="plain"]:checked, QPushButton[part="plain"]:checked:hover {{
        background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; }}
    QComboBox:focus, QPushButton[part="plain"]:focus, QToolButton[part="plain"]:focus,
    QDialog QPushButton:focus {{
        border: {ring}px solid {c.accent}; padding: {6 - ring}px {11 - ring}px; }}
    QToolButton[part="plain"]:focus {{ padding: {6 - ring}px {7 - ring}px; }}
    QPushButton[part="plain"]:disabled, QDialog QPushButton:disabled {{ background: transparent; color: {c.faint}; }}
    QComboBox::drop-down {{ border: none; width: 26px; }}
    QComboBox::down-arrow {{ image: url("{chevron}"); width: 16px; height: 16px; }}
    QComboBox QAbstractItemView {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line};
        selection-background-color: {c.accent}; selection-color: {c.on_accent}; padding: 3px; outline: none; }}
    QComboBox QAbstractItemView::item {{ min-height: 28px; padding: 0 6px; border-radius: 5px; }}
    QComboBox QAbstractItemView::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
    #gallery {{ background: transparent; border: none; outline: none; }}
    QSlider {{ min-height: 26px; background: transparent; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {c.line}; }}
    QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {c.accent}; }}
    QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -7px 0; border-radius: 9px;
        background: {c.raised}; border: 2px solid {c.accent}; }}
    QSlider::handle:horizontal:focus {{ background: {c.accent}; border: 2px solid {c.text}; }}
    QScrollBar:vertical {{ background: transparent; width: {SCROLL_BAR}px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {c.line}; border-radius: 4px; min-height: 32px; margin: 1px; }}
    QScrollBar::handle:vertical:hover {{ background: {c.faint}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    #room {{ background: {ROOM}; border: 1px solid #ffffff; border-radius: 9px; }}
    #room QLabel {{ color: #ffffff; font-weight: 600; }}
    #room QPushButton {{ background: #ffffff; color: {ROOM}; border: {ring}px solid #ffffff; border-radius: 6px;
        padding: 1px 9px; font-weight: 600; }}
    #room QPushButton:hover {{ background: #ffe3e3; }}
    #room QPushButton:focus {{ border-color: #15171a; }}
    #zoom {{ background: {s.raised}; border: 1px solid {s.line}; border-radius: 9px; }}
    #zoom QPushButton {{ background: transparent; color: {s.text}; border: {ring}px solid transparent;
        border-radius: 6px; padding: 2px 7px; min-width: 18px; font-weight: 600; }}
    #zoom QPushButton:hover {{ background: {s.hover}; }}
    #zoom QPushButton:focus {{ border-color: {s.accent}; }}
    #zoom QPushButton:disabled {{ color: {s.faint}; }}
    #hold {{ background: {s.raised}; border: 1px solid {s.accent}; border-radius: 9px; }}
    #hold QLabel {{ color: {s.text}; font-weight: 600; }}
    #hold QPushButton {{ background: {s.accent}; color: {s.on_accent}; border: {ring}px solid {s.accent};
        border-radius: 6px; padding: 1px 9px; font-weight: 600; }}
    #hold QPushButton:focus {{ border-color: {s.text}; }}
    #notices {{ background: {s.raised}; border: 1px solid {s.line}; border-radius: 9px; }}
    #notices QLabel {{ color: {s.text}; }}
    #notices QPushButton, #notices QToolButton {{ background: transparent; color: {s.accent};
        border: 1px solid transparent; border-radius: 6px; padding: 3px 8px; font-weight: 600; }}
    #notices QToolButton {{ padding: 3px; }}
    #notices QPushButton:hover, #notices QToolButton:hover {{ background: {s.hover}; }}
    #notices QPushButton:focus, #notices QToolButton:focus {{ border: 1px solid {s.accent}; }}
    QMenu {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 26px 5px 30px; border-radius: 5px; }}
    QMenu::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
    QMenu::item:disabled {{ color: {c.faint}; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}
    QMenu::indicator {{ width: 14px; height: 14px; left: 8px; border: 1px solid {c.faint}; border-radius: 3px; }}
    QMenu::indicator:exclusive {{ border-radius: 7px; }}
    QMenu::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; image: url("{tick}"); }}
    QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 4px; }}
    """


def dress(application: QApplication) -> None:
    """Style the application, and follow the desktop when it changes between light and dark."""
    application.setStyle("Fusion")
    _put_on(application)
    hints = application.styleHints()
    for changed in (hints.colorSchemeChanged, hints.accessibility().contrastPreferenceChanged):
        changed.connect(lambda: _put_on(application))


def _put_on(application: QApplication) -> None:
    colours = current()
    application.setPalette(palette(colours))
    if (sheet := stylesheet(colours)) != application.styleSheet():  # Qt would style every widget again
        application.setStyleSheet(sheet)
    for widget in application.allWidgets():
        if isinstance(widget, QAbstractButton) and (name := widget.property(_ICON)):
            give_icon(widget, name)


def give_icon(button: QAbstractButton, name: str) -> None:
    """Give a button an icon in the colours of the theme, also when that changes. See pixmap()."""
    button.setProperty(_ICON, name)
    button.setIcon(icon(name, current().text))


def pixmap(name: str, colour: str, size: int, ratio: float = 2.0) -> QPixmap:
    """The icon assets/icons/NAME.svg in one colour, size pixels wide, rendered for this device pixel ratio."""
    return _pixmap(name, colour, size, ratio, name in POINTING and mirrored())


@lru_cache(maxsize=128)
def _pixmap(name: str, colour: str, size: int, ratio: float, flipped: bool) -> QPixmap:
    drawing = resource(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    image = QImage(round(size * ratio), round(size * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(image.rect()))
    painter.end()
    result = QPixmap.fromImage(image.flipped(Qt.Orientation.Horizontal) if flipped else image)
    result.setDevicePixelRatio(ratio)
    return result


def icon(name: str, colour: str) -> QIcon:
    """An icon for a button. See pixmap()."""
    return QIcon(pixmap(name, colour, 20))


def application_icon() -> QIcon:
    """The icon of the window and the taskbar."""
    return QIcon(str(resource("icons/backdrop.png")))

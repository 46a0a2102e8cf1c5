"""The side panel: camera, backdrop and its options, and the virtual camera. Also the toggles under the preview."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QColorDialog,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.camera import CameraInfo
from app.engine import Stats
from app.settings import Settings, about
from app.ui import theme
from app.ui.gallery import GAP, Choice, Gallery
from app.ui.worker import Worker

WIDTH = 320
TALL = 680  # pixels from which the gallery has three columns; below, four smaller ones show all at once
INSET = GAP // 2
SWATCHES = {
    "#3b5b7a": "Slate blue",
    "#24292f": "Charcoal",
    "#e9e6df": "Cream",
    "#5c7a5e": "Sage",
    "#8a5a44": "Clay",
}
SWATCHES |= {"#00b140": "Green screen"}


class Toggle(QPushButton):
    """A button that stays down, with an icon, a word and the key that does the same."""

    def __init__(self, icon: str, setting: str, key: str, colours: theme.Colours, label: str = "") -> None:
        super().__init__(label or about(setting).label)
        self._icon_name, self._key, self._colours = icon, key, colours
        self.compact = False  # without the key, where there is little room
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(about(setting).help)
        self.setToolTip(f"{about(setting).help} (key {key})")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def set_colours(self, colours: theme.Colours) -> None:
        self._colours = colours
        self.update()

    def width_for(self, compact: bool) -> int:
        metrics = QFontMetrics(self.font())
        key = 0 if compact else 10 + 20
        return 14 + 20 + 8 + metrics.horizontalAdvance(self.text()) + key + 14

    def sizeHint(self) -> QSize:
        return QSize(self.width_for(self.compact), 40)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def set_compact(self, compact: bool) -> None:
        if compact != self.compact:
            self.compact = compact
            self.updateGeometry()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, on = self._colours, self.isChecked()
        ground = (
            colours.accent if on else colours.hover if self.underMouse() or self.isDown() else colours.raised
        )
        ink = colours.on_accent if on else colours.text
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setPen(QPen(QColor(colours.accent if on else colours.line), 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(body, 9, 9)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(ink if on else colours.accent), 1.6))
            painter.drawRoundedRect(body.adjusted(2.5, 2.5, -2.5, -2.5), 7, 7)
        sign = theme.pixmap(self._icon_name, ink, 20, self.devicePixelRatioF())
        painter.drawPixmap(14, (self.height() - 20) // 2, sign)
        painter.setPen(QColor(ink))
        text = QRectF(42, 0, self.width() - 42, self.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if not self.compact:
            self._paint_key(painter, ink)
        painter.end()

    def _paint_key(self, painter: QPainter, ink: str) -> None:
        side = 20
        cap = QRectF(self.width() - 14 - side, (self.height() - side) / 2, side, side)
        faint = QColor(ink)
        faint.setAlphaF(0.45)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(faint, 1))
        painter.drawRoundedRect(cap, 5, 5)
        faint.setAlphaF(0.85)
        painter.setPen(faint)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)


class Swatch(QAbstractButton):
    """A colour to choose, as a disc."""

    def __init__(self, colour: str, name: str) -> None:
        super().__init__()
        self.colour = colour
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setFixedSize(32, 32)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{about('colour').label}: {name}")
        self.setToolTip(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(self.colour))
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawEllipse(QRectF(5, 5, 22, 22))
        if self.isChecked() or self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent if self.isChecked() else colours.faint), 2))
            painter.drawEllipse(QRectF(2, 2, 28, 28))
        painter.end()


def _label(text: str, part: str, wrap: bool = False) -> QLabel:
    label = QLabel(text)
    label.setProperty("part", part)
    label.setWordWrap(wrap)
    return label


def _inset(widget: QWidget) -> QHBoxLayout:
    """A row that lines up with the tiles of the gallery, which keep room for the ring of the chosen one."""
    row = QHBoxLayout()
    row.setContentsMargins(INSET, 0, INSET, 0)
    row.addWidget(widget)
    return row


class CameraChoice(QWidget):
    """Which camera: a list, a button that looks for cameras again, and what the camera gives."""

    changed = Signal(object)  # Settings
    refresh_asked = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._combo = QComboBox()
        self._combo.setAccessibleName(about("camera").label)
        self._combo.setMaxVisibleItems(12)
        self._combo.setToolTip("The camera that Backdrop looks through")
        self._combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._combo.activated.connect(self._choose)
        self.refresh = QToolButton()
        self.refresh.setProperty("part", "plain")
        self.refresh.setIconSize(QSize(18, 18))
        self.refresh.setAccessibleName("Look for cameras again")
        self.refresh.setToolTip("Look for cameras again (F5)")
        self.refresh.clicked.connect(self.refresh_asked)
        title = _label(about("camera").label, "title")
        title.setBuddy(self._combo)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._combo, 1)
        row.addWidget(self.refresh)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(title)
        column.addLayout(row)
        self.order: tuple[QWidget, ...] = (self._combo, self.refresh)
        self.show_cameras([])

    def show_cameras(self, cameras: Sequence[CameraInfo]) -> None:
        """Fill the list; the camera of the settings is in it even when it is not connected."""
        self._combo.clear()
        self._combo.addItem("Automatic", "")
        for camera in cameras:
            self._combo.addItem(camera.name, camera.spec)
        self.show_settings(self._settings)

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        at = self._combo.findData(settings.camera)
        if at < 0:
            name = (
                "Demo camera" if settings.camera == "demo" else Path(settings.camera).name or settings.camera
            )
            self._combo.addItem(f"Camera {name}" if name.isdecimal() else name, settings.camera)
            at = self._combo.count() - 1
        self._combo.setCurrentIndex(at)

    def _choose(self, at: int) -> None:
        self.changed.emit(replace(self._settings, camera=self._combo.itemData(at)))


class BackdropOptions(QStackedWidget):
    """What can be set about the backdrop that is chosen. All pages have one height, so that nothing jumps."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._pages = {"blur": self._blur_page(), "colour": self._colour_page()}
        self._pages["none"] = self._words_page("No effect: everything that the camera sees is sent.")
        self._pages["picture"] = self._words_page("Drop a picture anywhere in the window to use your own.")
        self.order: tuple[QWidget, ...] = (self._strength, *self._swatches, self._other)
        for page in self._pages.values():
            self.addWidget(page)
        self.show_settings(settings)

    def _blur_page(self) -> QWidget:
        what = about("blur_strength")
        self._strength = QSlider(Qt.Orientation.Horizontal)
        self._strength.setRange(what.least, what.most)
        self._strength.setPageStep(10)
        self._strength.setAccessibleName(what.label)
        self._strength.setToolTip(what.help)
        self._strength.valueChanged.connect(self._set_strength)
        self._value = _label("", "hint")
        title = _label(what.label, "title")
        title.setBuddy(self._strength)
        top = QHBoxLayout()
        top.addWidget(title, 1)
        top.addWidget(self._value)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self._strength)
        return page

    def _colour_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(_label(about("colour").label, "title"))
        row = QHBoxLayout()
        row.setSpacing(0)
        self._swatches = [Swatch(colour, name) for colour, name in SWATCHES.items()]
        for swatch in self._swatches:
            swatch.clicked.connect(lambda _=False, colour=swatch.colour: self._set_colour(colour))
            row.addWidget(swatch)
        row.addStretch(1)
        other = self._other = QPushButton("Other…")
        other.setProperty("part", "plain")
        other.setAccessibleName("Choose another colour")
        other.clicked.connect(self._ask_colour)
        row.addWidget(other)
        column.addLayout(row)
        return page

    def _words_page(self, words: str) -> QWidget:
        label = _label(words, "hint", wrap=True)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        return label

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self._strength.setValue(settings.blur_strength)
        self._value.setText(str(settings.blur_strength))
        for swatch in self._swatches:
            swatch.setChecked(swatch.colour == settings.colour.lower())
        self.setCurrentWidget(self._pages[settings.backdrop])

    def _set_strength(self, value: int) -> None:
        self.changed.emit(replace(self._settings, blur_strength=value))

    def _set_colour(self, colour: str) -> None:
        self.changed.emit(replace(self._settings, colour=colour))
        self.show_settings(self._settings)

    def _ask_colour(self) -> None:
        dialog = QColorDialog(QColor(self._settings.colour), self)
        dialog.setWindowTitle("Colour behind you")
        dialog.colorSelected.connect(lambda colour: self._set_colour(colour.name()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


class VirtualCameraSwitch(QFrame):
    """Switches the virtual camera and says in words what it does."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("foot")
        self.toggle = Toggle("camera", "virtual_camera", "V", theme.current())
        self.toggle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.state = _label("", "hint", wrap=True)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.toggle)
        column.addWidget(self.state)
        self.state.setMinimumHeight(2 * self.state.fontMetrics().lineSpacing() + 2)

    def show_state(self, settings: Settings, stats: Stats) -> None:
        self.toggle.setChecked(settings.virtual_camera)
        if not settings.virtual_camera:
            text = "Off. Call applications do not see Backdrop."
        elif stats.output:
            text = f"On. In your call, choose {stats.output} as the camera."
        else:
            text = "Not available now. The preview goes on."
        if text != self.state.text():
            self.state.setText(text)
            self.toggle.setAccessibleDescription(text)


class Panel(QFrame):
    """The side panel. Emits changed with new Settings for everything that a person does in it."""

    changed = Signal(object)  # Settings
    add_asked = Signal()
    picture_removed = Signal(object)  # Choice

    def __init__(self, settings: Settings, worker: Worker) -> None:
        super().__init__()
        self._settings = settings
        self.setObjectName("panel")
        self.setFixedWidth(WIDTH)
        self.camera = CameraChoice(settings)
        self.gallery = Gallery(worker)
        self.options = BackdropOptions(settings)
        self.virtual_camera = VirtualCameraSwitch()
        self.add_button = QPushButton("Add picture…")
        self.add_button.setProperty("part", "plain")
        self.add_button.setAccessibleName("Add a picture of your own")
        self.add_button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.add_button.setToolTip("Put a picture of your own behind you (Ctrl+O); you can also drop it here")
        self._lay_out()
        self.camera.changed.connect(self.changed)
        self.options.changed.connect(self.changed)
        self.add_button.clicked.connect(self.add_asked)
        self.gallery.chosen.connect(self._choose)
        self.gallery.removed.connect(self.picture_removed)
        self.virtual_camera.toggle.clicked.connect(self._switch)
        self.colour()
        self.show_settings(settings)

    def _lay_out(self) -> None:
        choices = QWidget()
        choices.setObjectName("choices")
        column = QVBoxLayout(choices)
        column.setContentsMargins(16 - INSET, 16, 16 - INSET, 12)
        column.setSpacing(8)
        column.addLayout(_inset(self.camera))
        column.addSpacing(10)
        title = _label(about("backdrop").label, "title")
        title.setBuddy(self.gallery)
        head = _inset(title)
        head.addWidget(self.add_button)
        column.addLayout(head)
        column.addWidget(self.gallery)
        column.addSpacing(4)
        column.addLayout(_inset(self.options))
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(choices)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(1, 0, 0, 0)
        outside.setSpacing(0)
        outside.addWidget(area, 1)
        outside.addWidget(self.virtual_camera)
        order = [
            *self.camera.order,
            self.add_button,
            self.gallery,
            *self.options.order,
            self.virtual_camera.toggle,
        ]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def colour(self) -> None:
        """Take the colours of the desktop's theme."""
        colours = theme.current()
        self.camera.refresh.setIcon(theme.icon("refresh", colours.text))
        self.add_button.setIcon(theme.icon("add", colours.text))
        self.virtual_camera.toggle.set_colours(colours)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.gallery.set_columns(3 if self.height() >= TALL else 4)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.colour()

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.camera.show_settings(settings)
        self.gallery.show_settings(settings)
        self.options.show_settings(settings)

    def _choose(self, choice: Choice) -> None:
        settings = self._settings.with_backdrop(choice.backdrop)
        if choice.backdrop == "picture":
            settings = replace(settings, picture=choice.picture)
        self.changed.emit(settings)

    def _switch(self, on: bool) -> None:
        self.changed.emit(replace(self._settings, virtual_camera=on))


class Bar(QWidget):
    """The toggles under the preview, and the camera's state at the right."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.blur = Toggle("blur", "backdrop", "B", theme.STAGE, "Blur")
        self.blur.setAccessibleDescription("Blur the room behind you; again goes back to the backdrop before")
        self.blur.setToolTip("Blur the room behind you; again goes back to the backdrop before (key B)")
        self.mirror = Toggle("mirror", "mirror", "M", theme.STAGE)
        self.rates = Toggle("rates", "show_fps", "F", theme.STAGE)
        self.toggles = (self.blur, self.mirror, self.rates)
        self.blur.clicked.connect(lambda: self.changed.emit(self._settings.with_blur_toggled()))
        self.mirror.clicked.connect(lambda on: self.changed.emit(replace(self._settings, mirror=on)))
        self.rates.clicked.connect(lambda on: self.changed.emit(replace(self._settings, show_fps=on)))
        self._camera = ""
        self._state = _label("", "hint")
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for toggle in self.toggles:
            row.addWidget(toggle)
        row.addWidget(self._state, 1)
        self.setMinimumWidth(320)

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.blur.setChecked(settings.backdrop == "blur")
        self.mirror.setChecked(settings.mirror)
        self.rates.setChecked(settings.show_fps)

    def show_camera(self, name: str, size: QSize) -> None:
        """name: of the camera that is open, "" for none. size: of the picture."""
        self._camera = f"{name}  ·  {size.width()} × {size.height()}" if name and not size.isEmpty() else name
        self._fit_state()

    def _fit_state(self) -> None:
        metrics, right = self._state.fontMetrics(), Qt.TextElideMode.ElideRight
        text = metrics.elidedText(self._camera, right, self._state.width())
        if text != self._state.text():
            self._state.setText(text)
            self._state.setToolTip(self._camera)

    def resizeEvent(self, event: QResizeEvent) -> None:
        needed = sum(toggle.width_for(False) + 8 for toggle in self.toggles) + 190
        for toggle in self.toggles:
            toggle.set_compact(self.width() < needed)
        self._row.activate()
        self._fit_state()

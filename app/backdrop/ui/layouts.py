"""Rows and columns of widgets, each made in one call."""

from typing import TypeAlias, TypeVar

from PySide6.QtCore import QMargins
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

# A widget or layout, also with what addWidget() or addLayout() takes after it; pixels of space; None: what space is left.
Part: TypeAlias = QWidget | QLayout | tuple | int | None
Box = TypeVar("Box", bound=QBoxLayout)
NO_MARGINS = (0, 0, 0, 0)


def row(*parts: Part, spacing: int = -1, margins: tuple[int, ...] | QMargins = NO_MARGINS) -> QHBoxLayout:
    """spacing, margins: in pixels. Spacing -1: the style's."""
    return _filled(QHBoxLayout(), parts, spacing, margins)


def column(*parts: Part, spacing: int = -1, margins: tuple[int, ...] | QMargins = NO_MARGINS) -> QVBoxLayout:
    """As row(), from top to bottom."""
    return _filled(QVBoxLayout(), parts, spacing, margins)


def _filled(box: Box, parts: tuple[Part, ...], spacing: int, margins: tuple[int, ...] | QMargins) -> Box:
    box.setSpacing(spacing)
    box.setContentsMargins(margins if isinstance(margins, QMargins) else QMargins(*margins))
    for part in parts:
        what, *how = part if isinstance(part, tuple) else (part,)
        if what is None:
            box.addStretch(1)
        elif isinstance(what, int):
            box.addSpacing(what)
        elif isinstance(what, QLayout):
            box.addLayout(what, *how)
        else:
            box.addWidget(what, *how)
    return box

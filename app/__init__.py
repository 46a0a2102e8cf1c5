"""Backdrop, the application. Qt is imported only in app.ui."""

__version__ = "0.1.0"

"""Backdrop, the application. Qt is imported only in app.ui."""

"""Frames, their pixel formats, and how they pass from thread to thread."""

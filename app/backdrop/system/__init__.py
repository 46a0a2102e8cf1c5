"""The computer around Backdrop: logs, memory, V4L2, the desktop."""

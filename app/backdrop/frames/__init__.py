"""Frames, pixel formats, the placeholder, and the mailbox between two threads."""

"""Cameras: webcams, video files, the demo."""

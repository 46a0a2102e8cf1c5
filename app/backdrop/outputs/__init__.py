"""Outputs: virtual cameras and video files."""

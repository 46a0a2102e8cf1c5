"""Backdrops: blur, a picture, a video, a colour, or transparency."""

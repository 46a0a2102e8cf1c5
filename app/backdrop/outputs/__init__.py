"""Where composites go: virtual cameras and video files."""

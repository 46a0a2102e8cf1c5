"""Where frames come from: webcams, video files, the demo."""

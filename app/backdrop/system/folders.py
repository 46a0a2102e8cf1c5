"""Where the person's own pictures and videos belong on this system."""

from pathlib import Path

import platformdirs


def pictures() -> Path:
    """The folder of pictures. It need not exist."""
    return platformdirs.user_pictures_path()


def videos() -> Path:
    """The folder of videos. It need not exist."""
    return platformdirs.user_videos_path()

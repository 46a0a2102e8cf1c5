"""Choose the backdrop that the settings ask for."""

from pathlib import Path

from backdrop.backdrops.base import Backdrop, BackdropError
from backdrop.backdrops.colour import Colour
from backdrop.language import _
from backdrop.settings.settings import Settings


def what_decides(settings: Settings) -> tuple[object, ...]:
    """Return the settings that determine the backdrop: equal ones mean the same backdrop."""
    decides = {
        "blur": (settings.blur_strength, settings.blur_style),
        "picture": (settings.picture,),
        "colour": (settings.colour,),
        "transparent": (settings.key_colour,),
    }
    return settings.backdrop, *decides.get(settings.backdrop, ())


def files_read(settings: Settings) -> list[Path]:
    """The files that the backdrop reads."""
    from backdrop.backdrops.picture import find_picture

    try:
        return [find_picture(settings.picture)] if settings.backdrop == "picture" else []
    except BackdropError:
        return []


def chosen_backdrop(settings: Settings) -> Backdrop:
    """Return the backdrop that the settings ask for. Raises BackdropError, also if they ask for none."""
    # Imported here, so that only the chosen one is loaded.
    from backdrop.backdrops.blur import Blur
    from backdrop.backdrops.picture import Picture, find_picture
    from backdrop.backdrops.video import Video, is_video

    if settings.backdrop == "blur":
        return Blur(settings.blur_strength, settings.blur_style == "bokeh")
    if settings.backdrop == "colour":
        return Colour(settings.colour)
    if settings.backdrop == "transparent":
        return Colour(settings.key_colour)
    if settings.backdrop == "picture":
        path = find_picture(settings.picture)
        return Video(path) if is_video(path) else Picture(path)
    raise BackdropError(_("No backdrop is chosen."))

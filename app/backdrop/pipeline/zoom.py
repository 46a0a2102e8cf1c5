"""The part of a frame that the person has chosen: zoom and position, and what the wheel and a drag make of them.

zoom: percent, 100 is the whole frame. x, y: where the part lies, in thousandths of the room there is: -1000 at the left and at
the top, 0 in the middle, 1000 at the right and at the bottom.
"""

from dataclasses import dataclass

from backdrop.pipeline.framing import Window

LARGEST = 300  # percent: beyond, a 720p camera has too few pixels
STEPS = 32  # the part's height snaps to 1/32 of the frame: cheap ratios to scale
END = 1000  # of x and y


@dataclass(frozen=True, slots=True)
class Zoom:
    """What the settings zoom, zoom_x and zoom_y say."""

    zoom: int = 100
    x: int = 0
    y: int = 0

    def window(self, width: int, height: int) -> Window | None:
        """The part of a frame of this size, in even pixels; None for all of it."""
        part = round(STEPS * 100 / self.zoom) / STEPS
        wide, high = round(width * part / 2) * 2, round(height * part / 2) * 2
        if wide >= width or high >= height:
            return None
        left, top = (width - wide) * (self.x + END) / (2 * END), (height - high) * (self.y + END) / (2 * END)
        return Window(_even(left, width - wide), _even(top, height - high), wide, high)

    def at(self, factor: float, x: float, y: float) -> "Zoom":
        """Zoom by a factor, and keep the point x, y of what is shown, each from 0 to 1, where it is."""
        zoom = min(max(round(self.zoom * factor), 100), LARGEST)
        if zoom == self.zoom:  # a small factor still does something
            zoom = min(max(self.zoom + (1 if factor > 1 else -1), 100), LARGEST)
        before, after = 100 / self.zoom, 100 / zoom
        return Zoom(zoom, _place(self.x, x, before, after), _place(self.y, y, before, after))

    def moved(self, right: float, down: float) -> "Zoom":
        """Move what is shown by a part of its own width and height, as a drag does."""
        room = 1 - 100 / self.zoom
        if room <= 0:
            return Zoom(self.zoom, 0, 0)
        step = 2 * END * 100 / self.zoom / room
        return Zoom(self.zoom, _within(self.x - right * step), _within(self.y - down * step))


def _place(place: int, point: float, before: float, after: float) -> int:
    """Where the part lies after its size has changed from before to after, both 0 to 1, around a point of it."""
    if after >= 1:
        return 0
    first = (1 - before) * (place + END) / (2 * END)
    return _within(2 * END * (first + point * (before - after)) / (1 - after) - END)


def _within(place: float) -> int:
    return round(min(max(place, -END), END))


def _even(first: float, last: int) -> int:
    return min(round(first / 2) * 2, last - last % 2)

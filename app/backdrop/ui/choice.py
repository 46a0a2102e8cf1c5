"""What a tile of the gallery stands for."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from backdrop.backdrops.picture import BUILT_IN, LOOPS, built_in_pictures
from backdrop.backdrops.video import is_video
from backdrop.language import N_, _
from backdrop.settings.settings import BackdropKind, Settings

Group = Literal["effects", "built in", "mine"]
GROUPS: dict[Group, str] = {"effects": N_("Effects"), "built in": N_("Built in"), "mine": N_("Mine")}


@dataclass(frozen=True, slots=True)
class Choice:
    """One tile. picture: the value for the settings, for pictures only. own: added by the person, so removable.

    fit, position: how the picture lies in the frame, as in the settings.
    """

    backdrop: BackdropKind
    name: str
    picture: str = ""
    own: bool = False
    fit: str = "fill"
    position: int = 50

    @property
    def group(self) -> Group:
        return "effects" if self.backdrop != "picture" else "mine" if self.own else "built in"

    @property
    def moves(self) -> bool:
        """Whether it is a video."""
        return self.backdrop == "picture" and (self.picture in LOOPS or is_video(Path(self.picture)))

    @property
    def spoken(self) -> str:
        """Its name for a screen reader."""
        if not self.own:
            return self.name
        spoken = _("{name}, your own video") if self.moves else _("{name}, your own picture")
        return spoken.format(name=self.name)

    @property
    def explained(self) -> str:
        """Its tooltip."""
        if self.own:
            remove = _("Delete removes it from the gallery, F2 renames it, Ctrl+Left and Ctrl+Right move it.")
            name = "" if self.name == Path(self.picture).stem else f"{self.name}\n"
            return f"{name}{self.picture}\n{remove}"
        known = {
            "none": _("No effect. Others see your room."),
            "blur": _("Your room, blurred"),
            "colour": _("A single colour behind you"),
            "transparent": _(
                "Nothing behind you, or the key colour, so that you can be placed over something else, for "
                "example in OBS"
            ),
        }
        return known.get(self.backdrop, self.name)

    def is_same(self, other: "Choice") -> bool:
        """Whether both are the same tile, whatever its name and place."""
        return (self.backdrop, self.picture) == (other.backdrop, other.picture)

    def chosen(self, settings: Settings) -> Settings:
        """Return the settings with this backdrop."""
        settings = settings.with_backdrop(self.backdrop)
        if self.backdrop != "picture":
            return settings
        return replace(settings, picture=self.picture, picture_fit=self.fit, picture_position=self.position)


def first_choices() -> list[Choice]:
    """The tiles that everybody has."""
    return [
        Choice("none", _("None")),
        Choice("blur", _("Blur")),
        Choice("colour", _("Colour")),
        Choice("transparent", _("Transparent")),
        *(Choice("picture", _(BUILT_IN[path.stem]), path.stem) for path in built_in_pictures()),
    ]

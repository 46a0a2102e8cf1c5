"""All settings, in one frozen table.

The window, the settings file and the command line derive from the fields below. Each field's metadata has
its label, help, range and choices; about(name) returns them. A Settings object is always valid.
"""

import os
import re
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

from backdrop.files.local import is_address, why_no_address
from backdrop.language import LANGUAGES, N_, _

BackdropKind = Literal["none", "blur", "picture", "colour", "transparent"]
LONGEST_TEXT = 4096  # the longest path on Linux
LARGEST_FILE = 1_000_000
# The built-in pictures of earlier versions, and what replaced each.
FORMER_PICTURES = {
    "daylight": "office",
    "plaster": "wall",
    "study": "bookshelf",
    "dusk": "cafe",
    "leaves": "sunlight",
    "studio": "ocean",
    "mist": "dawn",
    "dunes": "dawn",
}


# Said when the blur is toggled off but there is no other backdrop. It never falls back to the room.
STAYS_BLURRED = N_(
    "The blur stays on because you haven't chosen another backdrop yet. To show your room, choose None."
)


class SettingsError(ValueError):
    """str() is one sentence for a person: which setting or file, what is wrong, what is allowed."""


@dataclass(frozen=True, slots=True)
class About:
    """What the window, the file and the command line need to know about one setting.

    option: it has a command-line option of its name. least, most: range of a number, inclusive.
    choices: the allowed values, empty if any is allowed. colour: the text is "#rrggbb".
    file: the text may name a file, but not an address. passing: for this run only, never saved. look: the kinds of backdrop
    whose look it changes, "any" for all; such settings are kept in presets.
    """

    label: str
    help: str
    option: bool = True
    least: int = 0
    most: int = 0
    choices: tuple[str, ...] = ()
    colour: bool = False
    file: bool = False
    passing: bool = False
    look: str = ""


def _setting(default: Any, label: str, help: str, **rest: Any) -> Any:
    """A field of Settings. Label and help are English here; about() translates them."""
    return field(default=default, metadata={"about": About(label, help, **rest)})


@dataclass(frozen=True, slots=True)
class Settings:
    """The table of settings. Frozen: a change makes a new table. Raises SettingsError for an invalid value."""

    camera: str = _setting(
        "",
        "Camera",
        "A number (0 is the first camera), a device such as /dev/video2, a video file, or demo. "
        "Default: the first camera that works.",
        file=True,
    )
    width: int = _setting(1280, "Width", "Width to request from the camera, in pixels.", least=64, most=7680)
    height: int = _setting(
        720, "Height", "Height to request from the camera, in pixels.", least=64, most=4320
    )
    fps: int = _setting(30, "Frame rate", "Frame rate to request from the camera, in fps.", least=1, most=240)
    backdrop: BackdropKind = _setting(  # noqa: RUF009  text is immutable
        "blur",
        "Backdrop",
        "What others see behind you. none turns the effect off and shows your room.",
        choices=get_args(BackdropKind),
    )
    blur_strength: int = _setting(
        50, "Blur strength", "How strongly your room is blurred, 0 to 100.", least=0, most=100, look="blur"
    )
    picture: str = _setting(
        "",
        "Picture",
        "A picture or video file, or the name of a built-in picture. Default: the first built-in picture.",
        file=True,
        look="picture",
    )
    picture_fit: str = _setting(
        "fill",
        "Fit",
        "fill: the picture fills the frame and is cropped. whole: all of it is visible, in front of itself blurred. "
        "Pictures only, not videos.",
        choices=("fill", "whole"),
        look="picture",
    )
    picture_position: int = _setting(
        50,
        "Position",
        "Which part of a cropped picture is visible, or where the whole one is: 0 is left or top, 100 right or bottom.",
        most=100,
        look="picture",
    )
    colour: str = _setting(
        "#3b5b7a", "Colour", "The colour behind you, as #rrggbb.", colour=True, look="colour"
    )
    before_blur: BackdropKind = _setting(  # noqa: RUF009
        "none",
        "Backdrop before blur",
        "What turning the blur off returns to. With none, the blur stays on.",
        choices=("none", "picture", "colour", "transparent"),
        option=False,
    )
    mirror_preview: bool = _setting(
        True,
        "Mirror",
        "See yourself as in a mirror. Others don't: they see you the right way round.",
        option=False,
    )
    mirror: bool = _setting(
        False, "Flip for others", "Flip what others see left to right. Your own preview stays as it is."
    )
    auto_framing: bool = _setting(
        False, "Centre me", "Pan and zoom gently to keep you in the middle of the picture.", look="any"
    )
    zoom: int = _setting(
        100,
        "Zoom",
        "How much the picture is enlarged, in percent, while Backdrop doesn't centre you.",
        least=100,
        most=300,
        look="any",
    )
    zoom_x: int = _setting(
        0,
        "Zoom, across",
        "Which part is shown when zoomed: -1000 at the left of the camera's picture, 1000 at the right.",
        least=-1000,
        most=1000,
        look="any",
    )
    zoom_y: int = _setting(
        0,
        "Zoom, up and down",
        "Which part is shown when zoomed: -1000 at the top of the camera's picture, 1000 at the bottom.",
        least=-1000,
        most=1000,
        look="any",
    )
    hide: bool = _setting(
        False,
        "Hide me",
        "Others see a text or picture of your choice until you turn it off, and nothing of you or your room.",
        passing=True,
        option=False,
    )
    freeze: bool = _setting(
        False, "Freeze", "What others see stands still until you turn it off.", passing=True, option=False
    )
    record: bool = _setting(
        False,
        "Record",
        "Record what others see to a new video in your folder of videos, without sound.",
        passing=True,
        option=False,
    )
    hide_text: str = _setting(
        "", "Text while hidden", "What others read while you hide. Default: Be right back."
    )
    hide_picture: str = _setting(
        "",
        "Picture while hidden",
        "A picture file, or the name of a built-in picture, that others see while you hide, instead of the text.",
        file=True,
    )
    show_fps: bool = _setting(
        False, "Statistics", "Show frame rate and delay over the preview.", option=False
    )
    virtual_camera: bool = _setting(
        False, "Virtual camera", "Make Backdrop available as a camera in calls.", option=False
    )
    output: str = _setting(
        "",
        "Output",
        "A virtual camera such as /dev/video10, pipewire for a camera that needs no driver (Linux),"
        " or a video file to write. Default: the first virtual camera.",
        file=True,
    )
    language: str = _setting(
        "system",
        "Language",
        "The language of Backdrop. A change takes effect at the next start.",
        choices=("system", *LANGUAGES),
        option=False,
    )
    theme: str = _setting(
        "system",
        "Theme",
        "The colours of the window.",
        choices=("system", "light", "dark", "contrast"),
        option=False,
    )
    close_to_tray: bool = _setting(
        True,
        "Keep running in the tray",
        "If you close the window while the virtual camera is on, Backdrop keeps running in the system tray.",
        option=False,
    )
    welcomed: bool = _setting(
        False, "First steps shown", "Whether you have seen the first steps.", option=False
    )
    told_of_tray: bool = _setting(
        False,
        "Tray notice shown",
        "Whether you have been told that Backdrop keeps running in the tray.",
        option=False,
    )
    shortcut: str = _setting(
        "",
        "Shortcut for blur",
        "Turns the blur on and off from any app, for example Ctrl+Alt+B. Leave empty for none.",
        option=False,
    )
    on_demand: bool = _setting(
        True,
        "Camera on only when needed",
        "Turn on the camera and its light only while the preview is visible or an app uses the "
        "virtual camera. Where the system doesn't report that, the camera stays on.",
    )
    timing: str = _setting(
        "exact",
        "Timing",
        "exact: best edges. low-latency: less delay, but edges may trail when you move.",
        choices=("exact", "low-latency"),
    )
    detail: str = _setting(
        "normal",
        "Detail",
        "high: cleaner hands and outlines, for about two thirds more CPU. When the processor is busy, normal detail is used.",
        choices=("normal", "high"),
    )
    cpu_budget: int = _setting(
        0,
        "CPU limit",
        "How much CPU Backdrop may use, in percent of one core. To stay below it, Backdrop lowers "
        "the quality. 0: no limit.",
        most=400,
    )

    blur_style: str = _setting(
        "soft",
        "Blur style",
        "soft: like frosted glass. bokeh: like a camera lens, which turns lights into discs.",
        choices=("soft", "bokeh"),
        look="blur",
    )
    despill: int = _setting(
        80,
        "Clean edges",
        "How much of your room's colour is removed from your outline, 0 to 100.",
        most=100,
        look="picture colour transparent",
    )
    light_wrap: int = _setting(
        30,
        "Light wrap",
        "How much light from the backdrop spills over your outline, 0 to 100.",
        most=100,
        look="picture colour",
    )
    match_brightness: int = _setting(
        30,
        "Match brightness",
        "How closely your brightness follows the picture's, 0 to 100.",
        most=100,
        look="picture",
    )
    match_warmth: int = _setting(
        30,
        "Match warmth",
        "How closely the warmth of your lighting follows the picture's, 0 to 100.",
        most=100,
        look="picture",
    )
    auto_light: bool = _setting(
        False,
        "Auto light",
        "Brighten you in a dark room, make colours neutral under coloured light, and calm the noise.",
    )
    portrait_light: int = _setting(
        0, "Portrait light", "How much brighter you are than your room, 0 to 100.", most=100, look="any"
    )
    brightness: int = _setting(
        0, "Brightness", "Brightness of the camera's picture, -100 to 100.", least=-100, most=100
    )
    contrast: int = _setting(
        0, "Contrast", "Contrast of the camera's picture, -100 to 100.", least=-100, most=100
    )
    saturation: int = _setting(
        0,
        "Saturation",
        "Strength of the colours of the camera's picture, -100 (grey) to 100.",
        least=-100,
        most=100,
    )
    temperature: int = _setting(
        0,
        "Temperature",
        "Colours of the camera's picture, from -100 (cooler) to 100 (warmer).",
        least=-100,
        most=100,
    )
    key_colour: str = _setting(
        "#00b140",
        "Key colour",
        "The colour sent in place of transparency, as #rrggbb, for outputs without it, such as a "
        "virtual camera.",
        colour=True,
        look="transparent",
    )

    def __post_init__(self) -> None:
        for name in NAMES:
            check(name, getattr(self, name))

    def with_backdrop(self, backdrop: BackdropKind) -> "Settings":
        """Return the settings with another backdrop. When changing to blur or none, remember the previous one.

        It is never none: pressing the blur key by accident must not show the room in a call.
        """
        if backdrop in ("blur", "none") and self.backdrop not in ("blur", "none"):
            return replace(self, backdrop=backdrop, before_blur=self.backdrop)
        return replace(self, backdrop=backdrop)

    def with_blur_toggled(self) -> "Settings":
        """Return the settings with blur on or, if it is on, with the backdrop before it.

        If there was none, or only the room, the blur stays on.
        """
        if self.backdrop != "blur":
            return self.with_backdrop("blur")
        return self if self.before_blur == "none" else replace(self, backdrop=self.before_blur)


NAMES = tuple(each.name for each in fields(Settings))
_ABOUT: dict[str, About] = {each.name: each.metadata["about"] for each in fields(Settings)}
_DEFAULTS: dict[str, Any] = {each.name: each.default for each in fields(Settings)}
SAVED = tuple(name for name in NAMES if not _ABOUT[name].passing)


def about(name: str) -> About:
    """Return the label, help, range and choices of one setting, in the language in use."""
    what = _ABOUT[name]
    return replace(what, label=_(what.label), help=_(what.help))


def check(name: str, value: object) -> None:
    """Raise SettingsError unless value has the setting's type and is within its range or choices."""
    what, wanted = _ABOUT[name], type(_DEFAULTS[name])
    named = f"{_(what.label)} ({name})"
    if type(value) is not wanted:  # exact type: True is not a number of pixels, 30.5 is not a frame rate
        kinds = {int: _("a whole number"), bool: _("true or false"), str: _("text")}
        raise SettingsError(
            _("{named} must be {kind}, not {value}.", named=named, kind=kinds[wanted], value=_short(value))
        )
    if wanted is int and isinstance(value, int) and not what.least <= value <= what.most:
        raise SettingsError(
            _("{named} must be from {least} to {most}, not {value}.",
              named=named, least=what.least, most=what.most, value=_short(value))
        )  # fmt: skip
    if isinstance(value, str):
        _check_text(what, named, value)


def _check_text(what: About, named: str, value: str) -> None:
    if what.choices and value not in what.choices:
        choices = ", ".join(what.choices)
        raise SettingsError(
            _(
                "{named} must be one of {choices}, not {value}.",
                named=named,
                choices=choices,
                value=_short(value),
            )
        )
    if what.colour and not re.fullmatch("#[0-9a-fA-F]{6}", value):
        raise SettingsError(
            _("{named} must be a colour like #3b5b7a, not {value}.", named=named, value=_short(value))
        )
    if what.file and is_address(value):
        raise SettingsError(f"{named}: {why_no_address(_short(value))}")
    if len(value) > LONGEST_TEXT or "\0" in value or not _is_path(value):
        raise SettingsError(
            _(
                "{named} is not a valid name for a file or device: {value}.",
                named=named,
                value=_short(value),
            )
        )


def _is_path(text: str) -> bool:
    try:
        os.fsencode(text)
    except UnicodeError:
        return False
    return True


def _short(value: object) -> str:
    if isinstance(value, int) and abs(value) >= 10**20:
        return _("a number with more than 20 digits")  # repr() of a very long number raises
    plain = value is None or isinstance(value, str | int | float)
    text = ascii(value) if plain else _("a {kind}", kind=type(value).__name__)
    return text if len(text) <= 60 else f"{text[:56]}..."

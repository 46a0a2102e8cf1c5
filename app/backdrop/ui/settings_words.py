"""What the settings page shows, in which section, and in which words."""

from backdrop.language import LANGUAGES, N_, _

BASICS, ADVANCED, ABOUT = N_("Basics"), N_("Advanced"), N_("About")
# The section, the title of the group, and its settings.
GROUPS = (
    (BASICS, N_("Window"), ("theme", "language", "close_to_tray")),
    (BASICS, N_("Hide me"), ("hide_text", "hide_picture")),
    (BASICS, N_("Virtual camera"), ("output",)),
    (ADVANCED, N_("Keyboard"), ("shortcut",)),
    (ADVANCED, N_("Camera"), ("on_demand", "mirror")),
    (ADVANCED, N_("Performance"), ("detail", "timing", "cpu_budget")),
)
# Names of the choices in the window. The command line and the file use the keys.
CHOICES = {
    "theme": {
        "system": N_("Same as the system"),
        "light": N_("Light"),
        "dark": N_("Dark"),
        "contrast": N_("High contrast"),
    },
    "detail": {"normal": N_("Normal"), "high": N_("High")},
    "timing": {"exact": N_("Exact"), "low-latency": N_("Low latency")},
    "language": {"system": N_("Same as the system"), **LANGUAGES},
}


LEAST = {"cpu_budget": N_("No limit")}  # what the smallest number means
# The window has sentences of its own: the help of the command line speaks of values by their names there.
HINTS = {
    "theme": N_("The colours of this window."),
    "language": N_("A change takes effect the next time Backdrop starts."),
    "close_to_tray": N_(
        "Closing the window while the virtual camera is on leaves Backdrop in the system tray."
    ),
    "hide_text": N_("What others read while you hide."),
    "hide_picture": N_("What others see while you hide, instead of the text."),
    "output": N_("Where your picture goes: a virtual camera, PipeWire, or a video file."),
    "shortcut": N_("Keys that turn the blur on and off in every app. Empty: no keys."),
    "on_demand": N_(
        "Your camera and its light are on only while you see the preview or an app uses the virtual camera. "
        "If the system doesn't report that, the camera stays on."
    ),
    "mirror": N_("Flip what others see left to right. Your own preview stays as it is."),
    "detail": N_(
        "High: cleaner hands and outlines; about 70 % more CPU. When the processor is busy, normal is used."
    ),
    "timing": N_("Exact: best edges. Low latency: less delay, but edges may trail when you move."),
    "cpu_budget": N_(
        "How much CPU Backdrop may use, in % of one core. To stay below it, Backdrop lowers the quality."
    ),
}


def hint_of(name: str) -> str:
    """What a setting is for, in the window's own words."""
    return _(HINTS[name])

"""The language of all texts. The source is English; translations are in assets/locale, and `make texts` updates them.

Write every text that a person reads as _("There is no camera {name}.", name=name), and use ngettext() for plurals.
Mark a text that exists before the language is known, such as a module's constant, with N_("Blur"), and pass it to _()
where it is shown. Do not call _() inside an f-string: the texts are not found there. Logs and reports stay English.
"""

import gettext
import logging
import os
import re
import sys
from collections.abc import Sequence

from backdrop.resources import resource

log = logging.getLogger(__name__)

# Each in its own language. Those in brackets have not been read by a native speaker yet.
LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español (sin revisar)",
    "fr": "Français (non relu)",
    "pt_BR": "Português do Brasil (não revisado)",
    "zh_CN": "简体中文 (未审校)",
}
UNREVIEWED = ("es", "fr", "pt_BR", "zh_CN")
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")  # none is translated yet, but the window would be ready
DECIMAL = {"de": ",", "es": ",", "fr": ",", "pt_BR": ","}  # languages whose decimal separator is not a point
SOURCE = "en"
DOMAIN = "backdrop"
_ENGLISH = gettext.NullTranslations()
_catalogue: gettext.NullTranslations | None = None  # None until the first text is needed
_spoken = SOURCE


def speak(language: str = "system", wanted: Sequence[str] | None = None) -> str:
    """Choose the language of all texts from now on, and return its code.

    language: a key of LANGUAGES, or "system" for the first supported language in wanted, else English.
    wanted: codes such as de, de_AT.UTF-8 or de-AT, in order of preference; default: system_languages().
    Never raises: without its catalogues, Backdrop speaks English.
    """
    global _catalogue, _spoken
    code = language if language in LANGUAGES else _first(system_languages() if wanted is None else wanted)
    _catalogue, _spoken = _ENGLISH, SOURCE
    if code != SOURCE:
        try:
            with (resource("locale") / code / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
                _catalogue, _spoken = gettext.GNUTranslations(file), code
        except (OSError, ValueError):
            log.warning("The texts in %s could not be read", code, exc_info=True)
    return _spoken


def spoken() -> str:
    """The code of the language in use."""
    _translations()
    return _spoken


def right_to_left() -> bool:
    """Whether the language in use is written from right to left."""
    return spoken() in RIGHT_TO_LEFT


def system_languages() -> list[str]:
    """The languages set in the system, in order of preference, as the system writes them."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return value.split(":")
    if sys.platform == "win32":
        import ctypes
        import locale

        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return [locale.windows_locale.get(number, SOURCE)]
    return []


def _first(wanted: Sequence[str]) -> str:
    """The first wanted language there is. A Portuguese gets the Brazilian text; traditional Chinese is another script."""
    spoken = {code.partition("_")[0]: code for code in LANGUAGES}
    for each in wanted:
        name, *more = re.split("[-_.@]", each.lower())
        if name in spoken and not (name == "zh" and {"tw", "hk", "mo", "hant"} & set(more)):
            return spoken[name]
    return SOURCE


def _translations() -> gettext.NullTranslations:
    if _catalogue is None:
        speak()
    assert _catalogue is not None
    return _catalogue


def _(text: str, /, **values: object) -> str:
    """Translate a text into the language in use, and fill in its {name} placeholders."""
    return _fill(_translations().gettext(text), text, values) if text else ""


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Translate a text with a plural: ngettext("{n} fault", "{n} faults", n). n is also filled in."""
    found = _translations().ngettext(one, many, n)
    return _fill(found, one if n == 1 else many, {"n": n, **values})


def number(value: float, digits: int = 1) -> str:
    """Format a number with the decimal separator of the language in use."""
    return f"{value:.{digits}f}".replace(".", DECIMAL.get(spoken(), "."))


def N_(text: str, /) -> str:  # noqa: N802  gettext's own name
    """Mark a text for translation, without translating it yet."""
    return text


def _fill(translated: str, source: str, values: dict[str, object]) -> str:
    if not values:
        return translated
    try:
        return translated.format(**values)
    except (KeyError, IndexError, ValueError):  # the translation's placeholders are wrong
        return source.format(**values)

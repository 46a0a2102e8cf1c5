"""The language of the texts: English in the source, others in assets/locale. `make texts` gathers what is to translate.

A text that a person reads is written _("There is no camera {name}.", name=name), and ngettext() where a number decides.
One that is made before the language is known, such as a module's constant, is marked N_("Blur") and given to _() where
it is shown. Logs, and what support reads, stay English.
"""

import gettext
import logging
import os
import sys
from collections.abc import Sequence

from backdrop.resources import resource

log = logging.getLogger(__name__)

LANGUAGES = {"en": "English", "de": "Deutsch"}  # each in its own words
DECIMAL = {"de": ","}  # where it is not a point
SOURCE = "en"
DOMAIN = "backdrop"
_ENGLISH = gettext.NullTranslations()
_catalogue: gettext.NullTranslations | None = None  # None until somebody asks for a text
_spoken = SOURCE


def speak(language: str = "system", wanted: Sequence[str] | None = None) -> str:
    """Choose the language of all texts from now on, and return its code.

    language: a key of LANGUAGES, or "system" for the first of wanted that there is, English when there is none.
    wanted: codes such as de, de_AT.UTF-8 or de-AT, the dearest first; left out: system_languages(). Never raises: a
    copy of Backdrop without its catalogues speaks English.
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


def system_languages() -> list[str]:
    """The languages that the person has set in the system, the dearest first, as the system writes them."""
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
    codes = (each.replace("-", "_").partition("_")[0].partition(".")[0].lower() for each in wanted)
    return next((code for code in codes if code in LANGUAGES), SOURCE)


def _translations() -> gettext.NullTranslations:
    if _catalogue is None:
        speak()
    assert _catalogue is not None
    return _catalogue


def _(text: str, /, **values: object) -> str:
    """The text in the language in use, with {name} replaced by the value of that name."""
    return _fill(_translations().gettext(text), text, values) if text else ""


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """The same where a number decides: ngettext("{n} fault", "{n} faults", n). n is among the values."""
    found = _translations().ngettext(one, many, n)
    return _fill(found, one if n == 1 else many, {"n": n, **values})


def number(value: float, digits: int = 1) -> str:
    """A number with this many digits after the decimal point, or the comma that the language in use has for it."""
    return f"{value:.{digits}f}".replace(".", DECIMAL.get(spoken(), "."))


def N_(text: str, /) -> str:  # noqa: N802  gettext's own name
    """Mark a text for translation without translating it yet."""
    return text


def _fill(translated: str, source: str, values: dict[str, object]) -> str:
    if not values:
        return translated
    try:
        return translated.format(**values)
    except (KeyError, IndexError, ValueError):  # a catalogue's mistake: English is better than nothing
        return source.format(**values)

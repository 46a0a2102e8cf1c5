"""Collects the texts of app/ into the catalogues beside this file, and compiles them: `make texts`.

A new text has no translation in backdrop.po until somebody writes one there; a text that is no longer used is removed. Both
files are committed, so that Backdrop runs from a checkout without a build.
"""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
APP = HERE.parents[1] / "app"
sys.path.insert(0, str(APP))
from backdrop.language import UNREVIEWED  # noqa: E402

# The functions that mark a text, and which arguments are texts. A setting has two, label and help, hence two passes.
KEYWORDS: tuple[dict[str, tuple[int, ...] | None], ...] = (
    {"_": None, "N_": None, "ngettext": (1, 2)},
    {"_setting": (2,)},
    {"_setting": (3,)},
)


def texts() -> Catalog:
    """All texts in app/, without line numbers, which would change with every edit."""
    catalogue = Catalog()
    for keywords in KEYWORDS:
        for _file, _line, message, comments, context in extract_from_dir(
            APP,
            [("**.py", "python")],
            keywords=keywords,
            comment_tags=("Translators:",),
            strip_comment_tags=True,
        ):
            catalogue.add(message, auto_comments=comments, context=context)
    return catalogue


def read(language: str) -> Catalog:
    """The committed catalogue of a language, or an empty one."""
    path = HERE / language / "LC_MESSAGES" / "backdrop.po"
    if not path.exists():
        return Catalog(locale=language, domain="backdrop")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="backdrop")


def compiled(catalogue: Catalog) -> bytes:
    """The bytes of the catalogue's .mo file."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def gather(language: str) -> int:
    """Update the two files of a language. Returns how many texts have no translation."""
    catalogue = read(language)
    catalogue.update(texts(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    catalogue.header_comment = f"# Backdrop's texts in {catalogue.locale and catalogue.locale.english_name}."
    if language in UNREVIEWED:
        catalogue.header_comment += "\n# Not yet reviewed by a native speaker."
    catalogue.project, catalogue.version, catalogue.fuzzy = "Backdrop", "", False
    catalogue.msgid_bugs_address, catalogue.last_translator = "", "The Backdrop authors"
    catalogue.language_team = ""
    folder = HERE / language / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "backdrop.po").open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, omit_header=False)
    (folder / "backdrop.mo").write_bytes(compiled(catalogue))
    return len(untranslated(catalogue))


def untranslated(catalogue: Catalog) -> list[str]:
    """The texts of a catalogue without a translation, or without one of the plural forms."""
    missing = []
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(strings):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def main() -> None:
    for language in sys.argv[1:] or sorted(path.parent.name for path in HERE.glob("*/LC_MESSAGES")):
        missing = gather(language)
        print(f"{language}: {missing} without a translation" if missing else f"{language}: complete")


if __name__ == "__main__":
    main()

"""Gathers the texts of app/ into the catalogues beside this file, and compiles those: `make texts`.

A text that is new stands in backdrop.po without a translation until somebody writes one there; one that is gone is
dropped. Both files are committed, so that Backdrop runs from a checkout without a build.
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
# What marks a text, and which of its arguments hold one. A setting's label and help are two texts, hence two passes.
KEYWORDS: tuple[dict[str, tuple[int, ...] | None], ...] = (
    {"_": None, "N_": None, "ngettext": (1, 2)},
    {"_setting": (2,)},
    {"_setting": (3,)},
)


def texts() -> Catalog:
    """Every text in app/, without places: they would change with each line of code."""
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
    """The catalogue of a language as it is committed; an empty one where there is none yet."""
    path = HERE / language / "LC_MESSAGES" / "backdrop.po"
    if not path.exists():
        return Catalog(locale=language, domain="backdrop")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="backdrop")


def compiled(catalogue: Catalog) -> bytes:
    """The bytes of its .mo file."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def gather(language: str) -> int:
    """Bring a language's two files up to date. Returns how many texts have no translation."""
    catalogue = read(language)
    catalogue.update(texts(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    catalogue.header_comment = f"# Backdrop's texts in {catalogue.locale and catalogue.locale.english_name}."
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
    """The texts of a catalogue that have no translation, or not one for every number."""
    missing = []
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(strings):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def main() -> None:
    for language in sys.argv[1:] or sorted(path.name for path in HERE.iterdir() if path.is_dir()):
        missing = gather(language)
        print(f"{language}: {missing} without a translation" if missing else f"{language}: complete")


if __name__ == "__main__":
    main()

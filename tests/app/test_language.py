"""Texts: every one can be translated and is, placeholders agree, and the language follows the settings and the system."""

import ast
import importlib.util
import os
import re
import string
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from babel.messages.mofile import read_mo

from backdrop import language
from backdrop.language import N_, _, ngettext, number, speak, spoken, system_languages
from backdrop.settings.settings import NAMES, about
from tests import ROOT

LOCALE = ROOT / "assets" / "locale"


def gather_module():
    spec = importlib.util.spec_from_file_location("gather", LOCALE / "gather.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gather = gather_module()
gathered = cache(gather.texts)  # reads all of the source
ENDS = {".": ".", "。": ".", ":": ":", "：": ":", "…": "…"}  # of sentences; the Chinese ones are full width
OTHERS = [code for code in language.LANGUAGES if code != language.SOURCE]


@pytest.fixture(autouse=True)
def english_again():
    yield
    speak("en")


def messages(catalogue):
    """(text, translation) of every text and of every plural."""
    for message in catalogue:
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            ids = ids[1:] if len(ids) > len(strings) else ids  # one form for all numbers, as in Chinese
            yield from zip((*ids, *ids[-1:] * len(strings)), strings, strict=False)


def fields(text: str) -> set[str]:
    braces = {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}
    return braces | set(re.findall(r"%(?:\(\w+\))?[sdr]", text))


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_has_a_translation(code):
    catalogue = gather.read(code)
    known = {message.id for message in catalogue if message.id}
    assert sorted(map(str, {message.id for message in gathered() if message.id} - known)) == [], "make texts"
    assert gather.untranslated(catalogue) == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_fills_in_what_the_text_does_and_keeps_its_commands(code):
    for text, translated in messages(gather.read(code)):
        assert fields(translated) == fields(text), text
        assert set(re.findall("`[^`]+`", translated)) == set(re.findall("`[^`]+`", text)) or "COMMAND" in text
        assert translated.endswith("\n") == text.endswith("\n")
        assert ENDS.get(translated[-1:]) == ENDS.get(text[-1:]), text


@pytest.mark.parametrize("code", OTHERS)
def test_a_backdrop_is_not_called_by_the_name_of_the_program(code):
    texts = dict(messages(gather.read(code)))
    assert texts["Backdrop"] != "Backdrop"
    assert texts["Backdrop: {group}"].startswith(texts["Backdrop"])


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_compiled_is_what_is_written(code):
    with (LOCALE / code / "LC_MESSAGES" / "backdrop.mo").open("rb") as file:
        compiled = {str(message.id): list(message.string) for message in read_mo(file) if message.id}
    written = {str(list(message.id) if isinstance(message.id, tuple) else message.id): list(message.string)
               for message in gather.read(code) if message.id and any(message.string)}  # fmt: skip
    assert compiled == written, "make texts"


@pytest.mark.parametrize("code", OTHERS)
def test_the_card_has_letters_for_its_sentences(code):
    from backdrop.frames import placeholder

    speak(code)
    for sentence in (placeholder.STARTING, placeholder.AWAY, placeholder.HIDDEN):
        assert _(sentence) != sentence
        pixels = placeholder.placeholder(640, 360, sentence)
        assert 0.002 < np.mean(pixels != np.array(placeholder.GROUND)) < 0.1
    demo = placeholder.marked(np.zeros((360, 640, 3), np.uint8), placeholder.DEMO)
    assert np.count_nonzero(demo[:44] > 180) > 500


def test_the_language_is_the_settings_or_the_first_that_the_system_wants_and_there_is():
    assert speak("de") == spoken() == "de"
    assert _("Close") == "Schließen"
    assert speak("en", ["de"]) == "en"
    assert _("Close") == "Close"
    assert speak("system", ["nl_NL.UTF-8", "de-AT", "en"]) == "de"
    assert speak("system", ["en_GB", "de"]) == "en", "English comes first, although it needs no catalogue"
    assert speak("system", ["nl", "C"]) == "en"
    assert speak("klingon", ["de"]) == "de"


def test_a_language_with_a_country_serves_the_others_that_can_read_it():
    assert (
        speak("system", ["pt"]) == speak("system", ["pt-PT"]) == speak("system", ["pt_BR.UTF-8"]) == "pt_BR"
    )
    assert (
        speak("system", ["zh_CN.UTF-8"])
        == speak("system", ["zh-Hans-SG"])
        == speak("system", ["zh"])
        == "zh_CN"
    )
    assert speak("system", ["zh_TW", "zh-Hant-HK", "fr-CA"]) == "fr", "traditional Chinese is another script"


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_that_no_native_speaker_has_read_says_so(code):
    head = (LOCALE / code / "LC_MESSAGES" / "backdrop.po").read_text(encoding="utf-8").partition("msgid")[0]
    marked = "Not yet reviewed by a native speaker" in head
    assert marked == (code in language.UNREVIEWED) == ("(" in language.LANGUAGES[code])


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("de", ["2 Probleme", "1 Problem", "0 Probleme"]),
        ("es", ["2 problemas", "1 problema", "0 problemas"]),
        ("fr", ["2 problèmes", "1 problème", "0 problème"]),
        ("pt_BR", ["2 problemas", "1 problema", "0 problema"]),
        ("zh_CN", ["2 个问题", "1 个问题", "0 个问题"]),
    ],
)
def test_plurals_follow_the_rules_of_the_language(code, forms):
    speak(code)
    assert [ngettext("{n} problem", "{n} problems", n) for n in (2, 1, 0)] == forms


def test_the_environment_is_asked_in_the_order_that_gettext_asks_it(monkeypatch):
    # A dictionary, so that the C library, which keeps what it once translated, hears nothing of it.
    environment = {"LANG": "nl_NL.UTF-8"}
    monkeypatch.setattr(os, "environ", environment)
    assert system_languages() == ["nl_NL.UTF-8"]
    environment["LC_ALL"] = "de_DE.UTF-8"
    assert system_languages() == ["de_DE.UTF-8"]
    environment["LANGUAGE"] = "nl:de"
    assert system_languages() == ["nl", "de"]
    assert speak() == "de"


def test_values_are_filled_in_and_numbers_decide():
    assert _("{name} is closed.", name="{odd} camera") == "{odd} camera is closed."
    assert [ngettext("{n} fault", "{n} faults", n) for n in (1, 2)] == ["1 fault", "2 faults"]
    speak("de")
    assert _("{name} is closed.", name="Eine") == "Eine ist geschlossen."
    assert N_("Close") == "Close"


def test_numbers_have_the_decimal_separator_of_the_language():
    assert [number(33), number(0.456, 2), number(1234.5)] == ["33.0", "0.46", "1234.5"]
    speak("de")
    assert [number(33), number(0.456, 2), number(5, 0)] == ["33,0", "0,46", "5"]
    assert {speak(code): number(0.5) for code in OTHERS} == {
        "de": "0,5", "es": "0,5", "fr": "0,5", "pt_BR": "0,5", "zh_CN": "0.5",
    }  # fmt: skip


def test_a_copy_without_catalogues_speaks_english(monkeypatch, tmp_path):
    monkeypatch.setattr(language, "resource", lambda name: tmp_path / name)
    assert speak("de") == "en"
    assert _("Close") == "Close"


def test_the_settings_table_speaks_the_language_in_use():
    english = {name: about(name).label for name in NAMES}
    speak("de")
    assert about("camera").label == "Kamera"
    assert sum(about(name).label != english[name] for name in NAMES) > len(NAMES) // 2
    assert all(about(name).help for name in NAMES)


def test_the_command_speaks_the_systems_language(tmp_path):
    environment = {
        "LANGUAGE": "de",
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONIOENCODING": "utf-8",
    }
    told = subprocess.run(
        [sys.executable, "-m", "backdrop", "run", "--help"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=True,
    ).stdout  # fmt: skip
    assert told.startswith("Aufruf: backdrop run")
    assert "Sekunden anhalten." in told
    wrong = subprocess.run(
        [sys.executable, "-m", "backdrop", "run", "--width", "7"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert wrong.returncode == 2
    assert "Breite (width) muss zwischen 64 und 7680 liegen, nicht bei 7" in wrong.stderr


# Methods and classes of Qt, and functions of ours, that show their first text to a person.
SHOW = {
    "setText", "setToolTip", "setWindowTitle", "setAccessibleName", "setAccessibleDescription", "setPlaceholderText",
    "setStatusTip", "setWhatsThis", "setTitle", "addItem", "addAction", "addMenu", "addTab", "addRow", "setInformativeText",
    "QLabel", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QGroupBox", "QAction", "QMenu", "QFileDialog",
    "Notice", "label", "sentence", "plain_button", "explain", "showMessage", "tell",
}  # fmt: skip
UNTRANSLATED = {"Backdrop"}  # a name


def bare_texts(source: str) -> list[str]:
    """The texts that are shown as they stand in the source: letters in the first arguments of what SHOW names."""
    found = []
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in SHOW:
            found += [text for argument in call.args[:2] for text in _letters(argument)]
    return [text for text in found if text.strip() not in UNTRANSLATED]


def _letters(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _letters(node.body) + _letters(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if re.search(r"[A-Z][a-z]|[a-z] [a-z]", node.value) else []
    if isinstance(node, ast.JoinedStr):
        return [text for value in node.values for text in _letters(value)]
    return []


def texts_in_f_strings(source: str) -> list[str]:
    """The texts that are translated inside an f-string, where they are not gathered for translation."""
    return [
        ast.unparse(call)
        for joined in ast.walk(ast.parse(source))
        if isinstance(joined, ast.JoinedStr)
        for call in ast.walk(joined)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in ("_", "N_", "ngettext")
        and isinstance(call.args[0], ast.Constant)
    ]


def test_no_text_is_translated_inside_an_f_string():
    found = {
        path.relative_to(ROOT): texts
        for path in (ROOT / "app" / "backdrop").rglob("*.py")
        if (texts := texts_in_f_strings(path.read_text(encoding="utf-8")))
    }
    assert found == {}
    assert texts_in_f_strings("""f"{_('All files')} (*)"; f"{_(name)}"; _("Fine")""") == ["_('All files')"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "app" / "backdrop" / "ui").glob("*.py")), ids=lambda path: path.name
)
def test_no_text_in_the_window_is_left_unmarked(path):
    assert bare_texts(path.read_text(encoding="utf-8")) == []


def test_this_would_notice():
    assert bare_texts('button.setText("Press me"); QLabel(f"It is {x} now"); label(_("Fine"), "hint")') == [
        "Press me",
        "It is ",
    ]


def test_no_error_for_a_person_is_left_unmarked():
    """What is raised as one of our errors is a sentence for a person."""
    bare = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        if "bench" in path.parts or path.name == "cost.py":
            continue  # for developers, in English
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                name = getattr(node.exc.func, "id", "")
                if re.fullmatch(
                    r"(Camera|Output|Settings|Backdrop|Frame|Control|ArgumentType)Error|EndOfVideo", name
                ):
                    bare += [
                        f"{path.name}: {text}" for argument in node.exc.args for text in _letters(argument)
                    ]
    assert bare == []


def test_no_function_hides_the_translator_behind_a_variable_of_its_name():
    """`a, _ = pair` makes _ a variable of the whole function, and _("text") in it fails."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                names = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == "_"]
                stored = any(isinstance(node.ctx, ast.Store) for node in names)
                assert not (stored and any(isinstance(node.ctx, ast.Load) for node in names)), (
                    path,
                    function.name,
                )

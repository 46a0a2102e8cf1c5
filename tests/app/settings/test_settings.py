"""The settings table: always valid, saved whole, and loaded from whatever is in the file."""

import argparse
import dataclasses
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backdrop.settings.arguments import add_arguments, given_settings
from backdrop.settings.file import load_settings, save_settings, settings_path
from backdrop.settings.settings import NAMES, SAVED, Settings, SettingsError, about, check

DEFAULTS = dataclasses.asdict(Settings())

file_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


def _values(name: str) -> st.SearchStrategy:
    what, default = about(name), DEFAULTS[name]
    if isinstance(default, bool):
        return st.booleans()
    if isinstance(default, int):
        return st.integers(what.least, what.most)
    if what.choices:
        return st.sampled_from(what.choices)
    return st.from_regex("#[0-9a-fA-F]{6}", fullmatch=True) if what.colour else file_text


tables = st.builds(Settings, **{name: _values(name) for name in SAVED})
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("settings")


@settings(deadline=None, max_examples=60)
@given(table=tables)
def test_what_is_saved_comes_back(folder, table):
    save_settings(table, folder / "settings.json")
    assert load_settings(folder / "settings.json") == (table, [])


@pytest.mark.parametrize("name", ["hide", "freeze"])
def test_what_holds_for_one_run_is_neither_saved_nor_read(folder, name):
    path = folder / "passing.json"
    save_settings(dataclasses.replace(Settings(), **{name: True}), path)
    assert name not in json.loads(path.read_text())
    path.write_text(json.dumps({name: True, "mirror": True}))
    assert load_settings(path) == (Settings(mirror=True), [])


@settings(deadline=None, max_examples=100)
@given(broken=st.dictionaries(st.sampled_from(SAVED), anything))
def test_a_bad_field_costs_only_itself(folder, broken):
    path = folder / "fields.json"
    path.write_text(json.dumps(broken), encoding="utf-8")
    table, notices = load_settings(path)
    bad = 0
    for name in SAVED:
        try:
            check(name, broken.get(name, DEFAULTS[name]))
        except SettingsError:
            assert getattr(table, name) == DEFAULTS[name]
            assert any(f"({name})" in notice for notice in notices)
            bad += 1
        else:
            assert getattr(table, name) == broken.get(name, DEFAULTS[name])
    assert len(notices) == bad


@settings(deadline=None, max_examples=150)
@given(raw=st.binary(max_size=300) | anything.map(lambda value: json.dumps(value).encode()))
def test_no_file_keeps_the_application_from_starting(folder, raw):
    path = folder / "anything.json"
    path.write_bytes(raw)
    table, notices = load_settings(path)
    assert isinstance(table, Settings)
    assert all(notice and "\n" not in notice for notice in notices)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("blur_strength", 101),
        ("blur_strength", -1),
        ("blur_strength", float("nan")),
        ("blur_strength", True),
        ("fps", 0),
        ("fps", 29.97),
        ("width", "1280"),
        pytest.param("width", 10**5000, id="width-long"),
        ("backdrop", "hologram"),
        ("before_blur", "blur"),
        ("mirror", 1),
        ("mirror", None),
        ("colour", "red"),
        ("colour", "#12345"),
        ("colour", "#123456\n"),
        ("picture", "a\0b"),
        pytest.param("picture", "x" * 1_000_000, id="picture-long"),
        pytest.param("camera", "\ud800", id="camera-surrogate"),
        ("output", ["out.mp4"]),
    ],
)
def test_a_value_that_is_not_right_is_refused_in_one_short_sentence(name, value):
    with pytest.raises(SettingsError) as refused:
        dataclasses.replace(Settings(), **{name: value})
    assert f"({name})" in str(refused.value)
    assert len(str(refused.value)) < 200
    assert "\n" not in str(refused.value)


def test_a_comma_left_out_costs_only_that_line(tmp_path):
    path = tmp_path / "settings.json"
    save_settings(Settings(fps=15, blur_strength=80, mirror=True), path)
    path.write_text(
        path.read_text().replace('"fps": 15,', '"fps": 15,,,').replace('"width": 1280', '"width": 12x')
    )
    table, notices = load_settings(path)
    assert table == Settings(fps=15, blur_strength=80, mirror=True)
    assert len(notices) == 1


def test_a_file_cut_short_keeps_what_is_left_of_it(tmp_path):
    path = tmp_path / "settings.json"
    save_settings(Settings(fps=15, mirror=True), path)
    whole = path.read_text()
    path.write_text(whole[: whole.index('"mirror"')])
    assert load_settings(path)[0] == Settings(fps=15)


def test_the_first_run_has_the_defaults_and_no_notice(tmp_path):
    assert load_settings(tmp_path / "nothing.json") == (Settings(), [])


def test_a_field_of_a_newer_version_is_passed_over(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"hologram": 3, "fps": 25}')
    assert load_settings(path) == (Settings(fps=25), [])


def test_a_file_of_a_gigabyte_is_not_read(tmp_path):
    path = tmp_path / "settings.json"
    with path.open("wb") as file:
        file.truncate(10**9)
    table, notices = load_settings(path)
    assert table == Settings()
    assert "too large" in notices[0]


def test_deep_nesting_and_a_byte_order_mark_are_survived(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text("[" * 100_000)
    assert load_settings(path)[0] == Settings()
    path.write_text('{"fps": 25}', encoding="utf-8-sig")
    assert load_settings(path) == (Settings(fps=25), [])


def test_a_save_that_fails_leaves_the_file_that_was_there(tmp_path, monkeypatch):
    path = tmp_path / "settings.json"
    save_settings(Settings(fps=15), path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left on device"):
        save_settings(Settings(fps=60), path)
    assert load_settings(path) == (Settings(fps=15), [])
    assert list(tmp_path.iterdir()) == [path]


def test_saving_makes_the_folder_and_keeps_a_link_a_link(tmp_path):
    save_settings(Settings(fps=15), tmp_path / "deep" / "er" / "settings.json")
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "deep" / "er" / "settings.json")
    save_settings(Settings(fps=20), link)
    assert link.is_symlink()
    assert load_settings(tmp_path / "deep" / "er" / "settings.json")[0].fps == 20


def test_saving_into_a_file_says_which(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="file"):
        save_settings(Settings(), tmp_path / "file" / "settings.json")


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is another one elsewhere")
def test_the_file_lies_in_the_config_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings_path() == tmp_path / "backdrop" / "settings.json"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert settings_path() == Path.home() / ".config" / "backdrop" / "settings.json"


@given(table=tables)
def test_toggling_the_blur_twice_changes_nothing_that_is_seen(table):
    twice = table.with_blur_toggled().with_blur_toggled()
    assert twice.with_blur_toggled() == table.with_blur_toggled() or twice.before_blur == "none"
    if table.backdrop not in ("blur", "none"):
        assert dataclasses.replace(twice, before_blur=table.before_blur) == table


@given(table=tables)
def test_toggling_the_blur_never_shows_the_room(table):
    for _time in range(3):
        table = table.with_blur_toggled()
        assert table.backdrop != "none"


def test_without_an_earlier_backdrop_the_blur_stays():
    assert Settings().with_blur_toggled() == Settings()
    assert Settings(backdrop="none").with_blur_toggled().with_blur_toggled().backdrop == "blur"


def test_the_room_shown_meanwhile_is_not_what_the_toggle_goes_back_to():
    table = Settings(backdrop="picture").with_backdrop("none").with_blur_toggled()
    assert table.backdrop == "blur"
    assert table.with_blur_toggled().backdrop == "picture"


def test_a_change_of_the_blur_itself_does_not_forget_what_was_before_it():
    table = Settings(backdrop="picture").with_backdrop("blur").with_backdrop("blur")
    assert table.with_blur_toggled().backdrop == "picture"


def test_every_field_says_what_it_is():
    for name in NAMES:
        what = about(name)
        assert what.label
        assert what.help.endswith(".")
        if type(DEFAULTS[name]) is int:
            assert what.least <= DEFAULTS[name] <= what.most
            assert what.least < what.most


def _parse(*words: str) -> Settings:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return replace(Settings(fps=25, mirror=True), **given_settings(parser.parse_args(words)))


def test_the_command_line_changes_only_what_it_names():
    assert _parse() == Settings(fps=25, mirror=True)
    given = _parse("--camera", "0", "--blur-strength", "70", "--no-mirror", "--backdrop", "picture")
    assert given == Settings(camera="0", blur_strength=70, backdrop="picture", fps=25)
    assert _parse("--temperature", "-20", "--auto-light").temperature == -20


@pytest.mark.parametrize(
    "words",
    [
        ("--fps", "fast"),
        ("--fps", "0"),
        ("--colour", "blue"),
        ("--backdrop", "room"),
        pytest.param(("--width", "9" * 5000), id="long"),
    ],
)
def test_a_bad_argument_ends_with_2_and_says_what_would_be_right(words, capsys):
    with pytest.raises(SystemExit) as ended:
        _parse(*words)
    assert ended.value.code == 2
    assert "must be" in capsys.readouterr().err

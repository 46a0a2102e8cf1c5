"""Presets: what they keep, what they change, and that no file and no name breaks them."""

import json

import pytest

from backdrop.settings.presets import KEYS, MOST, Preset, Presets, check_name, presets_path
from backdrop.settings.settings import NAMES, Settings, SettingsError, about

WORK = Settings(backdrop="picture", picture="study", despill=60, auto_framing=True, mirror=True)


@pytest.fixture
def path(tmp_path):
    return presets_path(tmp_path / "settings.json")


def test_a_preset_keeps_the_backdrop_and_what_counts_for_it_and_nothing_else():
    looks = Preset.of("Work", WORK).looks
    assert (looks["backdrop"], looks["picture"], looks["despill"], looks["auto_framing"]) == (
        "picture", "study", 60, True,
    )  # fmt: skip
    assert not {"blur_strength", "colour", "camera", "mirror", "virtual_camera", "output"} & set(looks)


def test_every_setting_that_changes_a_look_names_kinds_of_backdrop():
    kinds = set(about("backdrop").choices) | {"any"}
    looks = {name: about(name).look.split() for name in NAMES if about(name).look}
    assert {"blur_strength", "picture", "colour", "key_colour"} <= set(looks)
    assert all(set(each) <= kinds for each in looks.values())


def test_using_a_preset_changes_only_the_look_and_blur_remembers_what_was_there_before():
    other = Settings(camera="demo", backdrop="colour", colour="#112233", blur_strength=9)
    used = Preset.of("Blurred", Settings(blur_strength=80)).on(other)
    assert (used.backdrop, used.blur_strength, used.before_blur) == ("blur", 80, "colour")
    assert (used.camera, used.colour) == ("demo", "#112233")
    assert used.with_blur_toggled().backdrop == "colour"


def test_presets_are_kept_in_a_file_of_their_own_and_found_by_name_and_number(path):
    presets = Presets(path)
    presets.save("Work", WORK)
    presets.save(" Friends ", Settings(backdrop="colour"))
    presets.belong("friends", "Zoom")
    again = Presets(path)
    assert [preset.name for preset in again.all] == ["Work", "Friends"]
    assert again.find("WORK") == again.find("1") == again.all[0]
    assert again.current(WORK) == again.all[0]
    assert again.current(Settings()) is None
    assert again.for_app("zoom") == again.for_app("ZoomWebviewHost") == again.all[1]
    assert again.for_app("") is again.for_app("Zoo") is None


def test_saving_under_a_name_that_exists_replaces_that_preset_in_its_place(path):
    presets = Presets(path)
    presets.save("Work", WORK)
    presets.save("Friends", Settings())
    presets.belong("Work", "Teams")
    presets.save("work", Settings(backdrop="colour"))
    assert [(each.name, each.looks["backdrop"], each.app) for each in presets.all] == [
        ("Work", "colour", "Teams"),
        ("Friends", "blur", ""),
    ]


def test_a_preset_is_renamed_and_deleted_and_two_never_have_one_name(path):
    presets = Presets(path)
    presets.save("Work", WORK)
    presets.save("Friends", Settings())
    with pytest.raises(SettingsError, match="already a preset FRIENDS"):
        presets.rename("Work", "FRIENDS")
    presets.rename("Work", "WORK")  # only its capitals
    presets.rename("1", "Office")
    presets.delete("Friends")
    assert [preset.name for preset in Presets(path).all] == ["Office"]


def test_a_program_has_one_preset_at_most(path):
    presets = Presets(path)
    presets.save("Work", WORK)
    presets.save("Friends", Settings())
    presets.belong("Work", "Teams")
    presets.belong("Friends", "teams")
    assert [preset.app for preset in presets.all] == ["", "teams"]
    presets.belong("Friends", "")
    assert [preset.app for preset in presets.all] == ["", ""]


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "7", "a\nb", "a\0b"])
def test_a_name_that_cannot_be_a_preset_s_is_refused_with_a_sentence(name):
    with pytest.raises(SettingsError, match="name"):
        check_name(name)


def test_what_a_newer_version_wrote_is_kept_and_an_invalid_value_is_not_used(path):
    looks = {"backdrop": "colour", "colour": "no colour", "sparkle": 7, "camera": "/dev/video9"}
    path.write_text(json.dumps([{"name": "New", "looks": looks}]))
    presets = Presets(path)
    assert presets.all[0].on(Settings()) == Settings().with_backdrop("colour")
    presets.rename("New", "Newer")
    assert json.loads(path.read_text())[0]["looks"] == looks


@pytest.mark.parametrize("backdrop", ["gone", 7, None])
def test_a_preset_without_a_valid_backdrop_leaves_the_one_that_is_there(path, backdrop):
    path.write_text(json.dumps([{"name": "Odd", "looks": {"backdrop": backdrop, "mirror": True}}]))
    for settings in (Settings(), Settings(backdrop="colour")):
        assert Presets(path).all[0].on(settings) == settings
    assert not Presets(path).all[0].matches(Settings())


@pytest.mark.parametrize("raw", [b"", b"{", b"7", b'{"a": 1}', b"[" * 100_000, b"\xff\xfe"])
def test_a_damaged_file_is_put_aside_and_nothing_in_it_is_lost(path, raw):
    path.write_bytes(raw)
    presets = Presets(path)
    assert presets.all == ()
    assert "presets-damaged.json" in presets.notice
    presets.save("Work", WORK)
    assert path.with_name("presets-damaged.json").read_bytes() == raw


def test_entries_that_are_no_presets_cost_only_themselves(path):
    good = {"name": "Work", "looks": {"backdrop": "blur"}}
    path.write_text(json.dumps([7, {"name": 7, "looks": {}}, {"name": "A"}, good, {**good, "name": "work"}]))
    presets = Presets(path)
    assert ([preset.name for preset in presets.all], presets.notice) == (["Work"], "")


def test_where_the_file_cannot_be_written_nothing_changes_and_a_sentence_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    presets = Presets(tmp_path / "file" / "presets.json")
    with pytest.raises(SettingsError, match="could not be saved"):
        presets.save("Work", WORK)
    assert presets.all == ()


def test_there_is_an_end_to_presets_and_a_sentence_for_one_that_is_not_there(path):
    presets = Presets(path)
    with pytest.raises(SettingsError, match="no presets yet"):
        presets.find("Work")
    for number in range(MOST):
        presets.save(f"Preset {number}", WORK)
    with pytest.raises(SettingsError, match="at most"):
        presets.save("One more", WORK)
    with pytest.raises(SettingsError, match="no preset Sea"):
        presets.find("Sea")
    assert KEYS == 9

"""The list of a person's own pictures, beside the settings."""

import json

import pytest

from backdrop.ui.own_pictures import MOST, load_own_pictures, own, save_own_pictures


def test_what_is_saved_is_loaded_again(tmp_path):
    path = tmp_path / "new folder" / "pictures.json"
    pictures = [own("/a/föhn.jpg"), own("/b.png", "The sea", "whole", 20), own("/c.png", "", "fill", 90)]
    save_own_pictures(pictures, path)
    assert load_own_pictures(path) == pictures
    assert json.loads(path.read_text())[0] == "/a/föhn.jpg"  # as older versions read it
    assert [file.name for file in path.parent.iterdir()] == ["pictures.json"]


def test_without_a_file_there_are_none(tmp_path):
    assert load_own_pictures(tmp_path / "pictures.json") == []


@pytest.mark.parametrize(
    "text", ["", "{", '{"a": 1}', "12", "[" * 100_000, "\ud800".encode("utf-8", "surrogatepass")]
)
def test_a_damaged_file_costs_only_the_list(tmp_path, text):
    path = tmp_path / "pictures.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert load_own_pictures(path) == []


def test_what_is_no_path_is_left_out_and_nothing_is_there_twice(tmp_path):
    path = tmp_path / "pictures.json"
    odd = [
        {"path": 7},
        {"path": ""},
        {},
        {"path": "/d.png", "fit": "odd", "position": 101, "name": 7, "more": 1},
    ]
    unusable = ["/nul\0.png", "/half\ud800.png", "https://example.org/a.png", "/" + 5000 * "a"]
    odd += [*unusable, {"path": unusable[0]}]  # no setting can hold them
    path.write_text(json.dumps(["/a.png", 7, None, "", "/a.png", ["/b"], "/c.png", *odd]))
    assert load_own_pictures(path) == [own("/a.png"), own("/c.png"), own("/d.png")]


def test_the_newest_are_kept_when_there_are_too_many(tmp_path):
    path = tmp_path / "pictures.json"
    save_own_pictures([own(f"/{number}.png") for number in range(MOST + 5)], path)
    assert load_own_pictures(path)[-1] == own(f"/{MOST + 4}.png")
    assert len(load_own_pictures(path)) == MOST


def test_a_folder_that_cannot_be_made_is_an_error_for_the_caller(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError):
        save_own_pictures([own("/a.png")], tmp_path / "file" / "pictures.json")

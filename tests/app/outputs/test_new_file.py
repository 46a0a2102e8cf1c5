"""Nothing that a person made is written over: files as outputs, in every command and in the live line."""

import os
import subprocess
from pathlib import Path

import av
import pytest

from backdrop.outputs import new_file
from backdrop.outputs.base import OutputError
from backdrop.outputs.open import open_output
from backdrop.outputs.video_writer import VideoWriter
from tests.line_ends import LONG
from tests.videos import greys, write_video


def length_of(path):
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_a_name_that_is_taken_gets_a_number_and_the_file_stays(tmp_path):
    (tmp_path / "talk.mp4").write_text("a person's")
    (tmp_path / "talk-3.mp4").write_text("another one's")
    made = [new_file.create(tmp_path / "talk.mp4") for _ in range(2)]
    assert [file.path.name for file in made] == ["talk-2.mp4", "talk-4.mp4"]
    assert (tmp_path / "talk.mp4").read_text() == "a person's"
    for file in made:
        file.close()


def test_only_who_asks_for_it_replaces_a_file(tmp_path):
    (tmp_path / "talk.mp4").write_text("old")
    with new_file.create(tmp_path / "talk.mp4", overwrite=True) as file:
        file.write(b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["talk.mp4"]
    assert (tmp_path / "talk.mp4").read_text() == "new"


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path):
    (tmp_path / "talk.mp4").symlink_to(tmp_path / "elsewhere.mp4")
    with new_file.create(tmp_path / "talk.mp4") as file:
        assert file.path.name == "talk-2.mp4"
    assert not (tmp_path / "elsewhere.mp4").exists()


def test_a_file_that_nothing_was_written_to_is_taken_away_again_and_one_that_was_there_is_not(tmp_path):
    VideoWriter(tmp_path / "a.mp4", 64, 48, 25).close()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "b.mp4").touch()
    VideoWriter(tmp_path / "b.mp4", 64, 48, 25, overwrite=True).close()
    assert (tmp_path / "b.mp4").exists()


def test_the_live_line_writes_beside_a_file_that_is_there(tmp_path):
    (tmp_path / "talk.mp4").write_text("a person's")
    for _ in range(2):
        output = open_output(str(tmp_path / "talk.mp4"), 64, 48, 25)
        output.send(greys(1)[0])
        output.close()
    assert output.name == str(tmp_path / "talk-3.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["talk-2.mp4", "talk-3.mp4", "talk.mp4"]
    assert (tmp_path / "talk.mp4").read_text() == "a person's"


@pytest.mark.parametrize("asked", [False, True])
def test_the_command_video_replaces_a_file_only_when_it_is_told_to(here, tmp_path, asked):
    write_video(tmp_path / "in.mp4", greys(3))
    (tmp_path / "out.mp4").write_text("a person's")
    ended = here("video", "in.mp4", "out.mp4", *["--overwrite"] * asked)
    assert ended.returncode == 0, ended.stderr
    if asked:
        assert length_of(tmp_path / "out.mp4") == 3
        assert not (tmp_path / "out-2.mp4").exists()
    else:
        assert "out.mp4 already exists, so out-2.mp4 is written instead" in ended.stdout
        assert (tmp_path / "out.mp4").read_text() == "a person's"
        assert length_of(tmp_path / "out-2.mp4") == 3


@pytest.mark.parametrize("asked", [False, True])
def test_the_command_run_replaces_a_file_only_when_it_is_told_to(here, tmp_path, asked):
    (tmp_path / "out.mp4").write_text("a person's")
    what = "run --camera demo --width 160 --height 96 --output out.mp4 --seconds 0.2"
    ended = here(*what.split(), *["--overwrite"] * asked)
    assert ended.returncode == 0, ended.stderr
    assert ((tmp_path / "out.mp4").read_bytes() == b"a person's") == (not asked)
    assert length_of(tmp_path / ("out.mp4" if asked else "out-2.mp4")) == 6


def _another_name(path: Path, kind: str) -> Path:
    other = path.with_name("other.mp4")
    if kind == "symbolic link":
        other.symlink_to(path)
    elif kind == "hard link":
        os.link(path, other)
    else:
        other = path.parent / "." / "x" / ".." / path.name
        (path.parent / "x").mkdir()
    return other


@pytest.mark.parametrize("kind", ["symbolic link", "hard link", "other spelling"])
@pytest.mark.parametrize("command", ["video", "run", "backdrop"])
def test_what_is_read_is_never_written_to_by_any_name_even_when_told_to(here, tmp_path, command, kind):
    path = write_video(tmp_path / "in.mp4", greys(3))
    before = path.read_bytes()
    other = _another_name(path, kind)
    if command == "video":
        what = ["video", path, other]
    elif command == "run":
        what = ["run", "--camera", path, "--output", other]
    else:
        what = ["run", "--camera", "demo", "--seconds", 0.1, "--backdrop", path, "--output", other]
    ended = here(*what, "--overwrite")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "both input and output" in ended.stderr
    assert path.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
def test_a_pipe_is_written_to(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with (tmp_path / "taken.mp4").open("wb") as taken:
        reader = subprocess.Popen(["cat", tmp_path / "pipe.mp4"], stdout=taken)
        output = open_output(str(tmp_path / "pipe.mp4"), 64, 48, 25)
        for frame in greys(30):
            output.send(frame)
        output.close()
        assert reader.wait(LONG) == 0
    assert length_of(tmp_path / "taken.mp4") == 30


def test_a_folder_in_its_place_is_a_sentence(tmp_path):
    (tmp_path / "a.mp4").mkdir()
    with pytest.raises(OutputError, match=r"a\.mp4 cannot be written: Is a directory"):
        open_output(str(tmp_path / "a.mp4"), 64, 48, 25)

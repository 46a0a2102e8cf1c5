"""A user without a home, and files that are none, keep nothing from starting."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backdrop.files.local import expanded
from backdrop.settings.file import load_settings
from backdrop.settings.settings import LARGEST_FILE, Settings
from backdrop.system.home import home, read_regular
from backdrop.ui.own_pictures import load_own_pictures

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there, users are of another kind")

NAMES = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
NOBODY = 987_654  # who is in no list of users
AS_NOBODY = f"""
import os, sys
os.getuid = lambda: {NOBODY}
from backdrop.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
RUN = ("run", "--camera", "demo", "--width", "160", "--height", "90", "--output", "null", "--seconds", "1")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--version",), "Backdrop "),
        (("run", "--help"), "usage: "),
        (("devices",), "Demo camera"),
        (("doctor", "--json"), '"findings"'),
        (RUN, "frames in"),
        (("run", "--camera", "demo", "--backdrop", f"~{NOBODY}/a.jpg"), "There is no picture"),
    ],
)
def test_a_user_in_no_list_and_without_a_home_gets_every_command(tmp_path, arguments, says):
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    ended = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, *arguments],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said
    assert "Something went wrong" not in said
    assert says in said
    assert ended.returncode in ((2,) if "~" in arguments[-1] else (0, 1) if "doctor" in arguments else (0,))


def test_a_home_that_there_is_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home() == tmp_path
    assert expanded("~/a.jpg") == tmp_path / "a.jpg"


def test_the_home_of_nobody_does_not_exist_and_a_tilde_of_nobody_is_a_name(monkeypatch):
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: NOBODY)
    assert not home().exists()
    assert str(expanded("~/a.jpg")) == "~/a.jpg"


@pytest.fixture
def pipe(tmp_path):
    os.mkfifo(tmp_path / "settings.json")
    return tmp_path / "settings.json"


def test_a_pipe_is_no_file_and_is_not_waited_for(pipe):
    with pytest.raises(OSError, match="not a regular file"):
        read_regular(pipe, 10)
    settings, notices = load_settings(pipe)
    assert settings == Settings()
    assert "could not be read (not a regular file)" in notices[0]
    assert load_own_pictures(pipe) == []


def test_a_folder_and_a_device_are_no_files_either(tmp_path):
    before = lowest_free()
    for path in (tmp_path, Path("/dev/zero")):
        for _time in range(3):
            assert "not a regular file" in load_settings(path)[1][0]
    assert lowest_free() == before, "none stays open"


def lowest_free():
    handle = os.open(os.devnull, os.O_RDONLY)
    os.close(handle)
    return handle


ANY = [
    "[",
    "{",
    "}",
    '"',
    '{"a":',
    '"camera":',
    '"camera": }',
    " ",
    "\n",
    '"camera": [[',
    '"fps": 1}',
    ":",
    "\\",
    "{ ",
    '", ',
]


@pytest.mark.parametrize("text", ANY)
def test_a_megabyte_of_anything_is_read_in_a_moment(tmp_path, text):
    path = tmp_path / "settings.json"
    path.write_text('{\n"mirror": true,\n' + text * ((LARGEST_FILE - 100) // len(text)))
    begun = time.process_time()
    settings, notices = load_settings(path)
    assert time.process_time() - begun < 5  # of the processor; it was minutes, and is less than half a second
    assert len(notices) >= 1
    assert settings.mirror, "what stands on a line of its own is kept"

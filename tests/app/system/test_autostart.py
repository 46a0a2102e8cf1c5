"""Starting with the computer: the desktop's own entry, and a start in the tray that opens no camera."""

import subprocess
import sys

import pytest

from backdrop.system.autostart import entry_path, start_with_the_computer, starts_with_the_computer
from backdrop.system.desktop_entry import InstallError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the desktops of Linux")


def test_the_entry_is_written_and_removed_and_is_what_says_so(tmp_path):
    there = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert not starts_with_the_computer(there)
    start_with_the_computer(True, there)
    assert starts_with_the_computer(there)
    said = entry_path(there).read_text()
    assert " gui --in-tray\n" in said
    (program,) = [line for line in said.splitlines() if line.startswith("Exec=")]
    assert program.startswith("Exec=/"), "a desktop that starts has no PATH of ours"
    start_with_the_computer(False, there)
    assert not entry_path(there).exists()
    start_with_the_computer(False, there)


def test_the_entry_is_one_that_desktops_accept(tmp_path):
    there = {"XDG_CONFIG_HOME": str(tmp_path)}
    start_with_the_computer(True, there)
    try:
        done = subprocess.run(["desktop-file-validate", entry_path(there)], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("needs desktop-file-validate")
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_one_that_the_desktop_has_switched_off_is_off(tmp_path, line):
    there = {"XDG_CONFIG_HOME": str(tmp_path)}
    start_with_the_computer(True, there)
    path = entry_path(there)
    path.write_text(f"{path.read_text()}{line}\n")
    assert not starts_with_the_computer(there)
    start_with_the_computer(True, there)
    assert starts_with_the_computer(there)


def test_a_place_that_cannot_be_written_gives_a_sentence(tmp_path):
    (tmp_path / "autostart").touch()
    with pytest.raises(InstallError, match="cannot be written"):
        start_with_the_computer(True, {"XDG_CONFIG_HOME": str(tmp_path)})

"""The doctor on PipeWire."""

import socket
import sys

import pytest

from backdrop.doctor.pipewire import judge_pipewire
from backdrop.system.pipewire import is_running

APT = "sudo apt install pipewire wireplumber"
HERE = "/run/user/1000/pipewire-0"


@pytest.mark.parametrize(
    ("installed", "running", "wanted", "state", "command"),
    [
        (True, True, True, "ok", ""),
        (False, False, False, "advice", APT),
        (False, False, True, "fault", APT),
        (True, False, False, "advice", "systemctl --user enable --now pipewire wireplumber"),
        (True, False, True, "fault", "systemctl --user enable --now pipewire wireplumber"),
    ],
)
def test_pipewire_is_a_fault_only_where_it_is_missing_and_wanted(installed, running, wanted, state, command):
    finding = judge_pipewire(installed, running, APT, wanted=wanted, socket=HERE)
    assert (finding.state, finding.command) == (state, command)
    assert finding.details == {"installed": installed, "running": running, "socket": HERE}


@pytest.mark.skipif(sys.platform == "win32", reason="PipeWire is a thing of Linux")
def test_pipewire_runs_where_its_socket_is(unprivileged, monkeypatch):
    monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", str(unprivileged))
    assert not is_running()
    (unprivileged / "pipewire-0").write_text("no socket")
    assert not is_running()
    monkeypatch.setenv("PIPEWIRE_REMOTE", "other")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(unprivileged / "other"))
        assert is_running()

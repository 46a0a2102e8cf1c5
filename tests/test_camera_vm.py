"""The camera VM's preparation says what it waits for."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PREPARE = Path(__file__).parent / "system" / "prepare.sh"

pytestmark = pytest.mark.skipif(
    os.uname().machine != "x86_64" if sys.platform != "win32" else True, reason="the camera VM is for x86-64"
)


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="prepare.sh is for Debian")
def test_a_second_preparation_says_for_whom_it_waits_and_gives_up(tmp_path):
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711\n")
        lock.flush()
        ended = subprocess.run(
            [PREPARE], env=os.environ | {"CAM_VM_DIR": str(tmp_path), "CAM_VM_WAIT": "1"},
            capture_output=True, text=True, timeout=600,
        )  # fmt: skip
    assert ended.returncode == 77
    waiting, given_up = ended.stderr.splitlines()
    assert f"waiting up to 1 s for process 4711, which prepares {tmp_path}" in waiting
    assert "process 4711 has held" in given_up
    assert "CAM_VM_DIR" in given_up

"""The policy and the script where packages put them, with polkit itself: who may do what, and only that."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("only Linux has polkit", allow_module_level=True)

from backdrop.doctor.driver import Driver
from backdrop.resources import resource
from backdrop.setup import SetupError, Way, carry_out, plan
from tests.fake_linux import DEBIAN, KERNEL, FakeLinux, can_have_one

POLKITD = Path("/usr/lib/polkit-1/polkitd")
ACTIONS = Path("/usr/share/polkit-1/actions")
ID = "alt.sinet_backdrop.backdrop"
lacking = [each for each in ("dbus-daemon", "pkexec", "setpriv") if shutil.which(each) is None]
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0 or not can_have_one(), reason="needs root, to be another user"),
    pytest.mark.skipif(
        bool(lacking) or not POLKITD.exists(),
        reason="needs polkitd, pkexec; `make test` installs them on Debian",
    ),
]

# Lets everybody undo, without a password; all else is left to the policy, and nobody is there to give a password.
RULE = """\
polkit.addRule(function(action, subject) {
    if (action.id == "%s.undo-setup") return polkit.Result.YES;
});
"""
# In a mount namespace: the fake Linux, what a package brings, a system bus and polkit; then, as nobody, a command.
AS_NOBODY = """\
world=$0
mount --bind $world/sys /sys
mount --bind $world/bin /usr/local/sbin
mount --bind $world/actions /usr/share/polkit-1/actions
mount --bind $world/libexec /usr/libexec
mkdir -p /run/dbus
mount -t tmpfs tmpfs /run/dbus
mount --bind $world/rules /etc/polkit-1/rules.d
# A computer without kmod and systemd lacks these folders, and nothing can be mounted where nothing is.
mkdir -p /etc/modprobe.d /etc/modules-load.d
for name in os-release modprobe.d modules-load.d; do
    mount --bind $world/etc/$name $(readlink -f /etc/$name) || exit 99
done
dbus-daemon --system --nofork --nopidfile >/dev/null 2>&1 &
bus=$!
until [ -S /run/dbus/system_bus_socket ]; do sleep 0.1; done
%s --no-debug >/dev/null 2>&1 &
polkit=$!
until pkaction --action-id %s.setup >/dev/null 2>&1; do sleep 0.1; done
cd /
setpriv --reuid=65534 --regid=65534 --clear-groups "$@" </dev/null
status=$?
kill $polkit $bus
exit $status
"""


@pytest.fixture
def linux(tmp_path):
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    made = FakeLinux(tmp_path / "linux")
    for name in ("actions", "libexec/backdrop", "rules"):
        (made.world / name).mkdir(parents=True)
    for path in ACTIONS.glob("*.policy"):
        shutil.copy(path, made.world / "actions")
    shutil.copy(resource("desktop/backdrop.policy"), made.world / "actions" / f"{ID}.policy")
    script = made.world / "libexec" / "backdrop" / "set-up-virtual-camera"
    shutil.copy(resource("desktop/set-up-virtual-camera"), script)
    script.chmod(0o755)
    (made.world / "rules" / "10-test.rules").write_text(RULE % ID)
    return made


def way(linux):
    """As an ordinary user on a computer that has Backdrop's package."""
    start = [
        "unshare",
        "--mount",
        "--fork",
        "--kill-child",
        "sh",
        "-c",
        AS_NOBODY % (POLKITD, ID),
        str(linux.world),
    ]
    return Way(linux.way.as_user, [*start, "pkexec", "/usr/libexec/backdrop/set-up-virtual-camera"])


def test_without_a_password_nothing_is_set_up(linux):
    here = Driver(KERNEL, DEBIAN)
    shown = plan(linux.way, driver=here)
    with pytest.raises(SetupError, match=r"You are not allowed to do that .* Nothing has changed"):
        carry_out(shown, way(linux), driver=here)
    assert (linux.done, list(linux.files())) == ([], ["os-release"])


def test_who_is_allowed_one_of_the_two_is_not_allowed_the_other_and_nothing_else(linux):
    here = Driver(KERNEL, DEBIAN)
    carry_out(plan(linux.way, driver=here), linux.way, driver=here)
    for words in (["undo", "install"], ["undo", "/etc/passwd"]):
        assert subprocess.run([*way(linux).as_root, *words], capture_output=True).returncode == 2
    assert linux.loaded
    carry_out(plan(linux.way, undo=True, driver=here), way(linux), driver=here)
    assert not linux.loaded
    assert (linux.packages, list(linux.files())) == (set(), ["os-release"])

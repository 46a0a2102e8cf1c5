"""Installs the system packages that a checkout needs on Debian and Ubuntu. For make; needs only Python itself.

python assets/setup/packages.py run     what Backdrop itself needs
python assets/setup/packages.py test    what its tests need in addition

On other systems it does nothing; `backdrop doctor` says what is missing.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "app"))

from backdrop.doctor.display import PACKAGES

# Programs, each with its package.
PROGRAMS = {
    "dbus-daemon": "dbus",
    "desktop-file-validate": "desktop-file-utils",
    "appstreamcli": "appstream",
    "flatpak-builder": "flatpak-builder",
    "systemd-analyze": "systemd",
    "Xvfb": "xvfb",
    "xvfb-run": "xvfb",
    "weston": "weston",
    "/usr/libexec/xdg-desktop-portal": "xdg-desktop-portal",
    "pipewire": "pipewire",
    "pw-dump": "pipewire-bin",
    "wireplumber": "wireplumber",
    "gst-launch-1.0": "gstreamer1.0-tools",
    "pkexec": "pkexec",
    "/usr/lib/polkit-1/polkitd": "polkitd",
}
# Plug-ins, each with its package.
PLUGINS = {"usr/lib/*/gstreamer-1.0/libgstpipewire.so": "gstreamer1.0-pipewire"}


def loadable() -> str:
    """The names of the libraries that can be loaded, one per line."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/sbin", "/usr/sbin"])
    ldconfig = shutil.which("ldconfig", path=path)
    return subprocess.run([ldconfig, "-p"], capture_output=True, text=True).stdout if ldconfig else ""


def missing_to_run() -> list[str]:
    """The missing packages that Backdrop needs: libraries of Qt and OpenCV, a C compiler, and Python's venv."""
    known = loadable()
    missing = [package for library, package in PACKAGES.items() if f"{library} " not in known]
    if not any(map(shutil.which, ("cc", "gcc", "clang"))):
        missing += ["gcc", "libc6-dev"]
    if find_spec("ensurepip") is None:
        missing.append("python3-venv")
    return missing


def missing_to_test() -> list[str]:
    """The missing packages whose programs the tests start."""
    missing = {package for program, package in PROGRAMS.items() if shutil.which(program) is None}
    missing |= {package for pattern, package in PLUGINS.items() if not any(Path("/").glob(pattern))}
    return sorted(missing)


def install(packages: list[str]) -> int:
    """Install Debian packages, or say how an administrator can. Returns an exit status."""
    if not packages:
        return 0
    asked = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    become = [] if os.geteuid() == 0 else [path] if (path := shutil.which("sudo")) else None
    if become is None:
        print(f"System packages are missing. Ask an administrator to run: {' '.join(asked)}", file=sys.stderr)
        return 1
    print("Installing system packages:", *packages, flush=True)
    for command in (["apt-get", "-qq", "update"], [asked[0], "-qq", *asked[1:]]):
        done = subprocess.run(
            [*become, "env", "DEBIAN_FRONTEND=noninteractive", *command], stdout=subprocess.DEVNULL
        )
        if done.returncode != 0:
            print(f"This failed: {' '.join(command)}", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  run with an old Python, it should say so
        sys.exit("Backdrop needs Python 3.11 or newer.")
    if shutil.which("apt-get") is not None:
        install({"run": missing_to_run, "test": missing_to_test}[sys.argv[1]]())

"""The virtual camera's driver on Linux, v4l2loopback: installed, built for this kernel, loaded, new enough."""

import platform
import re
from dataclasses import dataclass
from pathlib import Path

from backdrop.doctor.finding import Finding
from backdrop.doctor.secure_boot import SecureBoot, secure_boot
from backdrop.language import N_, _
from backdrop.system.distribution import FROM_SOURCE, HEADERS, INSTALL, REBUILD, family
from backdrop.system.probe import text_of

DRIVER = N_("Virtual camera's driver")
AT_START = N_("Virtual camera at start")
OPTIONS = "exclusive_caps=1 card_label=Backdrop"
LOAD = f"sudo modprobe v4l2loopback {OPTIONS}"
LOAD_AT_START = (
    "echo v4l2loopback | sudo tee /etc/modules-load.d/backdrop.conf && "
    f"echo 'options v4l2loopback {OPTIONS}' | sudo tee /etc/modprobe.d/backdrop.conf"
)
OLD = (0, 13)  # the first that notices a writer's end and tells who watches

_PARAMETERS = Path("/sys/module/v4l2loopback")


@dataclass(frozen=True, slots=True)
class Driver:
    """What Linux tells of v4l2loopback. Texts are those of the files named; None where there is no such file.

    kernel: as `uname -r` has it. os_release: /etc/os-release. modules: /proc/modules. files: paths of the driver
    under /lib/modules, for any kernel. sources: folders in /usr/src, which say that the package is installed.
    headers: what building needs is there. loaded: it is in the kernel now. version: as its "version" has it.
    tells_state: its devices have a "state", which came with 0.13. at_start: texts of /etc/modules-load.d and
    /etc/modules; options: texts of /etc/modprobe.d.
    """

    kernel: str
    os_release: str = ""
    modules: str | None = ""
    files: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    headers: bool = True
    loaded: bool = False
    version: str | None = None
    tells_state: bool = False
    at_start: str = ""
    options: str = ""
    secure_boot: SecureBoot = SecureBoot()  # noqa: RUF009  frozen, and so never shared state


def read_driver() -> Driver:
    """What this computer tells."""
    kernel = platform.release()
    built = Path("/lib/modules").glob("*/**/v4l2loopback.ko*")
    sources = Path("/usr/src").glob("*v4l2loopback*")
    loaded = _PARAMETERS.is_dir()
    return Driver(
        kernel=kernel,
        os_release=text_of("/etc/os-release") or "",
        modules=text_of("/proc/modules"),
        files=tuple(sorted(str(each) for each in built)),
        sources=tuple(sorted(str(each) for each in sources)),
        headers=Path("/lib/modules", kernel, "build").exists(),
        loaded=loaded,
        version=text_of(_PARAMETERS / "version"),
        tells_state=any(Path("/sys/class/video4linux").glob("video*/state")),
        at_start=_texts("/etc/modules-load.d/*.conf", "/usr/lib/modules-load.d/*.conf", "/etc/modules"),
        options=_texts("/etc/modprobe.d/*.conf"),
        secure_boot=SecureBoot() if loaded else secure_boot(),
    )


def _texts(*patterns: str) -> str:
    paths = [path for pattern in patterns for path in sorted(Path("/").glob(pattern.removeprefix("/")))]
    return "\n".join(text_of(path) or "" for path in paths)


def judge_driver(driver: Driver) -> list[Finding]:
    """Whether it is there and will be there, and what to run where it is not."""
    return [_loaded(driver), *_at_start(driver)] if driver.loaded else [_missing(driver)]


def _missing(driver: Driver) -> Finding:
    sentence, command = _why_missing(driver, family(driver.os_release))
    details = {
        "kernel": driver.kernel,
        "built for": [_kernel_of(each) for each in driver.files],
        "sources": list(driver.sources),
        "headers": driver.headers,
        "refuses unsigned drivers": driver.secure_boot.refuses,
    }
    return Finding(DRIVER, "fault", sentence, command, details)


def _why_missing(driver: Driver, kind: str) -> tuple[str, str]:
    """The sentence and the command."""
    if driver.modules is None:
        return (
            _(
                "This kernel loads no drivers, as in a container or a small virtual machine: start "
                "Backdrop on the computer itself, or let it write a video file."
            )
        ), ""
    if "microsoft" in driver.kernel.lower():
        return _("Linux inside Windows has no virtual cameras: install Backdrop in Windows itself."), ""
    built = [each for each in driver.files if _kernel_of(each) == driver.kernel]
    if built:
        # What the distribution built lies in /kernel/, and it has signed that itself.
        here = any("/updates/" in each or "/extra/" in each for each in built)
        return _why_not_loaded(driver.secure_boot if here else SecureBoot(), kind)
    if driver.files or driver.sources:
        why = "" if driver.headers else _(", whose headers are missing")
        headers = [] if driver.headers or kind not in HEADERS else [HEADERS[kind]]
        return (
            _(
                "The virtual camera's driver is installed, but not built for this kernel, {kernel}{why}.",
                kernel=driver.kernel,
                why=why,
            )
        ), " && ".join([*headers, REBUILD.get(kind, "sudo dkms autoinstall"), LOAD])
    return (
        _("The virtual camera's driver, v4l2loopback, is not installed.")
    ), f"{INSTALL.get(kind, FROM_SOURCE)} && {LOAD}"


def _why_not_loaded(secure: SecureBoot, kind: str) -> tuple[str, str]:
    if secure.refuses and not secure.key:
        again = (
            "sudo apt install --reinstall v4l2loopback-dkms" if kind == "debian" else "sudo dkms autoinstall"
        )
        return (
            _(
                "Secure Boot is in the way: the virtual camera's driver is signed with no key of this "
                "computer. Build it again, which makes a key, and ask the doctor again."
            )
        ), again
    if secure.refuses and secure.trusted is not True:
        return (
            _(
                "Secure Boot is in the way: the key that signed the virtual camera's driver has to be "
                "enrolled. Think of a password for the command, start the computer anew, and choose "
                "Enroll MOK in the blue menu."
            )
        ), f"sudo mokutil --import {secure.key}"
    return _("The virtual camera's driver is installed, but not loaded."), LOAD


def _kernel_of(path: str) -> str:
    """The kernel that a file under /lib/modules is for."""
    return path.removeprefix("/lib/modules/").partition("/")[0]


def version_of(driver: Driver) -> tuple[int, ...] | None:
    """The loaded driver's version; None for one that tells none, as many builds do."""
    numbers = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", driver.version or "")
    return tuple(int(each) for each in numbers.groups("0")) if numbers else None


def _loaded(driver: Driver) -> Finding:
    version = version_of(driver)
    old = not driver.tells_state and (version is None or version < OLD)
    name = driver.version or ("0.12 or older" if old else "0.13 or newer")
    details = {"version": name, "kernel": driver.kernel}
    if old:
        return Finding(
            DRIVER,
            "advice",
            _(
                "The virtual camera's driver is old (v4l2loopback {name}): it tells nobody whether a call"
                " is watching, and forgets programs that have ended, which Backdrop mends each time. 0.13"
                " does both.",
                name=name,
            ),
            FROM_SOURCE,
            details,
        )
    return Finding(DRIVER, "ok", _("v4l2loopback {name} is loaded.", name=name), details=details)


def _at_start(driver: Driver) -> list[Finding]:
    """Whether the driver comes back when the computer starts anew."""
    loads = re.search(r"^\s*v4l2loopback\b", driver.at_start, re.MULTILINE)
    options = re.search(r"^\s*options\s+v4l2[-_]?loopback\b.*", driver.options, re.MULTILINE)
    exclusive = options is not None and re.search(r"exclusive_caps=(1|Y)", options[0])
    if loads and exclusive:
        return [Finding(AT_START, "ok", _("The driver is loaded whenever the computer starts."))]
    said = _("without exclusive_caps=1") if loads else _("not loaded")
    return [
        Finding(
            AT_START,
            "advice",
            _("After the next start of the computer the virtual camera's driver is {said}.", said=said),
            LOAD_AT_START,
        )
    ]

"""The virtual camera driver on Linux, v4l2loopback: installed, built for this kernel, loaded, new enough."""

import platform
import re
from dataclasses import dataclass
from pathlib import Path

from backdrop.doctor.finding import Finding
from backdrop.doctor.secure_boot import SecureBoot, secure_boot
from backdrop.language import N_, _
from backdrop.system.distribution import FROM_SOURCE, HEADERS, INSTALL, REBUILD, family
from backdrop.system.probe import text_of

DRIVER = N_("Virtual camera driver")
AT_START = N_("Driver at startup")
OPTIONS = "exclusive_caps=1 card_label=Backdrop"
LOAD = f"sudo modprobe v4l2loopback {OPTIONS}"
LOAD_AT_START = (
    "echo v4l2loopback | sudo tee /etc/modules-load.d/backdrop.conf && "
    f"echo 'options v4l2loopback {OPTIONS}' | sudo tee /etc/modprobe.d/backdrop.conf"
)
OLD = (0, 13)  # the first version that notices when a writer ends and reports whether anyone watches

_PARAMETERS = Path("/sys/module/v4l2loopback")


@dataclass(frozen=True, slots=True)
class Driver:
    """What Linux knows about v4l2loopback. Texts of files are None if the file does not exist.

    kernel: the output of `uname -r`. os_release: text of /etc/os-release. modules: text of /proc/modules. files: the
    driver's files under /lib/modules, for any kernel. sources: its folders in /usr/src, present if the package is
    installed. headers: the kernel headers are installed. loaded: the kernel has loaded it. version: text of its "version"
    file. tells_state: its devices have a "state" file, new in 0.13. at_start: texts of /etc/modules-load.d and
    /etc/modules. options: texts of /etc/modprobe.d.
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
    secure_boot: SecureBoot = SecureBoot()  # noqa: RUF009  it is frozen


def read_driver() -> Driver:
    """The state of the driver on this computer."""
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
    """Whether the driver is loaded, and will be after a restart; if not, what to run."""
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
                "Virtual cameras can't run here (container or minimal VM). Run Backdrop on the host, or "
                "record to a file."
            )
        ), ""
    if "microsoft" in driver.kernel.lower():
        return _("Linux inside Windows has no virtual cameras. Install Backdrop in Windows itself."), ""
    built = [each for each in driver.files if _kernel_of(each) == driver.kernel]
    if built:
        # Files under /kernel/ were built, and signed, by the distribution.
        here = any("/updates/" in each or "/extra/" in each for each in built)
        return _why_not_loaded(driver.secure_boot if here else SecureBoot(), kind)
    if driver.files or driver.sources:
        why = "" if driver.headers else _(" (the kernel headers are missing)")
        headers = [] if driver.headers or kind not in HEADERS else [HEADERS[kind]]
        return (
            _(
                "The virtual camera driver is installed, but not built for the running kernel {kernel}{why}.",
                kernel=driver.kernel,
                why=why,
            )
        ), " && ".join([*headers, REBUILD.get(kind, "sudo dkms autoinstall"), LOAD])
    by_hand = f"{INSTALL.get(kind, FROM_SOURCE)} && {LOAD}"
    if kind in INSTALL:
        return _(
            "The virtual camera driver, v4l2loopback, is not installed. Run `backdrop setup`, or install it by hand:"
        ), by_hand
    return _("The virtual camera driver, v4l2loopback, is not installed. Install it by hand:"), by_hand


def _why_not_loaded(secure: SecureBoot, kind: str) -> tuple[str, str]:
    if secure.refuses and not secure.key:
        again = (
            "sudo apt install --reinstall v4l2loopback-dkms" if kind == "debian" else "sudo dkms autoinstall"
        )
        return (
            _(
                "Secure Boot blocks the virtual camera driver because it is not signed with a key of this "
                "computer. Rebuild it, which creates a key, then run the doctor again."
            )
        ), again
    if secure.refuses and secure.trusted is not True:
        return (
            _(
                "Secure Boot blocks the virtual camera driver until its key is enrolled. Choose a password "
                "for the command, restart the computer, and select Enroll MOK in the blue menu."
            )
        ), f"sudo mokutil --import {secure.key}"
    return _(
        "The virtual camera driver is installed, but not loaded. Run `backdrop setup`, which also "
        "loads it at startup, or load it by hand:"
    ), LOAD


def _kernel_of(path: str) -> str:
    """The kernel that a file under /lib/modules is for."""
    return path.removeprefix("/lib/modules/").partition("/")[0]


def version_of(driver: Driver) -> tuple[int, ...] | None:
    """The version of the loaded driver; None if it does not say, as with many builds."""
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
                "The virtual camera driver is old (v4l2loopback {name}). It doesn't report whether a call is "
                "watching, and keeps a device busy after a program has ended, which Backdrop works around. "
                "Version 0.13 fixes both.",
                name=name,
            ),
            FROM_SOURCE,
            details,
        )
    return Finding(DRIVER, "ok", _("v4l2loopback {name} is loaded.", name=name), details=details)


def _at_start(driver: Driver) -> list[Finding]:
    """Whether the driver is loaded when the computer starts."""
    loads = re.search(r"^\s*v4l2loopback\b", driver.at_start, re.MULTILINE)
    options = re.search(r"^\s*options\s+v4l2[-_]?loopback\b.*", driver.options, re.MULTILINE)
    exclusive = options is not None and re.search(r"exclusive_caps=(1|Y)", options[0])
    if loads and exclusive:
        return [Finding(AT_START, "ok", _("The driver is loaded at startup."))]
    said = (
        _(
            "The virtual camera driver is loaded at startup, but without exclusive_caps=1, so calls would not list it."
        )
        if loads
        else _(
            "The virtual camera driver is not loaded at startup. Run `backdrop setup`, or set it up by hand:"
        )
    )
    return [Finding(AT_START, "advice", said, LOAD_AT_START)]

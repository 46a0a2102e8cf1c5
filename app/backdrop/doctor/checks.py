"""All checks, in the order in which they are reported."""

import sys
from collections.abc import Callable
from pathlib import Path

from backdrop.doctor.cameras import CAMERA, judge_cameras, read_cameras, usb_cameras_without_driver
from backdrop.doctor.compiled import COMPILED, examine_compiled
from backdrop.doctor.crashes import CRASHES, examine_crashes
from backdrop.doctor.display import DISPLAY, examine_display
from backdrop.doctor.driver import judge_driver, read_driver
from backdrop.doctor.finding import Finding
from backdrop.doctor.loopback import DEVICE, judge_loopbacks, read_loopbacks
from backdrop.doctor.pipewire import PIPEWIRE, examine_pipewire
from backdrop.doctor.saved import SAVED, examine_saved
from backdrop.doctor.shortcut import SHORTCUT, examine_shortcut
from backdrop.doctor.software import (
    NETWORK,
    PACKAGES,
    RUNTIME,
    examine_network,
    examine_runtime,
    judge_packages,
    read_packages,
)
from backdrop.language import _
from backdrop.settings.file import load_settings, settings_path
from backdrop.settings.settings import Settings


def examine(*, try_camera: str | None = None) -> list[Finding]:
    """Examine this computer. Takes about two seconds, opens no camera, and uses no network. Never raises.

    try_camera: also open this camera for three seconds, which turns on its light; "" for the one in the settings or
    else the first.
    """
    path = settings_path()
    settings = load_settings(path)[0]
    checks: list[tuple[str, Callable[[], list[Finding]]]] = [
        (DEVICE, _virtual_camera),
        (PIPEWIRE, lambda: _pipewire(settings)),
        (CAMERA, lambda: _cameras(settings)),
        (CAMERA, lambda: _tried(try_camera, settings)),
        (PACKAGES, lambda: judge_packages(*read_packages())),
        (RUNTIME, examine_runtime),
        (COMPILED, examine_compiled),
        (NETWORK, lambda: examine_network(settings)),
        (DISPLAY, examine_display),
        (SHORTCUT, examine_shortcut),
        (SAVED, lambda: examine_saved(path)),
        (CRASHES, examine_crashes),
    ]
    return [finding for examined, look in checks for finding in _safely(examined, look)]


def _safely(examined: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    """What a check finds. If the check itself fails, that is the finding, and the others still run."""
    try:
        return look()
    except Exception as error:
        said = _("{examined} could not be checked: {reason}", examined=_(examined), reason=error)
        return [Finding(examined, "fault", said, details={"error": repr(error)})]


def _virtual_camera() -> list[Finding]:
    if not sys.platform.startswith("linux"):
        from backdrop.doctor.obs import examine_obs

        return examine_obs()
    driver = read_driver()
    told = judge_driver(driver)
    if not driver.loaded:
        return told
    return [told[0], *judge_loopbacks(read_loopbacks(), _not_given()), *told[1:]]


def _pipewire(settings: Settings) -> list[Finding]:
    if not sys.platform.startswith("linux"):
        return []
    return examine_pipewire(settings)


def _not_given() -> list[str]:
    """Video devices of the computer that are missing from /dev, as in a container."""
    there = Path("/sys/class/video4linux").glob("video*")
    return sorted(each.name for each in there if not Path("/dev", each.name).exists())


def _cameras(settings: Settings) -> list[Finding]:
    if not sys.platform.startswith("linux"):
        said = _(
            "Here a camera can only be tested by opening it, which turns on its light. This command does "
            "that:"
        )
        return [Finding(CAMERA, "ok", said, "backdrop doctor --try-camera")]
    return judge_cameras(read_cameras(settings), settings, usb_cameras_without_driver())


def _tried(spec: str | None, settings: Settings) -> list[Finding]:
    if spec is None:
        return []
    from backdrop.doctor.light import try_camera

    return try_camera(spec, settings)

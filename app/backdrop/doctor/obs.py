"""The virtual camera on Windows and macOS, which is part of OBS Studio."""

import sys
from functools import partial
from pathlib import Path

from backdrop.doctor.finding import Finding
from backdrop.language import N_, _
from backdrop.system.probe import said_by

DEVICE = N_("Virtual camera")
CLASS = r"HKCR\CLSID\{A3FCE0F5-3493-419F-958A-ABA1250EC20B}\InprocServer32"
EXTENSION = "com.obsproject.obs-studio.mac-camera-extension"


def examine_obs() -> list[Finding]:
    """Whether the virtual camera of OBS Studio is installed."""
    if sys.platform == "win32":
        return [judge_windows(said_by("reg", "query", CLASS))]
    plugin = Path("/Library/CoreMediaIO/Plug-Ins/DAL/obs-mac-virtualcam.plugin").exists()
    return [judge_mac(said_by("systemextensionsctl", "list"), Path("/Applications/OBS.app").exists(), plugin)]


def judge_windows(registered: str) -> Finding:
    """registered: the output of `reg query` for the class of OBS Studio's virtual camera."""
    if "obs-virtualcam" in registered:
        return Finding(DEVICE, "ok", _("OBS Virtual Camera is installed. Choose it as the camera in calls."))
    return Finding(
        DEVICE,
        "fault",
        _(
            "There is no virtual camera. Install OBS Studio, which includes one. OBS itself need not be "
            "running."
        ),
        "winget install OBSProject.OBSStudio",
        {"reg query": registered},
    )


def judge_mac(extensions: str, application: bool, plugin: bool) -> Finding:
    """extensions: the output of `systemextensionsctl list`. application: OBS Studio is installed. plugin: so is the old
    kind of virtual camera, of OBS Studio before version 30."""
    line = next((each for each in extensions.splitlines() if EXTENSION in each), "")
    details = {"extension": line.strip(), "application": application, "plugin": plugin}
    found = partial(Finding, DEVICE, details=details)
    if "activated enabled" in line or plugin:
        return found("ok", _("OBS Virtual Camera is installed. Choose it as the camera in calls."))
    if "waiting for user" in line:
        return found(
            "fault",
            _(
                "OBS Virtual Camera needs your permission. Allow it in System Settings › General › Login "
                "Items & Extensions."
            ),
            "open 'x-apple.systempreferences:com.apple.LoginItems-Settings.extension'",
        )
    if application:
        return found(
            "fault",
            _(
                "OBS Studio is installed, but its virtual camera is not. Start the virtual camera in OBS "
                "once, then stop it."
            ),
            "open -a OBS",
        )
    return found(
        "fault",
        _("There is no virtual camera. Install OBS Studio, start its virtual camera once, then stop it."),
        "brew install --cask obs",
    )

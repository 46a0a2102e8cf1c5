"""The saved settings: whether they are valid and writable, and whether what they name still exists."""

import os
import shlex
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from backdrop.doctor.finding import Finding
from backdrop.language import N_, _
from backdrop.settings.file import load_settings
from backdrop.settings.settings import Settings

SAVED = N_("Settings")


def examine_saved(path: Path) -> list[Finding]:
    """One finding about the settings in a file."""
    settings, notices = load_settings(path)
    return [judge_saved(path, path.exists(), notices, lost(settings), obstacle(path))]


def obstacle(path: Path) -> tuple[str, str]:
    """Why the file cannot be saved, and the command that fixes it; both "" if it can.

    Checks its folder, or the nearest one above that exists, and writes nothing.
    """
    folder = next(each for each in path.parents if each.exists())
    if not folder.is_dir():
        return _("{folder} is a file, not a folder", folder=folder), ""
    if os.access(folder, os.W_OK | os.X_OK):
        return "", ""
    if sys.platform == "win32":
        return _("you may not write to {folder}", folder=folder), ""
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return _("the disk that {folder} is on is read-only", folder=folder), ""
    if folder.stat().st_uid == os.getuid():
        return _("{folder} is read-only", folder=folder), f"chmod u+rwx {shlex.quote(str(folder))}"
    return _(
        "{folder} belongs to another user", folder=folder
    ), f"sudo chown -R $USER {shlex.quote(str(folder))}"


def lost(settings: Settings) -> list[str]:
    """What the settings name and this computer does not have, in words."""
    found = []
    camera, output = settings.camera, settings.output
    if camera.startswith("/dev/") and not Path(camera).exists():
        found.append(_("the camera {camera}", camera=camera))
    if output.startswith("/dev/") and not Path(output).exists():
        found.append(_("the virtual camera {output}", output=output))
    from backdrop.backdrops.picture import built_in_pictures  # here, as it loads OpenCV, which may be broken

    names = [each.stem for each in built_in_pictures()]
    if settings.picture and settings.picture not in names and not Path(settings.picture).exists():
        found.append(_("the picture {picture}", picture=settings.picture))
    return found


def judge_saved(
    path: Path, there: bool, notices: Sequence[str], missing: Sequence[str], barred: tuple[str, str]
) -> Finding:
    """notices: of load_settings(). missing: of lost(). barred: of obstacle()."""
    details = {"file": str(path), "notices": list(notices), "missing": list(missing), "barred": barred[0]}
    found = partial(Finding, SAVED, details=details)
    quoted = shlex.quote(str(path))
    if barred[0]:
        return found("fault", _("Settings cannot be saved: {reason}.", reason=barred[0]), barred[1])
    if notices:
        move = "ren" if sys.platform == "win32" else "mv"
        kept = f"{path.name}.old" if sys.platform == "win32" else f"{quoted}.old"
        return found(
            "advice",
            _(
                "The settings file has errors: {notices} To start over, move it away.",
                notices=" ".join(notices),
            ),
            f"{move} {quoted} {kept}",
        )
    if missing:
        return found(
            "advice",
            _(
                "The settings refer to something that is missing: {missing}. Choose again in the window.",
                missing=", ".join(missing),
            ),
            "backdrop gui",
        )
    said = (
        _("{path} is valid.", path=path) if there else _("No settings saved yet. Backdrop uses its defaults.")
    )
    return found("ok", said)

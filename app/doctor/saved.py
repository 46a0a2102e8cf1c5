"""The settings that are saved: whole, writable, and naming what is still there."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from app.backdrop import built_in_pictures
from app.doctor.finding import Finding
from app.settings import Settings, load_settings

SAVED = "Settings"


def examine_saved(path: Path) -> tuple[Settings, list[Finding]]:
    """The settings in the file and what is to be said of them."""
    settings, notices = load_settings(path)
    return settings, [judge_saved(path, path.exists(), notices, lost(settings), may_write(path))]


def may_write(path: Path) -> bool:
    """Whether the file could be saved anew: in its folder, or in the first one above it that exists."""
    folder = next(each for each in [*path.parents] if each.exists())
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def lost(settings: Settings) -> list[str]:
    """What the settings name and this computer does not have, as phrases."""
    found = []
    camera, output = settings.camera, settings.output
    if camera.startswith("/dev/") and not Path(camera).exists():
        found.append(f"the camera {camera}")
    if output.startswith("/dev/") and not Path(output).exists():
        found.append(f"the virtual camera {output}")
    names = [each.stem for each in built_in_pictures()]
    if settings.picture and settings.picture not in names and not Path(settings.picture).exists():
        found.append(f"the picture {settings.picture}")
    return found


def judge_saved(
    path: Path, there: bool, notices: Sequence[str], missing: Sequence[str], writable: bool
) -> Finding:
    """notices: what load_settings said. missing: as lost() gives it."""
    details = {"file": str(path), "notices": list(notices), "missing": list(missing), "writable": writable}
    quoted = shlex.quote(str(path))
    if not writable:
        return Finding(
            SAVED,
            "fault",
            f"Settings cannot be saved in {path.parent}: this user may not write there.",
            f"sudo chown -R $USER {shlex.quote(str(path.parent))}" if sys.platform != "win32" else "",
            details,
        )
    if notices:
        move = "ren" if sys.platform == "win32" else "mv"
        kept = f"{path.name}.old" if sys.platform == "win32" else f"{quoted}.old"
        return Finding(
            SAVED,
            "advice",
            f"The settings file is not sound: {' '.join(notices)} To begin anew, put it aside.",
            f"{move} {quoted} {kept}",
            details,
        )
    if missing:
        return Finding(
            SAVED,
            "advice",
            f"The settings name what is not there: {', '.join(missing)}. Choose anew in the window.",
            "backdrop gui",
            details,
        )
    said = f"{path} is sound." if there else "There are none yet: Backdrop starts with its defaults."
    return Finding(SAVED, "ok", said, "", details)

"""`backdrop devices`: lists cameras and virtual cameras."""

import sys

from backdrop.cameras.open import list_cameras
from backdrop.language import _


def list_devices() -> int:
    """Print the cameras and virtual cameras, each with its value for --camera or --output."""
    from backdrop.outputs.pipewire import is_available
    from backdrop.outputs.virtual_camera import INSTALL, list_virtual_cameras

    print(_("Cameras (for --camera):"))
    for each in list_cameras():
        print(f"  {each.spec:<14} {each.name}")
    print(_("Virtual cameras (for --output):"))
    found = list_virtual_cameras()
    for info in found:
        print(f"  {info.spec:<14} {info.name}")
    if not found:
        print(_("  none: {how}", how=_(INSTALL.get(sys.platform, INSTALL["linux"]))))
    if is_available():
        print(
            "  {:<14} {}".format(
                "pipewire", _("Backdrop, for applications that use PipeWire (needs no driver)")
            )
        )
    return 0

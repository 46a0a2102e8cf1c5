"""Which Backdrop this is: its version, its licence, and the network's weights by their hash."""

import importlib.util
from pathlib import Path

from backdrop import __version__
from backdrop.language import _

LICENCE = "MIT"


def weights_hash() -> str:
    """The first 12 digits of the SHA-256 that lies beside sinet.onnx; "" where there is none. Loads no network."""
    found = importlib.util.find_spec("sinet_core")
    for place in (found and found.submodule_search_locations) or ():
        for folder in (Path(place), Path(place).parent):  # installed, and in a checkout
            try:
                return (folder / "weights" / "sinet.onnx.sha256").read_text("ascii", "replace")[:12]
            except OSError:
                continue
    return ""


def lines() -> list[str]:
    """What `backdrop --version` and the settings say."""
    return [
        f"Backdrop {__version__}",
        _("Licence: {licence}; third-party licences: THIRD_PARTY.md", licence=LICENCE),
        _("Neural network: SINet, weights {hash}", hash=weights_hash() or _("unknown")),
    ]

"""The files that ship with Backdrop, inside the installed package or in the checkout."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PLACES = (_HERE / "assets", _HERE.parents[1] / "assets")


def resource(relative: str) -> Path:
    """The path of a file or folder that ships with Backdrop: resource("demo/astronaut.png"), resource("backdrops").

    Raises FileNotFoundError, naming the file, if this copy of Backdrop is incomplete.
    """
    for place in _PLACES:
        path = place / relative
        if path.exists():
            return path
    raise FileNotFoundError(f"This copy of Backdrop lacks its file {relative}. Reinstall it.")

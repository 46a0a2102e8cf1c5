"""Where the files that ship with Backdrop lie: inside the package, or at the top of a checkout."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PLACES = (_HERE / "assets", _HERE.parents[1] / "assets")


def resource(relative: str) -> Path:
    """The path of a shipped file or folder: shipped("demo/astronaut.png"), shipped("backdrops").

    Raises FileNotFoundError, naming the file, when this copy of Backdrop is not complete.
    """
    for place in _PLACES:
        path = place / relative
        if path.exists():
            return path
    raise FileNotFoundError(f"This copy of Backdrop lacks its file {relative}: install it again.")

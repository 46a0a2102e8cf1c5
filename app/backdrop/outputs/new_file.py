"""Files that are made for a person: none that is there already is replaced, unless the person asks for that."""

import io
import itertools
from contextlib import suppress
from pathlib import Path
from typing import Any

from backdrop.language import _
from backdrop.outputs.base import OutputError


class NewFile(io.FileIO):
    """A file open for writing, unbuffered: write() writes everything or raises OSError.

    is_new: whether it was made here, so that it may be deleted again while there is nothing in it.
    """

    def __init__(self, path: Path, *, is_new: bool) -> None:
        super().__init__(path, "x" if is_new else "w")
        self.path, self.is_new = path, is_new

    def write(self, data: Any) -> int:
        rest = memoryview(data)
        while rest:  # a disk that is nearly full takes a part
            rest = rest[super().write(rest) or 0 :]
        return len(data)

    def discard(self) -> None:
        """Close the file, and delete it if it was made here."""
        self.close()
        if self.is_new:
            self.path.unlink(missing_ok=True)


def create(path: Path, *, overwrite: bool = False) -> NewFile:
    """Create path or, where that is there already, talk-2.mp4 in place of talk.mp4, then talk-3.mp4, and so on.

    overwrite: replace the file that is there. A device or a pipe holds nothing that could be lost, and is written to.
    Raises OSError.
    """
    if path.exists() and (overwrite or not path.is_file()):
        return NewFile(path, is_new=False)
    names = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    for name in itertools.chain([path], names):
        with suppress(FileExistsError):
            return NewFile(name, is_new=True)
    raise AssertionError


def refuse_same(target: Path, *sources: Path) -> None:
    """Raise OutputError when target is one of the files that are read, also by another name or a link."""
    for source in sources:
        with suppress(OSError, ValueError):  # one of them is not there
            if target.samefile(source):
                raise OutputError(
                    _(
                        "{target} is both input and output: choose another name for the output.",
                        target=target,
                    )
                )

"""Write small files completely or not at all."""

import json
import os
import tempfile
from pathlib import Path


def write_json(value: object, path: Path) -> None:
    """Write a value as JSON. After a crash or on a full disk, the old file is still there.

    Creates the folder if it is missing; a link stays a link. Raises OSError.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=".json", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise

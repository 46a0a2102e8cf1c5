"""The facts beside a checkpoint of labels: the names and colours of its classes, and the size of its input."""

import json
from pathlib import Path
from typing import Any


def facts_of(checkpoint: Path) -> dict[str, Any]:
    """The facts in the .json beside a checkpoint. Raises ValueError if they are missing."""
    beside = checkpoint.with_suffix(".json")
    facts = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    if not {"classes", "colours", "area"} <= facts.keys():
        raise ValueError(
            f"{checkpoint} has no {beside.name} beside it with the names and colours of its classes."
        )
    known: dict[str, Any] = facts
    return known

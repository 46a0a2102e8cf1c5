"""What the doctor says about one thing that it has examined."""

from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["ok", "advice", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined. advice: Backdrop works, and could work better. fault: a part of it does not work.

    examined: its name, a few words. sentence: one, for a person. command: what mends it, to be pasted into a
    terminal as it stands; "" where no command can. details: for support, what JSON can hold.
    """

    examined: str
    state: State
    sentence: str
    command: str = ""
    details: dict[str, Any] = field(default_factory=dict)

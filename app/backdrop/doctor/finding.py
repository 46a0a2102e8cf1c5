"""The result of one check."""

from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["ok", "advice", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. advice: Backdrop works, but could work better. fault: a part of it does not work.

    examined: the name of what was checked, a few words. sentence: for the user. command: the fix, ready to paste into a
    terminal; "" if no command helps. details: for support, JSON values.
    """

    examined: str
    state: State
    sentence: str
    command: str = ""
    details: dict[str, Any] = field(default_factory=dict)

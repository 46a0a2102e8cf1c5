"""`backdrop doctor`: what keeps Backdrop from working on this computer, and the command that mends it. No Qt."""

from app.doctor.checks import examine
from app.doctor.finding import Finding, State

__all__ = ["Finding", "State", "examine"]

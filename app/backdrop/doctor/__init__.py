"""`backdrop doctor`: what keeps Backdrop from working on this computer, and the command that mends it. No Qt."""

from backdrop.doctor.checks import examine
from backdrop.doctor.finding import Finding, State

__all__ = ["Finding", "State", "examine"]

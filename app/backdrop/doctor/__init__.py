"""`backdrop doctor`: finds problems and shows how to fix them. No Qt."""

from backdrop.doctor.checks import examine
from backdrop.doctor.finding import Finding, State

__all__ = ["Finding", "State", "examine"]

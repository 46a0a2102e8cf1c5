"""Setting up the virtual camera driver on Linux, and undoing it: for `backdrop setup` and the window.

plan() lists exactly what would be done. carry_out() does it, after the system has asked for a password. check() proves that
what Backdrop sends can be read. how_to_choose() says what is left to do in the call. All but the last can raise SetupError.
"""

from backdrop.setup.privileged import SetupError, Way, way_of_this_computer
from backdrop.setup.read_back import check
from backdrop.setup.steps import Plan, carry_out, plan
from backdrop.setup.words import how_to_choose

__all__ = ["Plan", "SetupError", "Way", "carry_out", "check", "how_to_choose", "plan", "way_of_this_computer"]

"""Milestones of the startup: `--verbose` logs them, and `backdrop bench --start` reads the log."""

import logging
import re
import time

log = logging.getLogger(__name__)


def milestone(what: str) -> None:
    """Log what has just been reached, with the CPU time that this process has used so far."""
    log.info("%s: %.3f s of CPU", what, time.process_time())


def read_milestone(line: str) -> tuple[str, float] | None:
    """The milestone and its CPU seconds in a line of the log; None for any other line."""
    found = re.search(r"milestone\W+([a-z ]+): ([0-9.]+) s of CPU", line)
    return None if found is None else (found[1], float(found[2]))

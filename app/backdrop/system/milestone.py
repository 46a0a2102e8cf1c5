"""How far a start has come: `--verbose` shows it, and `backdrop bench --start` reads it there."""

import logging
import re
import time

log = logging.getLogger(__name__)


def milestone(what: str) -> None:
    """Note what has just been reached, with the CPU time that this process had used by then."""
    log.info("%s: %.3f s of CPU", what, time.process_time())


def read_milestone(line: str) -> tuple[str, float] | None:
    """What was reached and the seconds of CPU, from a line of the log; None for any other line."""
    found = re.search(r"milestone\W+([a-z ]+): ([0-9.]+) s of CPU", line)
    return None if found is None else (found[1], float(found[2]))

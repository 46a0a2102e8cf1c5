"""The options of `backdrop bench` that measure the whole application: startup, memory, soak, window, load."""

import json
import threading
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from backdrop.bench.cases import BenchError, Case, cases

LEAST = 5.0  # seconds of each phase of --loaded: the quality controller needs some to settle


def is_asked(arguments: Namespace) -> bool:
    """Whether one of these options is given."""
    wanted = (arguments.memory, arguments.soak, arguments.window, arguments.loaded)
    return arguments.start or any(each is not None for each in wanted)


def measure_whole(arguments: Namespace, stop: threading.Event) -> int:
    """Measure, and print a table or JSON. Returns the exit status. Raises BenchError or SegmenterError."""
    if arguments.soak is not None:
        from backdrop.bench.soak import soak

        return soak(arguments.soak, arguments.to, stop, arguments.network)
    report, summary = _measured(arguments, stop)
    text = json.dumps(report, indent=2) if arguments.json else summary(report)
    print(text)
    if arguments.to is not None:
        arguments.to.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def _measured(
    arguments: Namespace, stop: threading.Event
) -> tuple[dict[str, Any], Callable[[dict[str, Any]], str]]:
    """The report, and the function that turns it into text."""
    case = _one_case(arguments)
    if arguments.start:
        from backdrop.bench import start

        return start.measure_start(case, stop), start.summary
    if arguments.memory is not None:
        from backdrop.bench import memory

        return memory.measure_memory(case, arguments.memory, stop), memory.summary
    if arguments.loaded is not None:
        from backdrop.bench import loaded

        seconds = max(arguments.seconds, LEAST)
        given = {"video": arguments.video, "network": arguments.network}
        return loaded.measure_loaded(case, arguments.loaded, seconds, stop, **given), loaded.summary
    from backdrop.bench import window

    return window.measure_window(case, arguments.window), window.summary


def _one_case(arguments: Namespace) -> Case:
    wanted = cases(arguments.sizes or ["720p"], arguments.backdrops or ["blur"])
    if len(wanted) > 1:
        raise BenchError("This measures one size with one backdrop. Give only one of each.")
    return wanted[0]

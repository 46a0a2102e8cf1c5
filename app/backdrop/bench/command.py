"""`backdrop bench`: measures the requested cases, and prints a table or JSON."""

import json
import sys
import threading
from argparse import Namespace
from pathlib import Path
from typing import Any

from backdrop.bench.cases import SIZES, USUAL, Case, cases, demo_frames
from backdrop.bench.line import BURST, CaseLine
from backdrop.bench.live import measure_live
from backdrop.bench.machine import machine
from backdrop.bench.network import Network, compared
from backdrop.bench.table import table
from backdrop.bench.whole import is_asked, measure_whole
from sinet_core import Segmenter
from sinet_core.segmenter import input_size, shipped_weights

ROUNDS = (5, 60)  # at least, at most


def bench(arguments: Namespace, stop: threading.Event) -> int:
    """Run the command. Returns the exit status. Raises BenchError or SegmenterError before anything is printed.

    arguments: sizes, backdrops (None for all), network (None for the one that ships), peers, seconds, json. With start,
    memory, soak, loaded or window the whole application is measured; see measure_whole().
    """
    if is_asked(arguments):
        return measure_whole(arguments, stop)
    wanted = cases(arguments.sizes or list(SIZES), arguments.backdrops or list(USUAL))
    report = measure(wanted, arguments.network, arguments.peers, arguments.seconds, stop)
    if stop.is_set():
        return 130
    if not arguments.json:
        print(table(report))
    elif len(wanted) == 1:
        (case,) = report.pop("cases")
        print(json.dumps(case | report, indent=2))
    else:
        print(json.dumps(report, indent=2))
    return 0


def measure(
    wanted: list[Case], network: Path | None, peers: list[Path], seconds: float, stop: threading.Event
) -> dict[str, Any]:
    """Measure each case for about this many seconds in the pipeline, and again live.

    Returns machine, network, peers and cases, each with its own report. Raises BenchError.
    """
    report: dict[str, Any] = {"machine": machine()}
    segmenter = Segmenter.load(network)
    frames = {(case.width, case.height): demo_frames(case.width, case.height) for case in wanted}
    lines = [CaseLine(case, segmenter, frames[case.width, case.height]) for case in wanted]
    path = network or shipped_weights()
    contract = (int(segmenter.metadata[f"backdrop.{name}"]) for name in ("input_area", "multiple"))
    size = input_size(wanted[0].height, wanted[0].width, *contract)
    ours, others = Network(path, size), [Network(peer, size) for peer in peers]
    _take_turns(lines, [ours, *others], seconds, stop)
    report["network"], report["peers"] = ours.report(), compared(ours, others)
    report["cases"] = []
    for line in lines:
        if stop.is_set():
            break
        case = line.case
        _say(f"{case.size} {case.backdrop}, live")
        named = {"size": case.size, "width": case.width, "height": case.height, "backdrop": case.backdrop}
        report["cases"].append(named | line.report() | {"live": measure_live(case, network, seconds)})
    _say("")
    return report


def _take_turns(
    lines: list[CaseLine], networks: list[Network], seconds: float, stop: threading.Event
) -> None:
    """A few frames of each case and network per round, so that other load on the machine affects all alike."""
    slowest = max(line.warm_up() for line in lines)
    rounds = min(max(ROUNDS[0], round(seconds / (BURST * slowest))), ROUNDS[1])
    for done in range(rounds):
        if stop.is_set():
            return
        _say(f"round {done + 1} of {rounds}")
        for line in lines:
            line.run_round()
        for network in networks:
            network.run_round()


def _say(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)

"""The options of `backdrop bench`. Loads nothing that takes time: every command builds the whole command line."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

from backdrop.bench.cases import BACKDROPS, SIZES, USUAL, read_size

SEVERAL = "May be given several times; without it, all."
SIZE = f"The frame's size: {', '.join(SIZES)} or WIDTHxHEIGHT. {SEVERAL}"
BACKDROP = f"The backdrop. May be given several times; without it, {', '.join(USUAL)}."
NETWORK = "Another network of Backdrop's, in place of its own."
PEER = "Any ONNX network, to be timed in the same run. May be given several times."
SECONDS = "How long each case is measured, in the line and again live. Default 2."
JSON = "Print JSON: one object for one case, otherwise with a list of cases."
START = "Measure the start instead: from `backdrop run` to its first composite, and where the time goes."
MEMORY = "Measure what `backdrop run` holds for so many minutes, and whether it grows."
SOAK = "Run the line for so many minutes, cameras, sizes, backdrops and outputs changing, and see what grows."
WINDOW = "Measure the CPU of the application with its window shown, minimised and hidden, so long each; needs a display."
LOADED = "Run the line live while so many busy programs take the processor, with the governor and without, and in low latency."
VIDEO = "With --loaded: frames of this video in place of the demo's."
TO = "Also write the JSON of these five to a file."


def add_options(parser: ArgumentParser, seconds: Callable[[str], float]) -> None:
    """Add them. seconds: reads a number of seconds from text."""
    add = parser.add_argument
    add("--size", dest="sizes", action="append", type=_size, metavar="SIZE", help=SIZE)
    add("--backdrop", dest="backdrops", action="append", choices=tuple(BACKDROPS), help=BACKDROP)
    add("--network", type=Path, metavar="FILE", help=NETWORK)
    add("--peer", dest="peers", action="append", type=Path, default=[], metavar="FILE", help=PEER)
    add("--seconds", type=seconds, default=2.0, metavar="N", help=SECONDS)
    add("--json", action="store_true", help=JSON)
    add("--to", type=Path, metavar="FILE", help=TO)
    whole = parser.add_mutually_exclusive_group()
    whole.add_argument("--start", action="store_true", help=START)
    whole.add_argument("--memory", type=seconds, metavar="MINUTES", help=MEMORY)
    whole.add_argument("--soak", type=seconds, metavar="MINUTES", help=SOAK)
    whole.add_argument("--loaded", type=int, choices=range(65), metavar="N", help=LOADED)
    add("--video", type=Path, metavar="FILE", help=VIDEO)
    whole.add_argument("--window", type=seconds, metavar="SECONDS", help=WINDOW)


def _size(text: str) -> str:
    try:
        read_size(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    return text

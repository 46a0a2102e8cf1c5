"""The options of `backdrop bench`. Imports nothing slow, because every command builds the whole parser."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

from backdrop.bench.cases import BACKDROPS, SIZES, USUAL, read_size

SEVERAL = "Can be given several times. Default: all."
SIZE = f"Frame size: {', '.join(SIZES)} or WIDTHxHEIGHT. {SEVERAL}"
BACKDROP = f"Backdrop to measure. Can be given several times. Default: {', '.join(USUAL)}."
NETWORK = "A network to use instead of the one that ships."
PEER = "Another ONNX network to time in the same run. Can be given several times."
SECONDS = "How long to measure each case, alone and again live. Default: 2."
JSON = "Print JSON: one object for one case, a list of cases for several."
START = "Measure startup instead: from `backdrop run` to its first composite, step by step."
MEMORY = "Measure the memory of `backdrop run` for this many minutes, and whether it grows."
SOAK = "Run for this many minutes while cameras, sizes, backdrops and outputs change, and measure what grows."
WINDOW = "Measure CPU use with the window shown, minimised and hidden, this long each. Needs a display."
LOADED = "Run live next to N busy programs, with and without automatic quality, and with low latency."
VIDEO = "With --loaded: use frames of this video instead of the demo."
TO = "Also write the JSON of --start, --memory, --soak, --loaded or --window to a file."


def add_options(parser: ArgumentParser, seconds: Callable[[str], float]) -> None:
    """Add the options. seconds: parses a number of seconds."""
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

"""Score any network on any folder of photos with alphas, or on clips.

    python -m sinet_core.training evaluate photos weights/sinet.onnx peer.onnx --data desk-val eg1800-test --json scores.json
    python -m sinet_core.training evaluate photos runs/1/last.pt --size 192x320 --data desk-val --sheet worst.png
    python -m sinet_core.training evaluate clips weights/sinet.onnx --data clips --steady

A folder holds NAME.webp (or jpg) and beside it the alpha, NAME.png. Photos without an alpha are skipped. Everything is
measured at the photo's own size: the network's alpha is first enlarged bilinearly, then thresholded. The columns are
defined in sinet_core/metrics.py. With these choices, the published SINet (224 × 224) and the three peers get their known
figures for eg1800-test and desk-val, to the third decimal: photos are squashed bilinearly, alphas are enlarged rather than
logits, and "worst 5 %" is a percentile.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2

from sinet_core.training.evaluate.clips import evaluate_clips
from sinet_core.training.evaluate.contact_sheet import mistakes, write_contact_sheet
from sinet_core.training.evaluate.networks import NetworkError, ScoredNetwork, load_scored_network
from sinet_core.training.evaluate.report import clip_json, clip_table, photo_json, photo_table
from sinet_core.training.evaluate.scores import Score, evaluate, rows
from sinet_core.training.scenes.data import read_pairs

WORST = 12  # photos on a contact sheet


def write_worst(
    path: Path, network: ScoredNetwork, scores: dict[str, list[Score]], folders: Sequence[Path]
) -> None:
    """Draw the photos with the lowest IoU over all folders, worst first, as a contact sheet."""
    ranked = sorted(
        ((score, source) for source, listed in scores.items() for score in listed),
        key=lambda entry: entry[0].iou,
    )
    worst = {(source, score.name): score for score, source in ranked[:WORST]}
    drawn = {
        (pair.source, pair.name): pair
        for folder in folders
        for pair in read_pairs(folder)
        if (folder.name, pair.name) in worst
    }
    entries = []
    for key, score in worst.items():
        pair = drawn[key]
        caption = f"{pair.source}/{pair.name}  IoU {score.iou:.3f}  bF {score.boundary_f:.2f}"
        entries.append((caption, mistakes(pair.frame, pair.alpha, network(pair.frame))))
    write_contact_sheet(path, entries)


def unique_names(paths: Sequence[Path]) -> dict[str, Path]:
    """Name each network by what is needed to tell them apart: its file, with its ending, with its folder."""
    ways: tuple[Callable[[Path], str], ...] = (
        lambda path: path.stem,
        lambda path: path.name,
        lambda path: f"{path.parent.name}/{path.name}",
        str,
    )
    for way in ways:
        names = {way(path): path for path in paths}
        if len(names) == len(set(paths)):
            return names
    raise AssertionError("different paths are different strings")


def size(text: str) -> tuple[int, int]:
    """192x320 → (192, 320): height, then width."""
    height, _, width = text.partition("x")
    return int(height), int(width)


def parser(what: str) -> argparse.ArgumentParser:
    """The options of `evaluate photos` or `evaluate clips`."""
    summary, _, details = (__doc__ or "").partition("\n\n")
    result = argparse.ArgumentParser(
        prog=f"python -m sinet_core.training evaluate {what}",
        description=summary,
        epilog=details,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("networks", nargs="+", type=Path, metavar="NETWORK", help=".onnx, .pt or .pth")
    result.add_argument("--size", type=size, metavar="HxW", help="input size, for checkpoints only")
    result.add_argument("--refine", action="store_true", help="also with guided upsampling")
    result.add_argument(
        "--high-detail",
        action="store_true",
        help="our ONNX files also at the larger input of the setting “high detail”",
    )
    result.add_argument("--json", type=Path, metavar="FILE", help="a file to write all figures to")
    if what == "clips":
        result.add_argument(
            "--data", type=Path, required=True, metavar="FOLDER", help="NAME.mkv with NAME.alpha.npz"
        )
        result.add_argument(
            "--steady",
            action="store_true",
            help="also with the temporal filter, and with an EMA of one half",
        )
        return result
    result.add_argument(
        "--data", nargs="+", type=Path, required=True, metavar="FOLDER", help="photos with alphas"
    )
    result.add_argument(
        "--sheet", type=Path, metavar="FILE.png", help="draw the worst twelve photos of each network"
    )
    return result


def photos(arguments: Sequence[str] | None = None) -> int:
    """`evaluate photos`"""
    return _run(parser("photos").parse_args(arguments), _score_photos)


def clips(arguments: Sequence[str] | None = None) -> int:
    """`evaluate clips`"""
    return _run(parser("clips").parse_args(arguments), _score_clips)


def _run(
    asked: argparse.Namespace,
    score: Callable[[argparse.Namespace, dict[str, ScoredNetwork]], dict[str, Any]],
) -> int:
    """Score the networks, and write the figures. An error is one line on standard error."""
    cv2.setNumThreads(1)
    try:
        report = score(asked, _networks(asked))
    except (NetworkError, FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def _networks(asked: argparse.Namespace) -> dict[str, ScoredNetwork]:
    networks = {
        name: load_scored_network(path, asked.size) for name, path in unique_names(asked.networks).items()
    }
    if asked.high_detail:
        detailed = {f"{name}, high detail": network.in_high_detail() for name, network in networks.items()}
        networks |= {name: network for name, network in detailed.items() if network is not None}
    if asked.refine:
        networks |= {f"{name}, refined": network.refined() for name, network in networks.items()}
    return networks


def _score_photos(asked: argparse.Namespace, networks: dict[str, ScoredNetwork]) -> dict[str, Any]:
    scores = {name: evaluate(network, asked.data) for name, network in networks.items()}
    results = {name: rows(by_source) for name, by_source in scores.items()}
    print(photo_table(results))
    if asked.sheet:
        for name, network in networks.items():
            write_worst(sheet_of(asked.sheet, name, len(networks)), network, scores[name], asked.data)
    return {"photos": photo_json(results, scores)}


def _score_clips(asked: argparse.Namespace, networks: dict[str, ScoredNetwork]) -> dict[str, Any]:
    over_time = evaluate_clips(networks, asked.data, asked.steady)
    print(clip_table(over_time))
    return {"clips": clip_json(over_time)}


def sheet_of(path: Path, network: str, networks: int) -> Path:
    """The sheet of a network: FILE.png if there is one network, FILE-NAME.png if there are several."""
    return (
        path
        if networks == 1
        else path.with_stem(f"{path.stem}-{network.replace('/', '-').replace(', ', '-')}")
    )

"""The Python packages, ONNX Runtime, and the network, tested on the person in the demo."""

import importlib
import shlex
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import metadata
from pathlib import Path

from backdrop.doctor.finding import Finding
from backdrop.language import N_, _, number
from backdrop.settings.settings import Settings

PACKAGES, RUNTIME, NETWORK = N_("Packages"), "ONNX Runtime", N_("Neural network")
NEEDED = {
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "opencv-python-headless": "cv2",
    "pyvirtualcam": "pyvirtualcam",
    "av": "av",
}
CLASHES = ("opencv-python", "opencv-contrib-python")
PIP = f"{sys.executable} -m pip"
GOOD = 0.8  # IoU with the known alpha of the demo
LEAST, MOST = 5, 30  # timed frames


def read_versions(names: Sequence[str]) -> dict[str, str | None]:
    """The version of each package, None if it is not installed."""
    found: dict[str, str | None] = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def read_packages() -> tuple[dict[str, str | None], dict[str, str]]:
    """Versions of the packages that Backdrop needs or that clash with it, and why modules fail to load."""
    versions = read_versions([*NEEDED, "PySide6-Essentials", *CLASHES])
    broken = {}
    for name, module in NEEDED.items():
        try:
            importlib.import_module(module)
        except Exception as error:  # a missing library, the wrong processor, a broken installation
            broken[name] = f"{type(error).__name__}: {error}"
    return versions, broken


def judge_packages(versions: Mapping[str, str | None], broken: Mapping[str, str]) -> list[Finding]:
    """versions, broken: of read_packages()."""
    there = {name: version for name, version in versions.items() if version}
    details = {"versions": there, "broken": dict(broken)}
    found = partial(Finding, PACKAGES, details=details)
    if broken:
        named = ", ".join(broken)
        return [
            found(
                "fault",
                _(
                    "Python cannot load {named} ({reason}). Reinstall it.",
                    named=named,
                    reason=next(iter(broken.values())),
                ),
                f"{PIP} install --force-reinstall {' '.join(broken)}",
            )
        ]
    clash = [name for name in CLASHES if name in there]
    if clash:
        named = _(" and ").join(clash)
        return [
            found(
                "advice",
                _(
                    "{named} is installed in addition to opencv-python-headless. It includes its own Qt, which "
                    "can prevent the window from opening.",
                    named=named,
                ),
                f"{PIP} uninstall --yes {' '.join(clash)} && "
                f"{PIP} install --force-reinstall --no-deps opencv-python-headless",
            )
        ]
    said = ", ".join(f"{name} {version}" for name, version in there.items())
    return [found("ok", _("All installed: {said}.", said=said))]


def examine_runtime() -> list[Finding]:
    """One finding about ONNX Runtime. Raises ImportError if it is missing."""
    import onnxruntime

    return [judge_runtime(onnxruntime.__version__, onnxruntime.get_available_providers())]


def judge_runtime(version: str, providers: Sequence[str]) -> Finding:
    """providers: of onnxruntime.get_available_providers()."""
    details = {"version": version, "providers": list(providers), "used": "CPUExecutionProvider"}
    found = partial(Finding, RUNTIME, details=details)
    if "CPUExecutionProvider" not in providers:
        return found(
            "fault",
            _(
                "ONNX Runtime {version} cannot run on the CPU. Install the standard package.",
                version=version,
            ),
            f"{PIP} install --force-reinstall onnxruntime",
        )
    return found("ok", _("ONNX Runtime {version} runs on the CPU.", version=version))


def examine_network(settings: Settings, seconds: float = 1.0, network: Path | None = None) -> list[Finding]:
    """Load the network, test it on the person in the demo, and time the pipeline at the size in the settings.

    seconds: how long to time it, roughly. network: its file, if it is not the one that ships.
    """
    from backdrop.cameras.demo import DemoCamera
    from backdrop.frames.frame import Frame
    from backdrop.pipeline.pipeline import Pipeline
    from backdrop.pipeline.self_test import check_network
    from sinet_core import Segmenter, SegmenterError
    from sinet_core.metrics import iou

    camera = DemoCamera(settings.width, settings.height, settings.fps, paced=False)
    try:
        segmenter = Segmenter.load(network)
        pixels = camera.read()
        agreement = iou(segmenter(pixels), camera.known_alpha())
    except SegmenterError as error:
        return [
            Finding(
                NETWORK,
                "fault",
                _("{reason}. Restore the file.", reason=str(error).rstrip(".")),
                get_network(),
            )
        ]
    if agreement >= GOOD:  # else judge_network() reports it
        try:
            check_network(segmenter)
        except SegmenterError as error:
            return [Finding(NETWORK, "fault", str(error), get_network())]
    line: list[float] = []
    alone: list[float] = []
    pipeline = Pipeline(segmenter)
    blurred = replace(settings, backdrop="blur")
    until = time.monotonic() + seconds
    while len(line) < LEAST or (time.monotonic() < until and len(line) < MOST):
        frame = Frame(camera.read(), len(line), camera.position)
        begun = time.perf_counter()
        pipeline.process(frame, blurred)
        between = time.perf_counter()
        segmenter.predict_lowres(frame.pixels)
        line.append(1000 * (between - begun))
        alone.append(1000 * (time.perf_counter() - between))
    return [judge_network(agreement, statistics.median(line), statistics.median(alone), settings)]


def get_network() -> str:
    """The command that restores the file of the network in a checkout; "" elsewhere."""
    from sinet_core.segmenter import shipped_weights

    path = shipped_weights()
    checkout = path.parents[1]
    if not (checkout / ".git").exists():
        return ""
    return shlex.join(["git", "-C", str(checkout), "checkout", "--", str(path.relative_to(checkout))])


def judge_network(agreement: float, line: float, alone: float, settings: Settings) -> Finding:
    """agreement: IoU with the known alpha of the demo. line, alone: milliseconds per frame, of the whole pipeline and of
    the network alone."""
    size = f"{settings.width} × {settings.height}"
    told = _(
        "{line} ms per frame at {size}, {alone} ms of it for the network",
        line=number(line),
        size=size,
        alone=number(alone),
    )
    details = {
        "iou": round(agreement, 4),
        "line ms": round(line, 2),
        "network ms": round(alone, 2),
        "size": size,
    }
    found = partial(Finding, NETWORK, details=details)
    if agreement < GOOD:
        return found(
            "fault",
            _(
                "The network does not find the person in the demo (IoU {agreement}). Its file is not the one "
                "that comes with Backdrop.",
                agreement=number(agreement, 2),
            ),
            get_network(),
        )
    if line > 1000 / settings.fps:
        return found(
            "advice",
            _(
                "Too slow for {fps} fps right now ({told}). Use 640 × 360.",
                agreement=number(agreement, 2),
                told=told,
                fps=settings.fps,
            ),
            "backdrop --width 640 --height 360",
        )
    return found(
        "ok",
        _(
            "Finds the person in the demo (IoU {agreement}): {told}.",
            agreement=number(agreement, 2),
            told=told,
        ),
    )

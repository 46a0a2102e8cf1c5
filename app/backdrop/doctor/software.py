"""What Backdrop computes with: the packages, ONNX Runtime, and the network, tried on the demo's person."""

import importlib
import shlex
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from backdrop.doctor.finding import Finding
from backdrop.language import N_, _
from backdrop.settings.settings import Settings

PACKAGES, RUNTIME, NETWORK = N_("Packages"), "ONNX Runtime", N_("Network")
NEEDED = {
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "opencv-python-headless": "cv2",
    "pyvirtualcam": "pyvirtualcam",
    "av": "av",
}
CLASHES = ("opencv-python", "opencv-contrib-python")
PIP = f"{sys.executable} -m pip"
GOOD = 0.8  # IoU with the demo's known alpha
LEAST, MOST = 5, 30  # frames that are timed


def read_versions(names: Sequence[str]) -> dict[str, str | None]:
    """The installed version of each package; None where it is not installed."""
    found: dict[str, str | None] = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def read_packages() -> tuple[dict[str, str | None], dict[str, str]]:
    """Versions of what Backdrop needs and of what clashes with it, and why modules that are there do not load."""
    versions = read_versions([*NEEDED, "PySide6-Essentials", *CLASHES])
    broken = {}
    for name, module in NEEDED.items():
        try:
            importlib.import_module(module)
        except Exception as error:  # a library that is missing, a wrong processor, half an installation
            broken[name] = f"{type(error).__name__}: {error}"
    return versions, broken


def judge_packages(versions: Mapping[str, str | None], broken: Mapping[str, str]) -> list[Finding]:
    """versions and broken: as read_packages gives them."""
    there = {name: version for name, version in versions.items() if version}
    details = {"versions": there, "broken": dict(broken)}
    if broken:
        named = ", ".join(broken)
        return [
            Finding(
                PACKAGES,
                "fault",
                _(
                    "Python cannot load {named}: install it anew ({reason}).",
                    named=named,
                    reason=next(iter(broken.values())),
                ),
                f"{PIP} install --force-reinstall {' '.join(broken)}",
                details,
            )
        ]
    clash = [name for name in CLASHES if name in there]
    if clash:
        named = _(" and ").join(clash)
        return [
            Finding(
                PACKAGES,
                "advice",
                _(
                    "{named} is installed beside opencv-python-headless and brings a Qt of its own, which can"
                    " keep the window from opening.",
                    named=named,
                ),
                f"{PIP} uninstall --yes {' '.join(clash)} && "
                f"{PIP} install --force-reinstall --no-deps opencv-python-headless",
                details,
            )
        ]
    said = ", ".join(f"{name} {version}" for name, version in there.items())
    return [Finding(PACKAGES, "ok", _("All are there: {said}.", said=said), details=details)]


def examine_runtime() -> list[Finding]:
    """ONNX Runtime's version, and what it can compute with. Raises ImportError where it is missing."""
    import onnxruntime

    return [judge_runtime(onnxruntime.__version__, onnxruntime.get_available_providers())]


def judge_runtime(version: str, providers: Sequence[str]) -> Finding:
    """providers: what onnxruntime.get_available_providers() says."""
    details = {"version": version, "providers": list(providers), "used": "CPUExecutionProvider"}
    if "CPUExecutionProvider" not in providers:
        return Finding(
            RUNTIME,
            "fault",
            _(
                "ONNX Runtime {version} cannot compute on the processor: install the ordinary one.",
                version=version,
            ),
            f"{PIP} install --force-reinstall onnxruntime",
            details,
        )
    return Finding(
        RUNTIME,
        "ok",
        _("ONNX Runtime {version} computes on the processor (CPUExecutionProvider).", version=version),
        "",
        details,
    )


def examine_network(settings: Settings, seconds: float = 1.0, network: Path | None = None) -> list[Finding]:
    """Load the network, let it find the demo's person, and time the whole line at the size in the settings.

    seconds: about so long. network: its file, when it is not the one that ships.
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
                NETWORK, "fault", _("{reason}. Get it anew.", reason=str(error).rstrip(".")), get_network()
            )
        ]
    if agreement >= GOOD:  # else judge_network() says so
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
    """The command that brings the network's file back, in a checkout; "" elsewhere."""
    from sinet_core.segmenter import shipped_weights

    path = shipped_weights()
    checkout = path.parents[1]
    if not (checkout / ".git").exists():
        return ""
    return shlex.join(["git", "-C", str(checkout), "checkout", "--", str(path.relative_to(checkout))])


def judge_network(agreement: float, line: float, alone: float, settings: Settings) -> Finding:
    """agreement: IoU with the demo's known alpha. line, alone: milliseconds a frame, of the whole line and of the
    network in it."""
    size = f"{settings.width} × {settings.height}"
    told = _(
        "{line} ms a frame at {size}, {alone} of it the network",
        line=f"{line:.1f}",
        size=size,
        alone=f"{alone:.1f}",
    )
    details = {
        "iou": round(agreement, 4),
        "line ms": round(line, 2),
        "network ms": round(alone, 2),
        "size": size,
    }
    if agreement < GOOD:
        return Finding(
            NETWORK,
            "fault",
            _(
                "The network does not find the demo's person (IoU {agreement}): its file is not the one "
                "that comes with Backdrop.",
                agreement=f"{agreement:.2f}",
            ),
            get_network(),
            details,
        )
    if line > 1000 / settings.fps:
        return Finding(
            NETWORK,
            "advice",
            _(
                "Finds the demo's person (IoU {agreement}), but {told}, is too slow for {fps} frames a "
                "second at this moment: ask the camera for fewer pixels.",
                agreement=f"{agreement:.2f}",
                told=told,
                fps=settings.fps,
            ),
            "backdrop --width 640 --height 360",
            details,
        )
    return Finding(
        NETWORK,
        "ok",
        _(
            "Finds the demo's person (IoU {agreement}) and takes {told}.",
            agreement=f"{agreement:.2f}",
            told=told,
        ),
        "",
        details,
    )

"""A whole line for tests: an engine over small real cameras and outputs, and whether the room got out of it."""

import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from backdrop.frames.placeholder import AWAY, HIDDEN, placeholder
from backdrop.pipeline.pipeline import Result
from backdrop.run.engine import Engine
from backdrop.run.recording import Recording
from backdrop.settings.settings import Settings
from tests.line_ends import LONG, PATIENT, Recorder, SecretCamera
from tests.secret_room import DiscFinder, leaked, round_the_person

ON = Settings(
    camera="secret", backdrop="colour", colour="#203040", width=320, height=180, fps=60, virtual_camera=True
)
PERSON = round_the_person(320, 180)
RAW = 50  # pixels of the room that make a frame a raw one; an alpha that was carried along may miss a few at its edge


def is_card(pixels: NDArray[np.uint8]) -> bool:
    size = pixels.shape[1], pixels.shape[0]
    return any(np.array_equal(pixels, placeholder(*size, sentence)) for sentence in (AWAY, HIDDEN))


def is_composite(pixels: NDArray[np.uint8]) -> bool:
    return tuple(pixels[0, 0]) == (0x40, 0x30, 0x20)


def leaks(those: list[NDArray[np.uint8]], person: NDArray[np.uint8] = PERSON) -> int:
    return sum(leaked(pixels, person if pixels.shape[:2] == person.shape else None) for pixels in those)


class Line:
    """An engine with cameras by name, and every output it opened."""

    def __init__(self) -> None:
        self.cameras: dict[str, SecretCamera | Exception] = {"secret": SecretCamera()}
        self.outputs: list[Recorder] = []
        self.opened: list[str] = []
        self.output_trouble: Exception | None = None
        self.output_tries = 0
        self.recorder = Recorder
        self.person = PERSON  # where the room may be seen, for it is the person
        self.output_opened = threading.Event()
        self.engine: Engine | None = None
        self.limits = PATIENT
        self.recording: Recording | None = None  # the usual one
        self.governed = False  # however busy this computer is, the line does all that it can

    def open_camera(self, spec: str, width: int, height: int, fps: int) -> SecretCamera:
        self.opened.append(spec)
        camera = self.cameras[spec]
        if isinstance(camera, Exception):
            raise camera
        if camera.closed.is_set() and type(camera) is SecretCamera:  # closed, and now opened again
            camera = self.cameras[spec] = SecretCamera(*camera.size, camera.name)
        return camera

    def open_output(self, spec: str, width: int, height: int, fps: float) -> Recorder:
        self.output_tries += 1
        if self.output_trouble is not None:
            raise self.output_trouble
        self.outputs.append(self.recorder(width, height, fps))
        self.output_opened.set()
        return self.outputs[-1]

    def make(self, settings: Settings = ON, segmenter: Callable[[], object] = DiscFinder) -> Engine:
        """An engine that has not been started. A test may replace open_camera and open_output at any time."""
        self.engine = Engine(
            settings,
            segmenter=segmenter,  # type: ignore[arg-type]
            open_camera=lambda *asked: self.open_camera(*asked),
            open_output=lambda *asked: self.open_output(*asked),
            recording=self.recording,
            governed=self.governed,
            limits=self.limits,
        )
        return self.engine

    def start(self, settings: Settings = ON, segmenter: Callable[[], object] = DiscFinder) -> Engine:
        engine = self.make(settings, segmenter)
        engine.start()
        return engine

    def running(
        self, settings: Settings = ON, segmenter: Callable[[], object] = DiscFinder, count: int = 3
    ) -> tuple[Engine, Recorder]:
        """An engine that has sent so many composites, and its output."""
        engine = self.start(settings, segmenter)
        output = self.output()
        output.wait_for(is_composite, count)
        return engine, output

    def output(self) -> Recorder:
        assert self.output_opened.wait(LONG), "no output was opened"
        return self.outputs[-1]

    @property
    def sent(self) -> list[NDArray[np.uint8]]:
        return [pixels for output in self.outputs for pixels in output.sent]


def until(engine: Engine, right: Callable[[Result], bool]) -> Result:
    """Take previews until one is right."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        result = engine.preview.take(0.5)
        if result is not None and right(result):
            return result
    raise AssertionError(f"that preview never came; notice: {engine.notice}")

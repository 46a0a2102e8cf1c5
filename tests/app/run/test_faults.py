"""Faults of the fault table (docs/faults.md) that need no real devices: no raw frame, a sentence, and recovery.

The other rows name tests of the engine, the pipeline, the settings and, with real devices, of tests/system.
"""

import functools
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from backdrop.frames.fit import fit
from backdrop.frames.frame import Frame
from backdrop.frames.placeholder import GROUND
from backdrop.outputs.base import OutputError
from backdrop.outputs.video_writer import VideoWriter
from backdrop.pipeline.pipeline import Pipeline
from backdrop.pipeline.quality import FULL, QUALITY_LEVELS, QualityLevel
from backdrop.run import engine as engine_module
from backdrop.settings.file import load_settings, save_settings
from backdrop.settings.settings import Settings, SettingsError
from sinet_core import Segmenter
from sinet_core.matting.stage_profiler import StageProfiler
from tests.line_ends import LONG, Recorder, SecretCamera
from tests.secret_room import DiscFinder, leaked, round_the_person, secret_frame
from tests.toy_network import write_toy_network
from tests.whole_line import ON, RAW, is_card, is_composite, until

Pixels = NDArray[np.uint8]
Record = Callable[[str, object], None]


def no_room_in(frames: list[Pixels], record_property: Record) -> None:
    """Fail for a frame that shows the secret room, and count for the fault table."""
    raw = sum(leaked(frame, round_the_person(frame.shape[1], frame.shape[0])) > RAW for frame in frames)
    record_property("frames", len(frames))
    record_property("raw", raw)
    assert raw == 0


# The camera


def test_a_camera_that_is_slow_is_shown_as_it_comes_and_never_raw(line):
    class Slow(SecretCamera):
        fps = 30.0

        def read(self) -> Pixels:
            self.closed.wait(0.4)
            return super().read()

    line.cameras["secret"] = Slow()
    engine = line.start()
    sent = line.output().wait_for(is_composite, 4)
    assert all(map(is_composite, sent))
    assert engine.notice is None


@pytest.mark.usefixtures("impatient")
def test_a_camera_slower_than_patience_shows_the_card_in_between_and_its_frames(line):
    class Crawling(SecretCamera):
        def read(self) -> Pixels:
            self.closed.wait(0.8)
            return super().read()

    line.cameras["secret"] = Crawling()
    _engine, output = line.running()
    output.wait_for(is_card)
    output.wait_for(is_composite)


def test_a_camera_that_changes_its_size_while_it_runs_is_fitted_into_the_same_output(line):
    sizes = [(320, 180), (180, 320), (320, 240), (128, 96)]

    class Turning(SecretCamera):
        def read(self) -> Pixels:
            super().read()
            width, height = sizes[self.index // 5 % len(sizes)]
            return secret_frame(width, height, seed=self.index)

    for size in sizes:  # the person stands elsewhere in each of them
        line.person = (
            line.person | fit(cv2.cvtColor(round_the_person(*size), cv2.COLOR_GRAY2BGR), 320, 180)[..., 0]
        )
    line.person[line.person == GROUND[0]] = 0  # the bars
    line.cameras["secret"] = Turning()
    line.start()
    output = line.output()
    for _ in range(2):
        output.wait_for(lambda pixels: tuple(pixels[0, 0]) == GROUND)
        output.wait_for(is_composite)
    assert line.outputs == [output]


def test_a_camera_that_gives_only_black_is_said_to_and_not_any_more_once_it_does_not(line):
    line.limits = replace(line.limits, black_frames=5)
    covered = threading.Event()

    class Shuttered(SecretCamera):
        def read(self) -> Pixels:
            frame = super().read()
            return np.zeros_like(frame) if covered.is_set() else frame

    line.cameras["secret"] = Shuttered()
    engine, output = line.running(count=10)
    assert engine.notice is None
    covered.set()
    until(engine, lambda _: engine.notice is not None)
    assert engine.notice == "secret camera sends only black: open its shutter, or turn it on with its key."
    covered.clear()
    until(engine, lambda _: engine.notice is None)
    output.wait_for(is_composite)


@pytest.mark.usefixtures("impatient")
def test_a_camera_that_fails_when_it_is_closed_is_opened_again(line):
    class Stubborn(SecretCamera):
        def close(self) -> None:
            super().close()
            raise ValueError("it does not close")

    camera = line.cameras["secret"] = Stubborn()
    engine, _output = line.running()
    line.cameras["secret"] = SecretCamera()
    camera.gone.set()
    assert camera.closed.wait(LONG)
    line.output().wait_for(is_composite, 3)
    until(engine, lambda result: result.notice is None)


# The pipeline


def stages(quality_level: QualityLevel) -> list[str]:
    """The names of the pipeline's stages that the second frame passes, in this order."""
    names: list[str] = []

    def note(name: str, stage: Callable[..., Any], /) -> Callable[..., Any]:
        def noted(*arguments: Any, **named: Any) -> Any:
            names.append(name)
            return stage(*arguments, **named)

        return noted

    pipeline = Pipeline(DiscFinder(), profiler=note)
    for number in range(2):
        names.clear()
        pipeline.process(
            Frame(secret_frame(seed=number), number, number / 30), ON, quality_level=quality_level
        )
    return list(dict.fromkeys(names))


@pytest.mark.parametrize("broken", stages(FULL))
@pytest.mark.parametrize("error", [ValueError("strange"), MemoryError(), cv2.error("bad")], ids=repr)
def test_an_exception_in_any_stage_gives_the_card_a_sentence_and_then_the_person_again(
    broken, error, line, monkeypatch
):
    trouble = threading.Event()

    # Another watch, not another pipeline: the hook by which the bench times the stages.
    watch = breaking(broken, error, trouble)
    monkeypatch.setattr(engine_module, "Pipeline", functools.partial(Pipeline, profiler=watch))
    engine, output = line.running()
    trouble.set()
    output.wait_for(is_card, 3)
    assert "your picture is hidden" in (engine.notice or "")
    trouble.clear()
    output.wait_for(is_composite, 2)
    until(engine, lambda result: result.notice is None)


def breaking(broken: str, error: Exception, trouble: threading.Event) -> StageProfiler:
    """A watch under which one stage raises an error for as long as trouble is set."""

    def watch(name: str, stage: Callable[..., Any], /) -> Callable[..., Any]:
        def maybe(*arguments: Any, **named: Any) -> Any:
            if name == broken and trouble.is_set():
                raise error
            return stage(*arguments, **named)

        return maybe

    return watch


@pytest.mark.parametrize("broken", sorted(set(stages(QUALITY_LEVELS[1])) - set(stages(FULL))))
def test_an_exception_in_a_stage_that_only_a_busy_computer_needs_gives_the_card_too(broken, record_property):
    trouble = threading.Event()
    pipeline = Pipeline(DiscFinder(), profiler=breaking(broken, ValueError("strange"), trouble))
    results = []
    for number in range(12):
        (trouble.set if number in (3, 4, 5) else trouble.clear)()
        frame = Frame(secret_frame(seed=number), number, number / 30)
        results.append(pipeline.process(frame, ON, quality_level=QUALITY_LEVELS[1]))
    assert any("your picture is hidden" in (result.notice or "") for result in results[3:6])
    assert all(result.notice is None for result in results[:3] + results[7:])
    no_room_in([result.pixels for result in results], record_property)


def test_a_network_file_that_is_replaced_while_it_runs_changes_nothing_until_the_next_start(
    tmp_path, record_property
):
    path = write_toy_network(tmp_path / "network.onnx", "nobody")
    pipeline = Pipeline(Segmenter.load(path), live=False)
    sent = []
    for number, size in enumerate([(320, 180), (320, 180), (240, 240), (640, 360)]):
        if number == 1:
            path.write_bytes(b"no network any more")
        if number == 2:  # one that would show the whole room
            write_toy_network(path, "everyone")
        result = pipeline.process(Frame(secret_frame(*size, seed=number), number, number / 30), ON)
        assert result.notice is None
        sent.append(result.pixels)
    no_room_in(sent, record_property)


def test_a_clock_that_jumps_as_in_suspend_mixes_no_old_person_into_a_new_frame(record_property):
    class Moving:
        """Finds a person where at says."""

        at = (80, 90)

        def predict_lowres(self, frame: Pixels, input_scale: float = 1.0) -> NDArray[np.float32]:
            alpha = np.zeros((180, 320), np.uint8)
            cv2.circle(alpha, self.at, 40, 255, -1)
            return cv2.resize(alpha, (256, 160), interpolation=cv2.INTER_AREA).astype(np.float32) / 255

    finder = Moving()
    pipeline = Pipeline(finder, live=False)
    sent = []
    jumps = [0.0, 1 / 30, 2 / 30, 8 * 3600.0, 8 * 3600 + 1 / 30, 5.0, 5 + 1 / 30]
    for number, captured_at in enumerate(jumps):
        if number in (3, 5):
            finder.at = (400 - finder.at[0] - 80, 90)  # meanwhile the person has moved
        result = pipeline.process(Frame(secret_frame(seed=number), number, captured_at), ON)
        assert result.notice is None
        assert result.captured_at == captured_at
        near = np.zeros((180, 320), np.uint8)
        cv2.circle(near, finder.at, 52, 255, -1)
        assert leaked(result.pixels, near) == 0, f"the person from before the jump to {captured_at} s"
        sent.append(result.pixels)
    record_property("frames", len(sent))
    record_property("raw", 0)


# The output


@pytest.mark.usefixtures("impatient")
def test_an_output_that_fails_when_it_is_closed_is_opened_again(line):
    class Stubborn(Recorder):
        def close(self) -> None:
            super().close()
            raise OSError("it does not close")

    line.recorder = Stubborn
    engine, first = line.running()
    line.output_opened.clear()
    first.trouble = OutputError("The device is gone.")
    line.output().wait_for(is_composite)
    assert len(line.outputs) == 2
    assert engine.notice is None


def test_a_video_on_a_full_disk_is_said_to_be_and_the_line_goes_on(line, small_disk, monkeypatch):
    def to_disk(width: int, height: int, fps: float) -> VideoWriter:
        return VideoWriter(small_disk / "out.mkv", width, height, fps, live=True)

    noise = np.random.default_rng(1)

    class Noisy(SecretCamera):
        """Nothing that a codec could make small."""

        def read(self) -> Pixels:
            super().read()
            return noise.integers(0, 255, (180, 320, 3), np.uint8)

    line.cameras["secret"] = Noisy()
    line.recorder = to_disk
    engine = line.start(replace(ON, backdrop="blur", blur_strength=0, output=str(small_disk / "out.mkv")))
    until(engine, lambda _: "No space left on device" in (engine.notice or ""))
    frames = engine.stats().frames
    until(engine, lambda _: engine.stats().frames > frames + 20)
    line.outputs.clear()  # what it wrote is a file, and not to be looked through


def test_settings_on_a_full_disk_are_not_lost_and_saved_once_there_is_room(small_disk):
    path = small_disk / "settings.json"
    save_settings(Settings(mirror=True), path)
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(bytes(2_000_000))
    with pytest.raises(
        SettingsError, match=r"could not be saved in .*settings\.json: No space left on device"
    ):
        save_settings(Settings(mirror=True, fps=25, picture="x" * 4000), path)
    assert load_settings(path) == (Settings(mirror=True), [])
    assert sorted(each.name for each in small_disk.iterdir()) == ["filler", "settings.json"]
    filler.unlink()
    save_settings(Settings(fps=25), path)
    assert load_settings(path)[0].fps == 25


def test_settings_that_may_not_be_written_or_read_are_said_to_be(unprivileged):
    path = unprivileged / "settings.json"
    save_settings(Settings(mirror=True), path)
    unprivileged.chmod(0o500)
    with pytest.raises(SettingsError, match=r"could not be saved in .*: Permission denied"):
        save_settings(Settings(), path)
    assert load_settings(path) == (Settings(mirror=True), [])
    path.chmod(0)
    found, notices = load_settings(path)
    assert found == Settings()
    assert "Permission denied" in notices[0]
    unprivileged.chmod(0o700)

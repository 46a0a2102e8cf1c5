"""The effect is switched on while a raw frame is somewhere on its way: from that moment no raw frame leaves."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from backdrop.frames.mailbox import Mailbox
from backdrop.frames.placeholder import STARTING, placeholder
from tests.line_ends import LONG, Recorder
from tests.secret_room import DiscFinder, leaked
from tests.whole_line import ON, PERSON, Line, is_composite, until

OFF = replace(ON, backdrop="none")
PLACEHOLDER = placeholder(320, 180, STARTING)


def is_raw(pixels: NDArray[np.uint8]) -> bool:
    return leaked(pixels, PERSON) > 1000


def is_placeholder(pixels: NDArray[np.uint8]) -> bool:
    return np.array_equal(pixels, PLACEHOLDER)


@pytest.fixture(autouse=True)
def _judged(line: Line) -> Iterator[None]:
    """These tests let raw frames out, and look themselves which of them may be there."""
    yield
    if line.engine is not None:
        line.engine.settings = ON
        line.outputs.clear()


def switch_on(line: Line) -> Callable[[], list[NDArray[np.uint8]]]:
    """Switch the effect on, and wait for the placeholder. Returns what tells what has been sent since."""
    assert line.engine is not None
    output = line.output()
    before = len(output.sent)
    line.engine.settings = ON
    after = len(output.sent)
    end = time.monotonic() + LONG
    while not any(map(is_placeholder, output.sent[before:])):
        assert time.monotonic() < end, "the placeholder never came"
        threading.Event().wait(0.002)
    return lambda: output.sent[after:]


def test_a_frame_does_not_leave_raw_when_the_effect_comes_on_while_its_output_opens(line):
    """The frame was let through, and then the output took its time."""
    engine = line.start(replace(OFF, virtual_camera=False))
    until(engine, lambda result: result.is_raw)
    plain = line.open_output

    def open_slowly(spec: str, width: int, height: int, fps: float) -> Recorder:
        engine.settings = ON
        return plain(spec, width, height, fps)

    line.open_output = open_slowly
    engine.settings = OFF
    line.output().wait_for(is_composite)
    assert is_placeholder(line.output().sent[0])
    assert not any(map(is_raw, line.output().sent))


@pytest.mark.parametrize("change", [{"virtual_camera": False}, {"output": "/dev/video9"}], ids=repr)
def test_nothing_goes_to_an_output_that_was_given_up_while_it_opened(line, change):
    engine = line.start(replace(ON, virtual_camera=False))
    until(engine, lambda result: result.notice is None)
    plain, specs = line.open_output, []

    def open_slowly(spec: str, width: int, height: int, fps: float) -> Recorder:
        specs.append(spec)
        if len(specs) == 1:
            engine.settings = replace(ON, **change)
        return plain(spec, width, height, fps)

    line.open_output = open_slowly
    engine.settings = ON
    line.output()  # the first one, or already the one that took its place
    assert line.outputs[0].closed.wait(LONG)
    assert line.outputs[0].sent == []
    if "output" in change:
        until(engine, lambda _: len(specs) == 2)
        assert specs == ["", "/dev/video9"]


def test_the_placeholder_comes_at_once_and_does_not_wait_for_the_camera(line):
    line.limits = replace(line.limits, stall=1e6)  # nothing else may hide the last frame
    camera = line.cameras["secret"]
    line.start(OFF)
    output = line.output()
    output.wait_for(is_raw)
    camera.may_read.clear()
    camera.reading.clear()
    assert camera.reading.wait(LONG)
    sent = switch_on(line)
    assert not any(map(is_raw, sent()))
    until(line.engine, lambda result: not result.is_raw)


def test_the_placeholder_comes_before_the_first_composite_however_long_that_takes(line):
    may_answer = threading.Event()

    class Slow(DiscFinder):
        def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
            assert may_answer.wait(LONG)
            return super().predict_lowres(frame)

    line.start(OFF, segmenter=Slow)
    line.output().wait_for(is_raw)
    sent = switch_on(line)
    may_answer.set()
    line.output().wait_for(is_composite)
    assert not any(map(is_raw, sent()))


class SlowRecorder(Recorder):
    """Takes its time for every composite, and notes when it began to be sent."""

    takes = 0.05

    def __init__(self, width: int, height: int, fps: float) -> None:
        super().__init__(width, height, fps)
        self.begun: list[float] = []

    def send(self, pixels: NDArray[np.uint8]) -> None:
        self.begun.append(time.monotonic())
        threading.Event().wait(self.takes)
        super().send(pixels)


def test_no_raw_frame_is_still_being_sent_when_the_effect_has_been_switched_on(line):
    line.recorder = SlowRecorder
    line.start(OFF)
    output = line.output()
    for number in range(12):
        output.wait_for(is_raw)
        time.sleep(0.004 * number)  # at another moment of the sending each time
        line.engine.settings = ON
        at = len(output.sent)
        output.wait_for(is_composite)
        assert not any(map(is_raw, output.sent[at:]))
        line.engine.settings = OFF


def test_an_output_that_hangs_does_not_hold_up_who_switches_the_effect_on(line):
    line.limits = replace(line.limits, sending=0.05)
    hangs, may_go_on = threading.Event(), threading.Event()

    class Hanging(Recorder):
        def send(self, pixels: NDArray[np.uint8]) -> None:
            super().send(pixels)
            if is_raw(pixels):
                hangs.set()
                assert may_go_on.wait(LONG)

    line.recorder = Hanging
    engine = line.start(OFF)
    assert hangs.wait(LONG)
    engine.settings = ON
    assert not may_go_on.is_set()
    may_go_on.set()
    line.output().wait_for(is_composite)
    assert sum(map(is_raw, line.output().sent)) == 1


def switch_on_often(line: Line, times: int, opening: float, sending: float) -> int:
    """How many raw frames began to be sent after the effect had been switched on while the output opened."""

    class Output(SlowRecorder):
        takes = sending

    begun = threading.Event()

    def open_slowly(spec: str, width: int, height: int, fps: float) -> Recorder:
        begun.set()
        threading.Event().wait(opening)
        line.outputs.append(Output(width, height, fps))
        return line.outputs[-1]

    engine = line.start(replace(OFF, virtual_camera=False))
    line.open_output = open_slowly  # type: ignore[method-assign]
    until(engine, lambda result: result.is_raw)
    raw = 0
    for number in range(times):
        begun.clear()
        engine.settings = OFF
        assert begun.wait(LONG)
        time.sleep((opening + sending) * number / times)
        engine.settings = ON
        at = time.monotonic()
        until(engine, lambda result: not result.is_raw and engine.stats().output != "")
        output = line.outputs[-1]
        assert isinstance(output, Output)
        output.wait_for(is_composite)
        raw += sum(
            is_raw(pixels) for pixels, sent in zip(output.sent, output.begun, strict=False) if sent >= at
        )
        engine.settings = replace(OFF, virtual_camera=False)
        assert output.closed.wait(LONG)
        line.outputs.clear()
    return raw


@pytest.mark.parametrize(
    ("times", "opening", "sending"),
    [(20, 0.0, 0.0), (20, 0.05, 0.0), (4, 0.3, 0.0), (10, 0.05, 0.03), (3, 0.05, 0.3)],
)
def test_however_slow_an_output_is_no_raw_frame_follows_the_switch(line, times, opening, sending):
    assert switch_on_often(line, times, opening, sending) == 0


def test_who_waits_at_a_mailbox_can_be_woken_without_an_item():
    box: Mailbox[int] = Mailbox()
    box.wake()
    assert box.take() is None  # would wait for ever
    box.put(1)
    box.wake()
    assert box.take() == 1
    assert box.take(0) is None

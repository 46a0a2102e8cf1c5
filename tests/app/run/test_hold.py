"""Hide me and Freeze: what others see meanwhile, what they never see, and how the live picture comes back."""

import threading
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from backdrop.cameras.base import CameraError
from backdrop.frames.lettering import lettered
from backdrop.pipeline.pipeline import Result, hidden
from backdrop.run.hold import TEXT, Hold
from tests.line_ends import LONG, Recorder, SecretCamera
from tests.secret_room import leaked
from tests.waiting import wait_until
from tests.whole_line import ON, is_composite, until

HIDDEN, FROZEN = replace(ON, hide=True), replace(ON, freeze=True)
SIZE = (320, 180)
COMPOSITE = Result(np.zeros((180, 320, 3), np.uint8), np.zeros((180, 320), np.uint8), 3, 1.0)
RAW = replace(COMPOSITE, alpha=None, is_raw=True)


def says_away(pixels):
    return np.array_equal(pixels, lettered(*SIZE, TEXT))


def changed_between(those):
    return sum(not np.array_equal(first, second) for first, second in pairwise(those))


def test_hide_me_sends_the_placeholder_within_two_frames_and_the_same_key_brings_the_person_back(line):
    engine, output = line.running(count=5)
    for _ in range(3):
        before = len(output.sent)
        engine.settings = HIDDEN
        output.wait_for(says_away, 3)
        after = output.sent[before:]
        assert sum(is_composite(pixels) for pixels in after) <= 1  # the one that was just being sent
        assert all(map(says_away, after[1:]))
        until(engine, lambda result: says_away(result.pixels))
        engine.settings = ON
        output.wait_for(is_composite, 3)


def test_from_the_moment_the_person_hides_no_composite_starts_to_be_sent(line):
    engine, output = line.running(count=5)
    engine.settings = HIDDEN
    begun = len(output.sent)  # the setter has waited for the one before
    output.wait_for(says_away, 10)
    assert all(map(says_away, output.sent[begun:]))


def test_who_hides_while_the_effect_is_off_is_hidden_all_the_same(line):
    engine = line.start(replace(ON, backdrop="none"))
    output = line.output()
    output.wait_for(lambda pixels: leaked(pixels) > 0, 3)
    engine.settings = replace(ON, backdrop="none", hide=True)
    begun = len(output.sent)
    output.wait_for(says_away, 10)
    assert all(map(says_away, output.sent[begun:]))


def test_the_text_is_the_persons_own(line):
    line.start(replace(HIDDEN, hide_text="Kaffee! Zurück um drei."))
    line.output().wait_for(lambda pixels: np.array_equal(pixels, lettered(*SIZE, "Kaffee! Zurück um drei.")))


def test_the_picture_is_the_persons_own_and_the_text_stands_in_until_it_is_read(line, tmp_path):
    picture = tmp_path / "away.png"
    cv2.imwrite(str(picture), np.full((90, 160, 3), (10, 200, 30), np.uint8))
    engine = line.start(replace(HIDDEN, hide_picture=str(picture)))
    seen = line.output().wait_for(lambda pixels: tuple(pixels[5, 5]) == (10, 200, 30))
    assert all(says_away(pixels) or tuple(pixels[5, 5]) == (10, 200, 30) for pixels in seen)
    assert engine.notice is None


def test_a_picture_that_cannot_be_read_leaves_the_text_and_says_so_to_the_person_alone(line, tmp_path):
    engine = line.start(replace(HIDDEN, hide_picture=str(tmp_path / "nowhere.png")))
    seen = line.output().wait_for(says_away, 10)
    assert all(map(says_away, seen))
    until(engine, lambda result: "nowhere.png" in (result.notice or ""))


def test_while_the_person_hides_the_network_has_nothing_to_do(line):
    engine, output = line.running()
    engine.settings = HIDDEN
    output.wait_for(says_away, 3)
    frames = engine.stats().frames
    output.wait_for(says_away, 10)
    assert engine.stats().frames == frames


def test_freeze_repeats_the_last_composite_until_the_same_key(line):
    engine, output = line.running()
    engine.settings = FROZEN
    output.wait_for(is_composite, 3)  # one may have been on its way
    still = output.wait_for(is_composite, 20)
    assert changed_between(still) == 0
    assert leaked(still[0], line.person) == 0
    engine.settings = ON
    assert changed_between(output.wait_for(is_composite, 10)) > 5


@pytest.mark.parametrize("held", [HIDDEN, FROZEN], ids=["hide", "freeze"])
def test_another_camera_changes_nothing_of_what_others_see_meanwhile(line, held):
    line.cameras["other"] = SecretCamera(name="other camera")
    engine, output = line.running()
    engine.settings = held
    output.wait_for(lambda pixels: True, 3)
    (still,) = output.wait_for(lambda pixels: True, 1)[-1:]
    begun = len(output.sent)
    engine.settings = replace(held, camera="other")
    assert line.cameras["other"].reading.wait(LONG)
    output.wait_for(lambda pixels: True, 20)
    assert all(np.array_equal(pixels, still) for pixels in output.sent[begun:])
    engine.settings = replace(ON, camera="other")
    output.wait_for(is_composite, 3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("held", [HIDDEN, FROZEN], ids=["hide", "freeze"])
def test_a_camera_that_is_pulled_out_meanwhile_is_told_to_the_person_alone(line, held):
    camera = line.cameras["secret"]
    engine, output = line.running()
    engine.settings = held
    output.wait_for(lambda pixels: True, 3)
    (still,) = output.wait_for(lambda pixels: True, 1)[-1:]
    line.cameras["secret"] = CameraError("The camera is gone.")
    camera.gone.set()
    begun = len(output.sent)
    wait_until(lambda: engine.notice == "The camera is gone.")
    output.wait_for(lambda pixels: True, 5)
    assert all(np.array_equal(pixels, still) for pixels in output.sent[begun:])


def test_switching_the_effect_on_while_a_raw_frame_is_frozen_drops_it(line):
    engine = line.start(replace(ON, backdrop="none"))
    output = line.output()
    output.wait_for(lambda pixels: leaked(pixels) > 0, 3)
    engine.settings = replace(FROZEN, backdrop="none")
    output.wait_for(lambda pixels: leaked(pixels) > 0, 3)
    still = output.wait_for(lambda pixels: leaked(pixels) > 0, 10)
    assert changed_between(still) == 0  # the room was visible anyway
    engine.settings = FROZEN
    begun = len(output.sent)
    frozen = output.wait_for(is_composite, 10)
    assert sum(leaked(pixels, line.person) for pixels in output.sent[begun:]) == 0
    assert changed_between([pixels for pixels in frozen if is_composite(pixels)]) == 0  # frozen again
    engine.settings = replace(ON, backdrop="none")  # what was sent before was raw, as it was asked for


def test_a_raw_frame_that_is_being_frozen_just_as_the_effect_comes_on_does_not_leave(line):
    class Slow(Recorder):
        may_send, sending = threading.Event(), threading.Event()

        def send(self, pixels):
            super().send(pixels)
            self.sending.set()
            assert self.may_send.wait(LONG)

    line.recorder = Slow
    engine = line.start(replace(FROZEN, backdrop="none"))
    assert Slow.sending.wait(LONG)  # the line stands in the middle of sending a raw frame
    engine.settings = FROZEN
    begun = len(line.output().sent)
    Slow.may_send.set()
    line.output().wait_for(is_composite, 5)
    assert sum(leaked(pixels, line.person) for pixels in line.output().sent[begun:]) == 0
    engine.settings = replace(ON, backdrop="none")


@pytest.mark.parametrize(
    ("settings", "shown", "repeated"),
    [
        (FROZEN, COMPOSITE, True),
        (FROZEN, hidden(SIZE, "Why."), False),  # the next composite is frozen instead
        (FROZEN, RAW, False),
        (replace(FROZEN, backdrop="none"), RAW, True),
        (FROZEN, replace(COMPOSITE, is_fallback=True), False),  # the demo is not for others
        (replace(FROZEN, virtual_camera=False), replace(COMPOSITE, is_fallback=True), True),
        (ON, COMPOSITE, False),
    ],
)
def test_only_what_may_leave_is_repeated(settings, shown, repeated):
    assert Hold().instead(settings, shown, SIZE) is (shown if repeated else None)


def test_the_demo_that_is_frozen_is_dropped_when_the_virtual_camera_comes_on():
    hold, demo = Hold(), replace(COMPOSITE, is_fallback=True)
    assert hold.instead(replace(FROZEN, virtual_camera=False), demo, SIZE) is demo
    assert hold.instead(FROZEN, demo, SIZE) is None


def test_hiding_goes_before_freezing_and_does_not_end_it():
    hold = Hold()
    assert hold.instead(FROZEN, COMPOSITE, SIZE) is COMPOSITE
    away = hold.instead(replace(FROZEN, hide=True), COMPOSITE, SIZE)
    assert away is not None
    assert says_away(away.pixels)
    assert hold.instead(FROZEN, away, SIZE) is COMPOSITE
    hold.instead(replace(FROZEN, hide=True, backdrop="none"), away, SIZE)
    raw = Hold()
    assert raw.instead(replace(FROZEN, backdrop="none"), RAW, SIZE) is RAW
    assert raw.instead(
        replace(FROZEN, hide=True), RAW, SIZE
    ).is_placeholder  # the effect came on while hidden
    assert raw.instead(replace(FROZEN, backdrop="none"), away, SIZE) is None

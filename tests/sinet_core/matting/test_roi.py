"""The network looks at the people from near, wherever they go, and misses nobody for long."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinet_core import metrics
from sinet_core.matting.roi import LEAST, WHOLE_FRAME_EVERY, Region, RoiTracker, people_box
from sinet_core.matting.temporal_filter import TemporalFilter
from sinet_core.segmenter import input_size
from tests.small_person import Person, WhiteFinder, people_in_secret_room

FPS = 30
WIDTH, HEIGHT = 640, 360
SMALL: Person = (200, 210, 25, 55)


class Line:
    """RoiTracker and steadying as the application has them, frame after frame."""

    def __init__(self) -> None:
        self.finder, self.gaze, self.steady = WhiteFinder(), RoiTracker(), TemporalFilter()
        self.index = 0
        self.regions: list[Region] = []

    def see(self, *people: Person, size: tuple[int, int] = (WIDTH, HEIGHT)) -> tuple[np.ndarray, float]:
        """Take in one frame with these people. Returns its alpha at the frame's size, and IoU with the truth."""
        frame, truth = people_in_secret_room(*size, people)
        at = self.index / FPS
        self.index += 1
        region, alpha = self.gaze.crop(frame, lambda region: self.finder.predict_lowres(region.of(frame)), at)
        alpha = self.steady(alpha, at, region.of(frame), region)
        self.gaze.update(alpha, at)
        self.regions.append(region)
        fine = (cv2.resize(alpha, (region.width, region.height)) * 255).astype(np.uint8)
        fine = region.uncropped(fine)
        return fine, metrics.iou(fine, truth)

    def settle(
        self, *people: Person, seconds: float = 1.5, size: tuple[int, int] = (WIDTH, HEIGHT)
    ) -> Region:
        for _ in range(round(seconds * FPS)):
            self.see(*people, size=size)
        return self.regions[-1]


def _is_in(person: Person, region: Region) -> bool:
    x, y, wide, tall = person
    across = region.left <= x - wide and x + wide <= region.left + region.width
    return across and region.top <= y - tall and y + tall <= region.top + region.height


def _frames_until_found(line: Line, *people: Person) -> int:
    return next(frames for frames in range(1, 100) if line.see(*people)[1] > 0.8)


def test_a_small_person_is_looked_at_from_near_and_seen_more_finely():
    line, size, person = Line(), (1280, 720), (400.0, 420.0, 22.0, 47.0)
    _, first = line.see(person, size=size)
    region = line.settle(person, seconds=1, size=size)
    assert _is_in(person, region)
    assert region.width * region.height < 0.2 * 1280 * 720
    assert line.see(person, size=size)[1] > first + 0.02


def test_while_the_person_sits_the_region_stays_where_it_is():
    line = Line()
    line.settle(SMALL)
    rng = np.random.default_rng(1)
    for _ in range(60):
        sway = rng.normal(0, 1.5, 2)
        line.see((SMALL[0] + sway[0], SMALL[1] + sway[1], 25, 55))
    assert len(set(line.regions[-60:])) == 1


def test_somebody_who_fills_the_frame_is_looked_at_as_ever_once_a_frame():
    line, large = Line(), (320.0, 250.0, 165.0, 200.0)
    line.settle(large)
    assert set(line.regions) == {Region.whole(WIDTH, HEIGHT)}
    assert len(line.finder.looks) == line.index


def test_looking_from_near_costs_a_second_look_two_or_three_times_a_second():
    line = Line()
    line.settle(SMALL)
    before = len(line.finder.looks)
    line.settle(SMALL, seconds=2)
    assert len(line.finder.looks) - before <= 2 * FPS + 2 / WHOLE_FRAME_EVERY + 1


def test_somebody_who_walks_in_is_never_cut_off():
    line = Line()
    for x in range(-20, 500, 4):  # at 120 pixels a second
        _, right = line.see((x, 200, 25, 60))
        if x > 50:
            assert _is_in((x, 200, 25, 60), line.regions[-1])
            assert right > 0.85
    assert len(set(line.regions)) > 2


def test_a_second_person_is_found_within_half_a_second():
    line, second = Line(), (525.0, 190.0, 23.0, 50.0)
    assert not _is_in(second, line.settle(SMALL, seconds=1.5))
    assert _frames_until_found(line, SMALL, second) <= FPS / 2
    region = line.settle(SMALL, second)
    assert _is_in(SMALL, region)
    assert _is_in(second, region)


def test_a_second_person_who_walks_in_is_found_within_a_quarter_of_a_second():
    waits = []
    for phase in range(0, 12, 3):  # of the looks at the whole frame
        line = Line()
        line.settle(SMALL, seconds=1.5 + phase / FPS)
        waits.append(_frames_until_found(line, SMALL, (525.0, 190.0, 40.0, 90.0)))
    assert max(waits) <= FPS / 4


def test_a_screen_that_flickers_outside_of_the_region_costs_few_looks():
    finder, gaze = WhiteFinder(), RoiTracker()
    for index in range(5 * FPS):
        frame, _ = people_in_secret_room(WIDTH, HEIGHT, [SMALL])
        frame[40:160, 460:620] = 40 + 60 * (index % 2)
        _, alpha = gaze.crop(
            frame, lambda region, frame=frame: finder.predict_lowres(region.of(frame)), index / FPS
        )
        gaze.update(alpha, index / FPS)
    assert len(finder.looks) <= 5 * FPS * 1.1 + 5 / WHOLE_FRAME_EVERY


def test_somebody_who_leaves_and_comes_back_elsewhere_is_found_within_half_a_second():
    line, elsewhere = Line(), (500.0, 200.0, 25.0, 55.0)
    line.settle(SMALL)
    line.settle(seconds=2)
    assert line.regions[-1].is_whole
    assert _frames_until_found(line, elsewhere) <= FPS / 2
    line.settle(elsewhere)
    assert _frames_until_found(line, SMALL) <= FPS / 2  # and at once, as after a cut


def test_what_comes_and_goes_at_the_other_end_keeps_the_region_large_for_longer_and_longer():
    line, ghost = Line(), (550.0, 150.0, 30.0, 45.0)
    small = line.settle(SMALL)
    waited = []
    for _ in range(2):
        line.settle(SMALL, ghost, seconds=0.5)
        assert line.regions[-1].width > small.width
        waited.append(0)
        while line.regions[-1].width > small.width:
            line.see(SMALL)
            waited[-1] += 1
    assert waited[0] < waited[1] < 10 * FPS


@pytest.mark.parametrize("corner", [(0, 0), (WIDTH, 0), (0, HEIGHT), (WIDTH, HEIGHT)])
def test_in_a_corner_the_region_ends_where_the_frame_does(corner):
    line, person = Line(), (float(corner[0]), float(corner[1]), 45.0, 65.0)
    region = line.settle(person)
    assert not region.is_whole
    assert region.left == 0 if corner[0] == 0 else region.left + region.width == WIDTH
    assert region.top == 0 if corner[1] == 0 else region.top + region.height == HEIGHT
    assert line.see(person)[1] > 0.9


@pytest.mark.parametrize("size", [(641, 479), (501, 503), (400, 900), (960, 540), (333, 250)])
def test_odd_sizes_and_shapes(size):
    width, height = size
    line, person = Line(), (width * 0.4, height * 0.6, height * 0.06, height * 0.14)
    region = line.settle(person, size=size)
    assert not region.is_whole
    assert region.frame == size
    alpha, right = line.see(person, size=size)
    assert alpha.shape == (height, width)
    assert right > 0.75


def test_small_frames_are_looked_at_whole():
    line = Line()
    assert line.settle((60, 80, 10, 20), size=(320, 180)).is_whole


def test_the_network_is_asked_for_few_sizes():
    sizes = set()
    for x, y, wide, tall in [
        (300, 400, 50, 110),
        (500, 300, 150, 40),
        (640, 360, 90, 90),
        (900, 500, 30, 200),
    ]:
        line = Line()
        line.settle((x, y, wide, tall), seconds=1)
        sizes |= {input_size(*shape[:2]) for shape in line.finder.looks}
    assert len(sizes) <= 3


def test_after_a_reset_another_size_and_a_step_back_in_time_all_of_the_frame_is_looked_at():
    line = Line()
    for forget in (line.gaze.reset, lambda: None):
        line.settle(SMALL)
        assert not line.regions[-1].is_whole
        forget()
        if forget == line.gaze.reset:
            line.see(SMALL)
        else:
            line.see((200, 200, 30, 60), size=(480, 360))
        assert line.regions[-1].is_whole
    line.settle(SMALL)
    line.index = 0
    line.see(SMALL)
    assert line.regions[-1].is_whole


def test_what_is_half_taken_for_a_person_draws_no_attention():
    alpha = np.zeros((96, 160), np.float32)
    alpha[10:90, 100:150] = 0.7  # a wardrobe, perhaps
    whole = Region.whole(1280, 768)
    assert people_box(alpha, whole) is None
    alpha[40:60, 20:30] = 1
    assert people_box(alpha, whole) == (160, 320, 240, 480)


regions = st.builds(
    lambda left, top, width, height: Region(left, top, width, height, (640, 480)),
    *(st.integers(0, 300), st.integers(0, 200), st.integers(64, 340), st.integers(64, 280)),
)


@settings(deadline=None, max_examples=60)
@given(regions, regions)
def test_a_plane_that_is_carried_stays_where_it_was_in_the_frame(here, there):
    rows, columns = np.mgrid[:48, :80].astype(np.float32)
    place = (
        here.left + (columns + 0.5) * here.width / 80 + (here.top + (rows + 0.5) * here.height / 48) * 1000
    )
    warp_by_flow = here.resampled(place, there, (60, 70), -1.0)
    rows, columns = np.mgrid[:60, :70]
    x, y = there.left + (columns + 0.5) * there.width / 70, there.top + (rows + 0.5) * there.height / 60
    inside = (x >= here.left) & (x < here.left + here.width) & (y >= here.top) & (y < here.top + here.height)
    assert ((warp_by_flow >= 0) == inside).all()
    deep = inside & (np.abs(x - here.left - here.width / 2) < here.width / 2 - here.width / 80)
    deep &= np.abs(y - here.top - here.height / 2) < here.height / 2 - here.height / 48
    fine = here.width / 80 + 1000 * here.height / 48  # a pixel of the plane; warpAffine counts 32nds of one
    np.testing.assert_allclose(warp_by_flow[deep], (x + 1000 * y)[deep], atol=fine / 16)


def test_steadying_goes_on_when_the_region_changes():
    whole, near = Region.whole(640, 480), Region(96, 144, 256, 192, (640, 480))
    frame = np.random.default_rng(3).integers(90, 110, (480, 640, 3), dtype=np.uint8)
    truth = np.zeros((480, 640), np.float32)
    truth[200:300, 180:260] = 1
    steady = TemporalFilter()

    def steadied(region: Region, level: float, at: float) -> np.ndarray:
        alpha = cv2.resize(region.of(truth), (160, 120), interpolation=cv2.INTER_AREA) * level
        return steady(alpha, at, cv2.resize(region.of(frame), (160, 120)), region)

    for index in range(10):
        steadied(whole, 1.0, index / FPS)
    person = cv2.resize(near.of(truth), (160, 120), interpolation=cv2.INTER_AREA) == 1
    kept = steadied(near, 0.8, 10 / FPS)
    assert kept[cv2.erode(person.astype(np.uint8), np.ones((7, 7))) > 0].min() > 0.95
    assert steadied(whole, 0.5, 11 / FPS).shape == (120, 160)
    other = Region.whole(320, 240)
    np.testing.assert_allclose(steady(np.full((120, 160), 0.3, np.float32), 12 / FPS, None, other), 0.3)


def test_the_least_region_is_not_smaller_than_what_the_network_sees():
    line = Line()
    region = line.settle((200, 200, 4, 7))
    assert region.is_whole or region.height >= LEAST

"""The light on a person: measured, followed slowly, and off unless it is asked for."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from backdrop.frames.frame import Frame
from backdrop.pipeline import light_meter
from backdrop.pipeline.light import SETTLING, Light, is_asked
from backdrop.pipeline.pipeline import Pipeline
from backdrop.settings.settings import Settings
from sinet_core.matting.resize import halved
from tests.secret_room import DiscFinder, secret_frame

HEIGHT, WIDTH = 180, 320
AUTO = Settings(auto_light=True)
OFF = Settings()
CAST = (0.8, 1.0, 1.15)  # of a warm lamp, on blue, green and red


def _person() -> np.ndarray:
    alpha = cv2.ellipse(np.zeros((HEIGHT, WIDTH), np.uint8), (160, 110), (60, 75), 0, 0, 360, 255, -1)
    return cv2.blur(alpha, (5, 5))


PERSON = _person()
INSIDE = PERSON == 255


def _grey_ramp() -> np.ndarray:
    ramp = np.linspace(40, 200, WIDTH, dtype=np.float32)
    return np.repeat(np.repeat(ramp[None, :, None], HEIGHT, 0), 3, 2)


def _frame(brightness: float, cast: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    """A grey room, and a person with a lit and a shaded side."""
    frame = np.full((HEIGHT, WIDTH, 3), 0.7 * brightness, np.float32)
    frame[INSIDE] = 0.5 * brightness
    frame[INSIDE & (np.arange(WIDTH) > 150)] = brightness
    return np.rint(np.clip(frame * cast, 0, 255)).astype(np.uint8)


def _lit(light: Light, frame: np.ndarray, settings: Settings = AUTO, at: float = 0.0) -> np.ndarray:
    return light(frame, halved(frame), PERSON, settings, at)[0]


def _reference(frame: np.ndarray) -> float:
    """How bright the person's brighter parts are."""
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    return float(np.quantile(grey[INSIDE], light_meter.BRIGHT_PART))


def test_a_grey_ramp_under_a_colour_cast_becomes_neutral_and_keeps_its_brightness():
    frame = np.rint(np.clip(_grey_ramp() * CAST, 0, 255)).astype(np.uint8)
    made = Light()(frame, halved(frame), None, AUTO, 0.0)[0].astype(int)
    assert np.abs(frame.astype(int) - frame[..., 1:2]).max() > 25
    assert np.abs(made - made[..., 1:2]).max() <= 3
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(int)
    assert np.abs(made[..., 1] - grey).mean() < 3


def test_a_red_wall_is_not_taken_for_red_light():
    frame = _frame(150)
    frame[:, :90] = (40, 50, 170)
    before = frame[HEIGHT // 2, -5].astype(int)
    after = _lit_whole(frame)[HEIGHT // 2, -5].astype(int)
    assert np.abs(after - after.mean()).max() <= 4, (before, after)


def _lit_whole(frame: np.ndarray) -> np.ndarray:
    return Light()(frame, halved(frame), None, AUTO, 0.0)[0]


SKIN = (95, 120, 165)


def _in_front_of(wall: tuple[int, int, int], light: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    frame = np.full((HEIGHT, WIDTH, 3), wall, np.float32)
    frame[PERSON > 0] = SKIN
    return np.rint(np.clip(frame * light, 0, 255)).astype(np.uint8)


@pytest.mark.parametrize("wall", [(190, 150, 120), (120, 160, 120), (150, 110, 150)])
def test_a_coloured_wall_does_not_colour_the_person(wall):
    """A blue, a green and a purple one, of which the whole room is."""
    frame = _in_front_of(wall)
    before, after = (each[INSIDE].mean(axis=0) for each in (frame, _lit(Light(), frame)))
    assert np.abs(np.diff(np.log(after / before))).max() < 0.06


def test_blue_light_on_the_person_is_taken_away():
    light = (1.25, 1.0, 0.8)  # of a screen, on a white wall
    made = _lit(Light(), _in_front_of((150, 150, 150), light))
    assert np.abs(np.diff(made[INSIDE].mean(axis=0) / SKIN)).max() < 0.1


def test_a_cast_beyond_any_lamp_is_corrected_in_part():
    strong = np.rint(np.clip(_grey_ramp() * (0.4, 1.0, 1.0), 0, 255)).astype(np.uint8)
    made = _lit_whole(strong)
    shares = made.reshape(-1, 3).mean(axis=0)
    assert 0.4 * shares[1] < shares[0] < 0.9 * shares[1]


@pytest.mark.parametrize("brightness", [40, 60, 90])
def test_a_dark_person_reaches_the_target(brightness):
    frame = _frame(brightness)
    assert _reference(_lit(Light(), frame)) == pytest.approx(light_meter.TARGET, abs=4)


def test_a_person_in_good_light_is_neither_brightened_nor_darkened():
    for brightness in (130, 180, 230):
        frame = _frame(brightness)
        assert np.abs(_lit(Light(), frame)[INSIDE].astype(int) - frame[INSIDE]).max() <= 1


def test_a_dark_person_under_a_warm_lamp_becomes_bright_and_neutral():
    made = _lit(Light(), _frame(60, CAST))
    assert _reference(made) == pytest.approx(light_meter.TARGET, abs=4)
    colours = made[INSIDE].mean(axis=0)
    assert colours.max() - colours.min() < 5


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_a_step_of_the_light_is_followed_slowly_in_one_direction_and_as_fast_at_every_frame_rate(fps):
    light, bright, dark = Light(), _frame(160), _frame(60)
    for index in range(fps):
        _lit(light, bright, at=index / fps)
    step, seen = [], dark[90, 200].astype(float).mean()
    for index in range(fps, 6 * fps):
        step.append(_lit(light, dark, at=index / fps)[90, 200].astype(float).mean())
    assert (np.diff(step) >= 0).all(), "it never turns back"
    assert max(np.diff([seen, *step])) < 0.35 * (step[-1] - seen), "nor jumps"
    half_way = next(index for index, value in enumerate(step) if value > seen + 0.5 * (step[-1] - seen)) / fps
    assert half_way == pytest.approx(0.6 * SETTLING, abs=0.3)
    assert step[-1] == pytest.approx(light_meter.TARGET, abs=4)


def test_a_hand_in_front_of_the_person_does_not_pump_the_light():
    """Noise, and a part of the person that comes and goes, change the measurement a little."""
    rng, light = np.random.default_rng(0), Light()
    seen = []
    for index in range(90):
        frame = np.clip(_frame(70) + rng.normal(0, 3, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)
        frame[100:112, 150:162] = 60 if index % 20 < 10 else 30
        seen.append(_lit(light, frame, at=index / 30)[60:90, 170:190].mean())
    assert np.ptp(seen[30:]) < 1.5


def test_a_new_camera_is_measured_at_once():
    light = Light()
    _lit(light, _frame(160))
    light.reset()
    assert _reference(_lit(light, _frame(60), at=0.03)) == pytest.approx(light_meter.TARGET, abs=4)


def test_noise_in_the_dark_is_calmed_and_in_the_light_nothing_is():
    rng, light, lit = np.random.default_rng(0), Light(), Light()
    dark, bright = _frame(60), _frame(180)
    for index in range(45):
        grain = rng.normal(0, 3, dark.shape)
        noisy = np.clip(np.rint(dark + grain), 0, 255).astype(np.uint8)
        made = _lit(light, noisy, at=index / 30)
        sharp = np.clip(np.rint(bright + grain), 0, 255).astype(np.uint8)
        kept = _lit(lit, sharp, at=index / 30)
    patch = np.s_[80:120, 180:200]
    alone = _lit(Light(), noisy)[patch].std()
    assert made[patch].std() < 0.55 * alone
    np.testing.assert_array_equal(kept[INSIDE], sharp[INSIDE])


def test_a_mover_in_the_dark_leaves_no_trace():
    rng, light = np.random.default_rng(0), Light()
    dark = _frame(60)
    for index in range(30):
        noisy = np.clip(np.rint(dark + rng.normal(0, 2, dark.shape)), 0, 255).astype(np.uint8)
        _lit(light, noisy, at=index / 30)
    noisy[100:140, 140:180] = 5
    made = _lit(light, noisy, at=1.0)
    assert made[100:140, 140:180].max() < 40


def test_the_room_of_a_blurred_backdrop_gets_the_same_light():
    frame = _frame(60, CAST)
    made, half = Light()(frame, halved(frame), PERSON, AUTO, 0.0)
    room = half[5, 5].astype(int)
    assert room.min() > 80
    assert np.ptp(room) <= 4
    assert made[90, 200].min() > 100


def test_portrait_light_is_full_inside_soft_at_the_outline_and_nothing_outside():
    frame = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    made, half = Light()(frame, halved(frame), PERSON, Settings(portrait_light=100), 0.0)
    middle, edge = made[110, 160, 0], made[110, 160 + 57, 0]
    assert middle > 120
    assert 100 < edge < middle - 10
    across = made[110, 160 : 160 + 62, 0].astype(int)
    assert (np.diff(across) <= 0).all(), "it falls off evenly"
    np.testing.assert_array_equal(half, halved(frame))


def test_portrait_light_never_burns_out_what_is_bright():
    frame = np.full((HEIGHT, WIDTH, 3), 250, np.uint8)
    made = _lit(Light(), frame, Settings(portrait_light=100))
    assert made[110, 160].max() < 254


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"brightness": 50}, lambda before, after: after.mean() > before.mean() + 15),
        ({"brightness": -50}, lambda before, after: after.mean() < before.mean() - 15),
        ({"contrast": 50}, lambda before, after: after.std() > before.std() + 2),
        ({"saturation": 60}, lambda before, after: np.ptp(after[0]) > 1.4 * np.ptp(before[0])),
        ({"saturation": -100}, lambda before, after: np.ptp(after[0]) == 0),
        ({"temperature": 60}, lambda before, after: after[0, 2] > before[0, 2] + 8 and after[0, 0] < before[0, 0] - 8),
        ({"temperature": -60}, lambda before, after: after[0, 2] < before[0, 2] - 8 and after[0, 0] > before[0, 0] + 8),
    ],
)  # fmt: skip
def test_each_slider_does_what_it_says(changed, what):
    frame = _frame(150, (0.9, 1.0, 1.1))
    made = _lit(Light(), frame, Settings(**changed))
    assert what(frame[INSIDE].astype(int), made[INSIDE].astype(int))


@pytest.mark.parametrize("backdrop", ["blur", "colour", "none"])
def test_when_it_is_off_every_composite_is_the_same_to_the_bit(backdrop):
    """Also after it was on: nothing of it stays."""
    settings = Settings(backdrop=backdrop, camera="demo")
    frames = [Frame(secret_frame(WIDTH, HEIGHT, seed), seed, seed / 30) for seed in range(3)]
    never, before = Pipeline(DiscFinder(), live=False), Pipeline(DiscFinder(), live=False)
    on = replace(settings, auto_light=True, portrait_light=40, temperature=60)
    lit = before.process(Frame(frames[0].pixels, 0, -0.03), on)
    before.reset()
    for frame in frames:
        plain = never.process(frame, settings)
        np.testing.assert_array_equal(before.process(frame, settings).pixels, plain.pixels)
    assert not np.array_equal(lit.pixels, never.process(frames[0], settings).pixels)
    if backdrop == "none":
        assert plain.composite is frame.pixels


def test_the_stage_runs_only_when_it_is_asked_for():
    stages: list[str] = []

    def watch(name, stage):
        def called(*arguments, **options):
            stages.append(name)
            return stage(*arguments, **options)

        return called

    pipeline = Pipeline(DiscFinder(), live=False, profiler=watch)
    frame = Frame(secret_frame(WIDTH, HEIGHT, 0), 0, 0.0)
    pipeline.process(frame, Settings())
    pipeline.process(frame, Settings(backdrop="none", portrait_light=50))
    assert "light" not in stages
    pipeline.process(frame, AUTO)
    pipeline.process(frame, replace(AUTO, backdrop="none"))
    assert stages.count("light") == 2


def test_the_camera_s_frame_is_not_written_to():
    pixels = _frame(60)
    kept = pixels.copy()
    settings = replace(AUTO, portrait_light=80, saturation=40)
    light = Light()
    for index in range(10):
        _lit(light, pixels, settings, index / 30)
    np.testing.assert_array_equal(pixels, kept)


def test_by_default_nothing_is_asked_for():
    assert not is_asked(OFF)

"""Webcam scenes: reproducible, of the asked size, with the person where the alpha says."""

from dataclasses import replace

import numpy as np
import pytest

from sinet_core.training.scenes import scenes
from sinet_core.training.scenes.arms import add_raised_arm, add_resting_arms
from sinet_core.training.scenes.data import (
    SOURCES,
    Pair,
    TrainingData,
    is_held_out,
    odds_within,
    read_pairs,
    read_training_data,
    split_pairs,
    split_rooms,
    trimmed,
)
from sinet_core.training.scenes.furniture import add_chair, add_clutter, add_desk
from sinet_core.training.scenes.hands import hold_up, raised_hand
from sinet_core.training.scenes.inpaint import inpaint_background
from sinet_core.training.scenes.placing import (
    composite_over,
    insert_person,
    lean,
    placement_of,
    random_transform,
)
from sinet_core.training.scenes.props import (
    add_hat,
    add_headphones,
    add_held_object,
    extend_shoulders,
    head_of,
)
from sinet_core.training.scenes.scenes import (
    KINDS,
    main,
    make_scene,
    photo_like,
    pick_pair,
    stage_scene,
)
from sinet_core.training.scenes.scenes import room as room_of
from sinet_core.training.scenes.webcam import distort_lens, sample_noise, simulate_webcam, smooth_skin
from tests.small_data import small_photo, small_room, write_small_data


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_small_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def data(root):
    return read_training_data(root)


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_same_seed_gives_the_same_scene_and_another_seed_another(data, kind):
    first, again, other = (make_scene(data, np.random.default_rng(seed), 96, 160, kind) for seed in (5, 5, 6))
    assert first.frame.shape == (96, 160, 3)
    assert first.alpha.shape == (96, 160)
    assert first.frame.dtype == first.alpha.dtype == np.uint8
    assert np.array_equal(first.frame, again.frame)
    assert np.array_equal(first.alpha, again.alpha)
    assert not np.array_equal(first.frame, other.frame)


def test_a_room_with_nobody_has_nobody_in_its_alpha(data):
    assert all(
        make_scene(data, np.random.default_rng(seed), 64, 96, "nobody").alpha.max() == 0 for seed in range(5)
    )


def test_one_room_in_some_is_bare(data):
    rooms = [room_of(data, np.random.default_rng(seed), 32, 48) for seed in range(200)]
    bare = sum(bool((frame == frame[:1]).all()) for frame in rooms)
    assert 2 <= bare <= 20


def test_a_room_with_nobody_is_bare_more_often(data):
    """Three in ten, but for those in which something lies about."""
    scenes = [stage_scene(data, np.random.default_rng(seed), 32, 48, "nobody") for seed in range(200)]
    assert 18 <= sum(bool((scene.frame == scene.frame[:1]).all()) for scene in scenes) <= 55


def test_people_who_are_set_into_a_room_are_mostly_in_the_frame(data):
    shares = [
        (make_scene(data, np.random.default_rng(seed), 96, 160, "cut-outs").alpha > 127).mean()
        for seed in range(30)
    ]
    assert 0.1 < np.median(shares) < 0.8
    assert np.mean(np.array(shares) > 0.01) > 0.9


def test_what_is_set_in_shows_the_persons_colours_and_none_of_the_old_room():
    alpha = np.zeros((120, 90), np.uint8)
    alpha[20:, 20:70] = 255
    frame = np.full((120, 90, 3), (0, 255, 0), np.uint8)  # a green old room
    frame[alpha > 0] = (60, 60, 200)
    room = np.full((96, 160, 3), 40, np.uint8)
    pair = Pair("", "", frame, alpha)
    for seed in range(10):
        composed, everybody = insert_person(
            room, np.zeros((96, 160), np.uint8), pair, np.random.default_rng(seed)
        )
        blue, green, red = (composed[everybody > 240].astype(int)[:, channel] for channel in range(3))
        assert len(red) > 50
        assert (green <= red + 25).all()
        assert blue.max() < 160


def test_a_portrait_whose_shoulders_run_out_at_the_sides_is_used_above_them():
    alpha = np.zeros((100, 80), np.uint8)
    alpha[10:70, 25:55] = 255
    alpha[70:, :] = 255
    place = placement_of(alpha)
    assert place is not None
    assert (place.top, place.bottom, place.left, place.right) == (10, 69, 25, 54)
    assert place.cut_below
    assert not place.cut_left


def test_shoulders_that_run_out_of_a_portrait_go_on_and_fall_off():
    alpha = np.zeros((100, 80), np.uint8)
    alpha[10:70, 25:55] = 255
    alpha[70:, :] = 255
    frame = np.full((100, 80, 3), (90, 20, 20), np.uint8)
    frame[alpha > 0] = (20, 20, 90)
    whole = extend_shoulders(Pair("", "", frame, alpha), np.random.default_rng(0))
    added = (whole.alpha.shape[1] - 80) // 2
    assert added >= 8
    assert np.array_equal(whole.alpha[:, added:-added], alpha)
    tops = np.argmax(whole.alpha > 127, axis=0)
    for outwards in (tops[:added][::-1], tops[-added:]):
        assert (np.diff(outwards) >= 0).all()
        assert outwards[-1] > outwards[0] >= 70
    assert (whole.frame[whole.alpha > 127] == (20, 20, 90)).all()


def test_a_portrait_within_its_photo_or_cut_from_the_top_stays_as_it_is():
    inside, cut = np.zeros((100, 80), np.uint8), np.full((100, 80), 255, np.uint8)
    inside[10:, 25:55] = 255
    for alpha in (inside, cut):
        pair = Pair("", "", np.zeros((100, 80, 3), np.uint8), alpha)
        assert extend_shoulders(pair, np.random.default_rng(0)) is pair


def test_an_alpha_with_hardly_anyone_is_not_placed():
    assert placement_of(np.zeros((50, 50), np.uint8)) is None


def test_every_tenth_portrait_is_for_validation_and_never_trained_on(root, data):
    train, validation = split_pairs(root / "eg1800-train")
    assert [pair.name for pair in validation] == ["000", "010"]
    assert {pair.name for pair in data.people["eg1800-train"]} == {pair.name for pair in train}
    assert not {pair.name for pair in train} & {pair.name for pair in validation}


def test_every_tenth_room_is_for_validation_and_never_trained_on(tmp_path):
    import cv2

    (tmp_path / "rooms").mkdir()
    for shade in range(12):
        path = tmp_path / "rooms" / f"{shade:03}.png"
        cv2.imwrite(str(path), np.full((8, 8, 3), 10 * shade, np.uint8))
        path.rename(path.with_suffix(".webp"))  # OpenCV knows a picture by its content
    train, validation = split_rooms(tmp_path / "rooms")
    assert [int(room[0, 0, 0]) for room in validation] == [0, 100]
    assert [int(room[0, 0, 0]) for room in train] == [10, 20, 30, 40, 50, 60, 70, 80, 90, 110]


def test_cut_outs_are_held_out_by_person():
    """Of folders that show each person once; of those that may show somebody twice, none."""
    names = ["cut-nba-00006", "key-csfive-00001", "key-csfive-00002", "cut-wnba-small-00003"]
    held = [[name for name in names if is_held_out("cutouts", position, name)] for position in range(13)]
    assert [position for position, some in enumerate(held) if some] == [0, 6, 12]
    assert held[6] == ["key-csfive-00001", "key-csfive-00002", "cut-wnba-small-00003"]
    assert not is_held_out("webcams", 0, "somebody-00000")


def test_the_frames_of_one_webcam_count_as_few():
    frame, alpha = small_photo(np.random.default_rng(0))
    names = ["alone-00001", *(f"many-{index:05}" for index in range(16))]
    pairs = [Pair("webcams", name, frame, alpha) for name in names]
    odds = odds_within(pairs, alike=0.5)
    assert odds.sum() == pytest.approx(1)
    assert odds[1:].sum() == pytest.approx(4 * odds[0])
    assert np.allclose(odds_within(pairs, alike=1), 1 / 17)
    data = TrainingData({"webcams": pairs}, {}, {"webcams": odds})
    rng = np.random.default_rng(1)
    picked = [pick_pair(data, {"webcams": 1.0}, rng).name for _ in range(300)]
    assert 30 < picked.count("alone-00001") < 100  # a fifth


def test_a_cut_out_that_ends_in_mid_body_ends_at_its_photos_border():
    alpha = np.zeros((60, 80), np.uint8)
    alpha[10:40, 30:50] = 255
    cut = trimmed(Pair("cutouts", "", np.zeros((60, 80, 3), np.uint8), alpha))
    assert cut.frame.shape[:2] == cut.alpha.shape == (34, 28)
    place = placement_of(cut.alpha)
    assert place is not None
    assert place.cut_below
    assert not place.cut_above


def test_an_exact_cut_out_keeps_its_alpha_and_its_colours_to_the_hair():
    rng = np.random.default_rng(0)
    behind = np.full((64, 64, 3), 100, np.uint8)
    alpha = np.zeros((64, 64), np.uint8)
    alpha[20:, 10:50] = 255
    alpha[5:20, 20:40:2] = 140  # hair
    person = np.full((64, 64, 3), (40, 90, 220), np.uint8)
    composed, coverage = composite_over(person, alpha, behind, rng, exact=True)
    assert np.array_equal(coverage, alpha)
    colour = composed[40, 30].astype(float)  # in the light of the room
    weight = alpha[..., None] / 255
    assert np.abs(composed - (weight * colour + (1 - weight) * behind)).max() <= 2


def test_a_wide_lens_bends_frame_and_alpha_alike_and_leaves_no_hole():
    frame, alpha = small_photo(np.random.default_rng(2))
    person = np.repeat(alpha[..., None], 3, axis=2)
    for seed in range(6):
        bent, bent_alpha = distort_lens(person, alpha, np.random.default_rng(seed))
        assert np.array_equal(bent[..., 0], bent_alpha)
        assert not np.array_equal(bent_alpha, alpha)
        white, _ = distort_lens(np.full_like(frame, 255), alpha, np.random.default_rng(seed))
        assert white.min() == 255


def test_a_beautified_face_is_smoother_and_its_edge_stays():
    rng = np.random.default_rng(0)
    frame = np.full((40, 60, 3), 120, np.uint8)
    frame[:, 30:] = 220
    grainy = np.clip(frame + rng.normal(0, 4, frame.shape), 0, 255).astype(np.uint8)
    smooth = smooth_skin(grainy, rng).astype(float)
    assert smooth[:, :25].std() < 0.6 * grainy[:, :25].std()
    assert smooth[:, 32].mean() - smooth[:, 27].mean() > 90


def test_what_is_for_validation_alone_is_not_in_the_training_data(data):
    assert not {"desk-val", "webcams-val", "eg1800-test"} & set(SOURCES)
    assert "desk-val" not in data.people


def test_a_photo_whose_alpha_has_another_size_is_named(tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "a.webp"), np.zeros((20, 30, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((20, 31), np.uint8))
    with pytest.raises(ValueError, match=r"a\.webp is 30 × 20, its alpha 31 × 20"):
        list(read_pairs(tmp_path))


def test_headphones_and_held_things_become_part_of_the_person():
    frame, alpha = small_photo(np.random.default_rng(0))
    pair = Pair("", "", frame, alpha)
    assert head_of(alpha) is not None
    for prop in (add_headphones, add_held_object):
        worn = prop(pair, np.random.default_rng(1))
        grown = (worn.alpha > 127) & (alpha <= 127)
        assert grown.sum() > 10
        assert (worn.frame[grown] != frame[grown]).any(axis=1).mean() > 0.9
        assert (worn.alpha >= alpha).all()


def test_a_hat_covers_the_crown_and_is_of_the_person():
    frame, alpha = small_photo(np.random.default_rng(3))
    pair = Pair("eg1800-train", "somebody", frame, alpha)
    _, y, wide = head_of(alpha)
    for seed in range(20):
        worn = add_hat(pair, np.random.default_rng(seed))
        changed = (worn.frame != frame).any(axis=2)
        assert changed.any()
        assert (worn.alpha[changed] > 0).all()
        assert (worn.alpha >= alpha).all()
        assert not changed[round(y + 0.2 * wide) :].any()  # the face is seen
    nobody = Pair("rooms", "empty", frame, np.zeros_like(alpha))
    assert add_hat(nobody, np.random.default_rng(0)) is nobody


def test_an_arm_is_of_the_person_and_reaches_beyond_the_body():
    frame, alpha = small_photo(np.random.default_rng(3))
    pair = Pair("eg1800-train", "somebody", frame, alpha)
    beyond = 0
    for seed in range(20):
        raised = add_raised_arm(pair, np.random.default_rng(seed))
        changed = (raised.frame != frame).any(axis=2)
        assert (raised.alpha[changed] > 0).all()
        assert (raised.alpha >= alpha).all()
        beyond += int((raised.alpha[alpha == 0] > 127).any())
    assert beyond >= 10


def test_arms_rest_on_the_desk_and_are_of_the_person():
    frame, alpha = small_photo(np.random.default_rng(5))
    for seed in range(8):
        rested, everybody = add_resting_arms(frame, alpha, np.random.default_rng(seed))
        added = (everybody > 127) & (alpha < 128)
        assert np.array_equal(rested[everybody == 0], frame[everybody == 0])
        assert (everybody >= alpha).all()
        assert 30 < added.sum() < alpha.size / 3
        assert np.nonzero(added)[0].mean() > 0.6 * len(alpha)


def test_nobody_and_somebody_far_from_the_desk_rest_no_arms_on_it():
    frame, alpha = np.full((96, 128, 3), 80, np.uint8), np.zeros((96, 128), np.uint8)
    assert add_resting_arms(frame, alpha, np.random.default_rng(0))[0] is frame
    alpha[8:24, 60:74] = 255
    alpha[20:40, 56:78] = 255
    assert add_resting_arms(frame, alpha, np.random.default_rng(0))[0] is frame


def test_clutter_changes_parts_of_a_room_and_takes_the_colour_that_it_is_given():
    room = np.full((90, 160, 3), 128, np.uint8)
    blue = np.array([230.0, 60.0, 40.0])
    seen = np.zeros((90, 160), int)
    for seed in range(40):
        cluttered = add_clutter(room, None, np.random.default_rng(seed), blue)
        changed = np.abs(cluttered.astype(int) - 128).max(axis=2) > 20
        assert changed.mean() < 0.7
        seen += changed
    assert seen.any(axis=0).all()  # at every column in one of them or another
    assert seen[60:].mean() > 2 * seen[:30].mean()  # more of it low than high
    assert (room == 128).all()


def test_what_hides_a_room_does_not_hide_who_stands_in_it(data):
    """The chair and the clutter of a second person come behind the first, whose alpha says that she is seen."""
    frame, alpha = np.full((96, 160, 3), 90, np.uint8), np.zeros((96, 160), np.uint8)
    alpha[20:, 40:90] = 255
    person = data.people["ccp"][0]
    for seed in range(40):
        after, everybody = insert_person(frame, alpha, person, np.random.default_rng(seed))
        changed = (after != frame).any(axis=2)
        assert (everybody >= alpha).all()
        assert (everybody[changed] > 0).all()


def test_a_desk_in_front_is_taken_from_the_person():
    rng = np.random.default_rng(3)
    frame, alpha = small_photo(rng)
    covered = [add_desk(frame, alpha, small_room(rng), rng)[1] for _ in range(20)]
    assert all((left <= alpha).all() for left in covered)
    assert np.mean([left.sum() < 0.98 * alpha.sum() for left in covered]) > 0.5


def test_the_camera_changes_the_picture_but_moves_the_alpha_only_by_motion_blur():
    frame, alpha = small_photo(np.random.default_rng(0))
    for seed in range(20):
        seen, kept = simulate_webcam(frame, alpha, np.random.default_rng(seed))
        assert seen.shape == frame.shape
        assert not np.array_equal(seen, frame)
        assert np.mean(np.abs(kept.astype(int) - alpha)) < 25


def test_the_command_draws_a_contact_sheet(root, tmp_path, capsys):
    import cv2

    sheet = tmp_path / "sheet.png"
    main(f"--data {root} --sheet {sheet} --count 4 --columns 2 --size 64x96".split())
    assert cv2.imread(str(sheet)).shape == (128, 192, 3)
    assert "4 scenes" in capsys.readouterr().out


def test_the_contact_sheet_of_a_source_that_is_only_cut_out_asks_for_that_kind(data, tmp_path):
    pairs = next(iter(data.people.values()))
    only_cut_out = replace(data, people={"cutouts": pairs}, odds={})
    with pytest.raises(ValueError, match="no scene of this kind is made from cutouts"):
        make_scene(only_cut_out, np.random.default_rng(0), 64, 96, "photo")
    assert make_scene(only_cut_out, np.random.default_rng(0), 64, 96, "cut-outs").frame.shape == (64, 96, 3)


def test_a_person_may_lean_but_never_shows_the_end_that_the_photo_cut_off():
    alpha = np.zeros((120, 90), np.uint8)
    alpha[20:, 20:70] = 255
    place = placement_of(alpha)
    assert place is not None
    upright = np.array([[1.0, 0, 50], [0, 1.0, 0]])
    ends = np.array([[place.left, place.right], [place.bottom, place.bottom], [1, 1]])
    turned = [lean(upright, place, 96, 160, np.random.default_rng(seed)) for seed in range(40)]
    for transform in turned:
        x, y = transform @ ends
        assert (y > 95).all() or (x < 1).all() or (x > 159).all()
    assert len({round(transform[0, 1], 3) for transform in turned}) > 30


def test_a_chair_stands_behind_and_on_both_sides_of_the_person():
    room = np.zeros((96, 160, 3), np.uint8)
    upright = np.array([[1.0, 0, 60], [0, 1.0, 10]])
    for seed in range(10):
        seen = add_chair(room, upright, 0, 80, 20, np.random.default_rng(seed)).max(axis=2) > 5
        columns = np.nonzero(seen[70])[0]
        assert columns[0] < 80 < columns[-1]
        assert not seen[:, :10].any()
        assert not seen[:, 150:].any()


def test_nobody_cut_off_at_both_sides_is_made_a_giant_in_a_wide_frame():
    alpha = np.full((120, 90), 255, np.uint8)
    filling = placement_of(alpha)
    assert filling is not None
    assert filling.cut_above
    assert filling.must_fill(16 / 9)
    assert not filling.must_fill(3 / 4)
    alpha[:, :20] = 0
    beside = placement_of(alpha)
    assert beside is not None
    assert not beside.must_fill(16 / 9)


def test_a_frame_seldom_cuts_through_a_face():
    _, alpha = small_photo(np.random.default_rng(3))
    place = placement_of(alpha)
    assert place.top < place.chin < place.bottom
    rows = [
        float((random_transform(place, 90, 160, np.random.default_rng(seed)) @ (0, place.chin, 1))[1])
        for seed in range(200)
    ]
    assert sum(row > 91 for row in rows) < 0.15 * len(rows)


def test_somebody_whose_head_the_photo_cuts_off_is_cut_off_by_the_frame_too():
    alpha = np.zeros((120, 90), np.uint8)
    alpha[:, 20:70] = 255
    place = placement_of(alpha)
    assert place is not None
    assert place.cut_above
    for seed in range(20):
        transform = random_transform(place, 96, 160, np.random.default_rng(seed))
        assert (transform @ (45, 0, 1))[1] <= 0


def test_a_wide_frame_shows_a_wide_photo_rather_than_a_portraits_forehead():
    def pair(name, height, width):
        alpha = np.full((height, width), 255, np.uint8)
        return Pair("lfw", name, np.zeros((height, width, 3), np.uint8), alpha)

    data = TrainingData({"lfw": [pair("tall", 160, 90), pair("wide", 90, 160)]}, {})
    names = [photo_like(data, np.random.default_rng(seed), 16 / 9).name for seed in range(100)]
    assert names.count("wide") > 85


def before_a_pole(colour):
    """A red person, as an alpha says, before a wall with a pole behind the left shoulder."""
    frame, alpha = np.full((96, 72, 3), colour, np.uint8), np.zeros((96, 72), np.uint8)
    frame[:, 8:12] = 255
    alpha[30:, 20:52] = 255
    frame[alpha > 0] = (20, 20, 200)
    return frame, alpha


def test_behind_people_are_the_colours_round_them_and_nothing_of_theirs():
    frame, alpha = before_a_pole((120, 60, 10))
    behind = inpaint_background(frame, alpha)
    assert np.array_equal(behind[:, :12], frame[:, :12])
    assert (behind[..., 0] >= behind[..., 2]).all()  # red is the person's alone
    assert abs(behind[60:, 44:].astype(int) - (120, 60, 10)).max() < 25  # far from the pole


def test_behind_people_who_fill_the_frame_is_something():
    frame, alpha = np.full((64, 48, 3), 90, np.uint8), np.full((64, 48), 255, np.uint8)
    assert inpaint_background(frame, alpha).shape == frame.shape


def test_a_person_moved_before_another_background_stays_where_they_are():
    frame, alpha = before_a_pole((120, 60, 10))
    behind = np.full_like(frame, (10, 220, 10))
    moved, coverage = composite_over(frame, alpha, behind, np.random.default_rng(0))
    assert np.array_equal(coverage > 127, alpha > 127)
    assert np.array_equal(moved[coverage == 0], behind[coverage == 0])
    person = moved[40:, 24:48].reshape(-1, 3).mean(axis=0)
    assert person[2] > 2 * person[0]
    # Where the person ends, the old wall does not show: what is not green is red.
    edge = moved[50:90, 16:24].reshape(-1, 3).astype(int)
    assert edge[:, 0].max() < 60


def test_three_photos_in_ten_have_the_background_of_another(data, monkeypatch):
    moves = []
    monkeypatch.setattr(
        scenes, "composite_over", lambda frame, alpha, behind, rng: moves.append(behind) or (frame, alpha)
    )
    for seed in range(120):
        stage_scene(data, np.random.default_rng(seed), 64, 48, "photo")
    assert 20 <= len(moves) <= 55


def test_portraits_are_shown_more_often_in_upright_frames(data):
    def portraits(*, upright: bool) -> int:
        rng = np.random.default_rng(3)
        picked = (scenes.pick_photo(data, rng, upright=upright) for _ in range(400))
        return sum(pair.source == "eg1800-train" for pair in picked)

    assert portraits(upright=True) > portraits(upright=False) > 200


def test_a_photo_as_taken_is_the_photo_in_half_of_the_scenes(data):
    """Nothing but its light is changed: where it is as it was, a person has one colour in these photos."""
    untouched = 0
    for seed in range(40):
        scene = make_scene(data, np.random.default_rng(seed), 96, 72, "as-taken")
        assert scene.photo is not None
        inside = scene.frame[scene.alpha == 255]
        if len(inside):
            assert inside.std(axis=0).max() < 4
        staged = stage_scene(data, np.random.default_rng(seed), 96, 72, "as-taken")
        assert np.array_equal(staged.alpha, scene.alpha)
        untouched += np.array_equal(staged.frame, scene.frame)
    assert 10 <= untouched <= 30


def test_what_is_only_made_when_asked_for_is_not_made_otherwise(data):
    kinds = {stage_scene(data, np.random.default_rng(seed), 48, 64).kind for seed in range(60)}
    assert kinds == {"photo", "cut-outs", "nobody"}


def test_half_of_the_photos_are_shown_as_a_camera_has_taken_them(data, monkeypatch):
    looks = []
    monkeypatch.setattr(
        scenes, "simulate_webcam", lambda frame, alpha, rng: looks.append(1) or (frame, alpha)
    )
    for seed in range(60):
        make_scene(data, np.random.default_rng(seed), 64, 48, "photo")
    assert 15 <= len(looks) <= 45
    for seed in range(20):
        make_scene(data, np.random.default_rng(seed), 64, 48, "cut-outs")
    assert len(looks) >= 35


def test_grain_is_noise_of_any_size():
    for shape in ((90, 160, 3), (1080, 1920, 3)):
        grain = sample_noise(shape, np.random.default_rng(1))
        assert grain.shape == shape
        assert grain.dtype == np.float32
        assert abs(float(grain.mean())) < 0.02
        assert abs(float(grain.std()) - 1) < 0.02
    assert not np.array_equal(
        sample_noise((9, 9), np.random.default_rng(1)), sample_noise((9, 9), np.random.default_rng(2))
    )


def waving(rng: np.random.Generator) -> Pair:
    """A webcam frame of somebody with dark hair who holds a hand beside the head, clear of it above row 70."""
    import cv2

    frame, alpha = np.full((96, 128, 3), (90, 110, 60), np.uint8), np.zeros((96, 128), np.uint8)
    skin, hair, shirt = (110, 140, 200), (20, 25, 30), (140, 60, 50)
    for picture, colours in ((frame, (skin, hair, shirt)), (alpha, (255, 255, 255))):
        cv2.rectangle(picture, (30, 72), (127, 95), colours[2], -1)
        cv2.ellipse(picture, (60, 50), (14, 22), 0, 0, 360, colours[0], -1)
        cv2.ellipse(picture, (60, 36), (14, 12), 0, 0, 360, colours[1], -1)
        cv2.rectangle(picture, (98, 30), (116, 78), colours[0], -1)
    noise = rng.normal(0, 3, frame.shape)
    return Pair("webcams", "waving", np.clip(frame + noise, 0, 255).astype(np.uint8), alpha)


def test_the_hand_beside_a_head_is_found_and_the_head_is_not():
    hand = raised_hand(waving(np.random.default_rng(0)))
    assert hand is not None
    tall, wide = hand.alpha.shape
    assert 19 <= wide <= 28
    assert 35 <= tall <= 50
    frame, alpha = small_photo(np.random.default_rng(0))
    assert raised_hand(Pair("webcams", "no hand", frame, alpha)) is None


def test_a_hand_that_is_held_up_comes_from_below_and_is_of_somebody():
    hand = raised_hand(waving(np.random.default_rng(0)))
    frame, alpha = small_photo(np.random.default_rng(1))
    seen = 0
    for seed in range(12):
        held, everybody = hold_up(frame, alpha, hand, np.random.default_rng(seed))
        changed = (held != frame).any(axis=2)
        assert (everybody >= alpha).all()
        assert (everybody[changed] > 0).all()
        seen += bool(changed[-1].any())
    assert seen >= 10

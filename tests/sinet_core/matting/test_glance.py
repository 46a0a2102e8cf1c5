"""A glance sees what moves outside of a region, and neither noise nor what is inside."""

import numpy as np

from sinet_core.matting.glance import Glance

REGION = slice(100, 300), slice(200, 400)


def test_it_sees_what_moves_outside_and_not_what_moves_inside_or_is_noise():
    rng, glance = np.random.default_rng(0), Glance()
    frame = rng.integers(60, 180, (360, 640, 3)).astype(np.uint8)
    assert not glance.moved(frame, REGION)  # compared with nothing
    glance.keep(frame)
    noisy = np.clip(frame + rng.normal(0, 5, frame.shape), 0, 255).astype(np.uint8)
    assert not glance.moved(noisy, REGION)
    inside, outside = frame.copy(), frame.copy()
    inside[120:280, 220:380] ^= 128
    outside[50:200, 500:600] ^= 128
    assert not glance.moved(inside, REGION)
    assert glance.moved(outside, REGION)
    glance.keep(outside)
    assert not glance.moved(outside, REGION)


def test_frames_of_another_size_are_not_compared():
    glance = Glance()
    glance.keep(np.zeros((360, 640, 3), np.uint8))
    assert not glance.moved(np.full((480, 640, 3), 255, np.uint8), REGION)

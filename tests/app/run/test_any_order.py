"""Hide, freeze, record, backdrops, zoom, flip and cameras in any order: the room leaves only while "None" is chosen."""

import random
from dataclasses import replace

import numpy as np
import pytest

from backdrop.run.recording import Recording
from tests.line_ends import LONG, PATIENT, Recorder, SecretCamera
from tests.secret_room import leaked

CHANGES = {
    "hide": (True, False, False),
    "freeze": (True, False),
    "record": (True, False),
    "backdrop": ("none", "colour", "blur", "none", "transparent"),
    "mirror": (True, False),
    "zoom": (100, 137, 200),
    "auto_framing": (True, False),
    "camera": ("secret", "large"),
    "timing": ("exact", "low-latency"),
    "detail": ("normal", "high"),
    "auto_light": (True, False),
    "portrait_light": (0, 80),
}
NEVER_SHOWS = ("colour", "blur", "transparent")


def shows_room(pixels):
    """Whether three corners or more, where the person never is, are full of the room's spots."""
    sides = slice(0, 24), slice(-24, None)
    corners = [pixels[rows, columns].reshape(-1, 3) for rows in sides for columns in sides]
    return sum(bool((corner.std(axis=0) > 70).any()) for corner in corners) >= 3


def shows_person(pixels):
    """Whether the middle is full of the person's colours, which are the room's."""
    height, width = pixels.shape[:2]
    return leaked(np.ascontiguousarray(pixels[height // 2 - 20 :, width // 2 - 20 :][:40, :40])) > 150


@pytest.mark.parametrize("seed", [3, 4, 7])  # in these, a frozen raw frame has the effect switched on over it
def test_the_room_leaves_only_while_none_is_chosen_and_nobody_while_hidden(line, seed):
    chance = random.Random(seed)
    line.cameras["large"] = SecretCamera(640, 360, "large camera")
    line.limits = replace(PATIENT, sending=LONG)
    recorded: list[Recorder] = []
    line.recording = Recording(
        open_file=lambda *asked: recorded.append(Recorder(*asked[1:])) or recorded[-1], limits=line.limits
    )
    engine = line.make()
    engine.start()
    sent = line.output().sent
    seen_room = 0
    for _change in range(60):
        before = engine.settings
        name = chance.choice([*CHANGES, *(4 * ["backdrop", "freeze"]), "hide"])
        engine.settings = now = replace(before, **{name: chance.choice(CHANGES[name])})
        begun, written = len(sent), {id(file): len(file.sent) for file in recorded}
        line.output().wait_for(lambda pixels: True, chance.choice((1, 2)))
        after = sent[begun:]
        for file in list(recorded):
            after += file.sent[written.get(id(file), 0) :]
        if now.hide:
            assert not any(shows_room(pixels) or shows_person(pixels) for pixels in after), now
        elif now.backdrop in NEVER_SHOWS:
            assert not any(map(shows_room, after)), now
        else:
            seen_room += sum(map(shows_room, after))
    assert engine.stop(LONG)
    assert engine.error is None
    assert seen_room  # so what is looked for can be found
    engine.settings = replace(engine.settings, backdrop="none")  # for the fixture: it was seen on purpose

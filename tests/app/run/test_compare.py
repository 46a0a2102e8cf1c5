"""Hold to compare: the camera as it is, for the person alone."""

from dataclasses import replace

import numpy as np
import pytest

from tests.line_ends import LONG
from tests.secret_room import leaked
from tests.whole_line import ON, PERSON, until


@pytest.mark.parametrize("settings", [ON, replace(ON, hide=True)], ids=["live", "hidden"])
def test_the_raw_frame_goes_to_its_own_mailbox_and_neither_to_the_output_nor_to_the_preview(line, settings):
    engine, output = line.running()
    assert engine.compared.take(0) is None  # nothing, unless it is asked for
    engine.settings = settings
    engine.comparing = True
    frame = engine.compared.take(LONG)
    assert frame is not None
    assert leaked(frame.pixels) > 10_000
    output.wait_for(lambda pixels: True, 20)
    assert leaked(until(engine, lambda result: True).pixels, PERSON) == 0
    engine.comparing = False  # that the output never had it is checked at the end of every test of the line
    output.wait_for(lambda pixels: True, 3)
    engine.compared.take(0)
    output.wait_for(lambda pixels: True, 3)
    assert engine.compared.take(0) is None
    assert not np.shares_memory(frame.pixels, line.cameras["secret"]._buffer)

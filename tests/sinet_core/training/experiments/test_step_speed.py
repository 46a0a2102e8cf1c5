"""The command that measures a step of training: both kinds of layers learn, and its ratio is of what it prints."""

import re

from sinet_core.training.experiments.step_speed import main


def test_both_kinds_are_measured_and_compared(capsys):
    main(["--size", "32x64", "--batch", "2", "--steps", "3", "--threads", "1"])
    torch_line, quick_line, ratio = capsys.readouterr().out.splitlines()
    rates = [
        float(re.search(r"([\d.]+) scenes a second", line).group(1)) for line in (torch_line, quick_line)
    ]
    slow, fast = rates  # both rounded to a tenth, which on a busy computer is much of them
    least, most = (fast - 0.05) / (slow + 0.05), (fast + 0.05) / max(slow - 0.05, 1e-9)
    assert least - 0.005 <= float(ratio.split()[0]) <= most + 0.005

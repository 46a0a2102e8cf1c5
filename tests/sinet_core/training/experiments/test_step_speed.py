"""The command that measures a step of training: both kinds of layers learn, and its ratio is of what it prints."""

import re
import subprocess
import sys


def test_both_kinds_are_measured_and_compared():
    command = [sys.executable, "-m", "sinet_core.training", "step-speed"]
    asked = ["--size", "32x64", "--batch", "2", "--steps", "3", "--threads", "1"]
    ended = subprocess.run([*command, *asked], capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr
    torch_line, quick_line, ratio = ended.stdout.splitlines()
    rates = [
        float(re.search(r"([\d.]+) scenes a second", line).group(1)) for line in (torch_line, quick_line)
    ]
    slow, fast = rates  # both rounded to a tenth, which on a busy computer is much of them
    least, most = (fast - 0.05) / (slow + 0.05), (fast + 0.05) / max(slow - 0.05, 1e-9)
    assert least - 0.005 <= float(ratio.split()[0]) <= most + 0.005

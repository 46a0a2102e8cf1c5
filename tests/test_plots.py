"""The plots of the README, drawn from reports like those of the bench."""

import runpy
from pathlib import Path

import pytest

README = Path(__file__).resolve().parent.parent / "assets" / "readme"
SOAK = {
    "size": [640, 360],
    "step_seconds": 10.0,
    "frames": 1200,
    "rounds": [{"minutes": 0.5, "memory_mb": 90.0}, {"minutes": 1.0, "memory_mb": 91.0}],
    "stretches": [
        {"minutes": (at + 1) / 4, "memory_mb": 80.0 + at, "handles": 9, "threads": 4} for at in range(4)
    ],
}
BENCH = {
    "machine": {"cpu": "A processor", "cores": 2},
    "cases": [
        {"size": size, "width": width, "height": height, "backdrop": "blur", "cpu_ms": cost}
        for size, width, height, cost in (("480p", 848, 480, 4.0), ("720p", 1280, 720, 6.0))
    ],
}


@pytest.mark.parametrize(
    ("script", "report", "said"),
    [
        (
            "plot_soak.py",
            SOAK,
            ["1,200 frames", "640 × 360", "the same 2 again and again", "20 frames a second", "threads"],
        ),
        ("plot_bench.py", BENCH, ["A processor", "480p", "720p", "blur"]),
    ],
)
def test_a_report_is_drawn_the_same_every_time(tmp_path, monkeypatch, script, report, said):
    monkeypatch.syspath_prepend(README)  # as Python does for a script
    draw = runpy.run_path(str(README / script))["draw"]
    for name in ("one.svg", "other.svg"):
        draw(report, tmp_path / name)
    drawn = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert all(words in drawn for words in said)
    assert drawn == (tmp_path / "other.svg").read_text(encoding="utf-8")

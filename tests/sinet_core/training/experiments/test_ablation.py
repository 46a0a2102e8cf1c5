"""The ablation: equal runs but for one lever, a table of them, and that what is done is not done again."""

import json

import pytest

from sinet_core.training.experiments.ablation import PLAIN, VARIANTS, RunSettings, main, results_in, table_of
from sinet_core.training.model.checkpoint import file_hash
from tests.small_data import write_small_data


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_small_data(tmp_path_factory.mktemp("data"))


def ablate(data, folder, *options: str) -> int:
    small = ["--size", "64x64", "--steps", "2", "--batch", "4", "--checkpoints", "2", "--rate", "4e-3"]
    return main(["--data", str(data), "--into", str(folder), *small, *options])


@pytest.fixture(scope="module")
def folder(data, tmp_path_factory):
    """Every variant, run from random weights."""
    folder = tmp_path_factory.mktemp("ablation")
    assert ablate(data, folder) == 0
    return folder


def rows_of(folder, name: str) -> list[dict[str, float]]:
    return results_in(folder)[name][0]


def test_every_variant_is_in_the_table_with_its_figures_on_the_way(folder):
    table = (folder / "table.md").read_text()
    assert all(f"| {name} " in table for name in VARIANTS)
    assert "1: loss, portraits_iou, desks_iou" in table
    assert "2: loss, portraits_iou, desks_iou" in table
    assert set(json.loads((folder / "table.json").read_text())) == set(VARIANTS)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != PLAIN])
def test_a_variant_makes_a_difference(folder, name):
    assert rows_of(folder, name)[-1]["loss"] != pytest.approx(rows_of(folder, PLAIN)[-1]["loss"], abs=1e-6)


def test_what_is_changed_after_the_loss_begins_with_the_same_loss(data, tmp_path):
    names = (PLAIN, "adamw", "no-average", "no-boundary")
    ablate(data, tmp_path, "--variants", ",".join(names), "--steps", "1", "--checkpoints", "1")
    losses = {name: rows_of(tmp_path, name)[0]["training loss"] for name in names}
    assert losses["adamw"] == losses["no-average"] == losses[PLAIN]
    assert losses["no-boundary"] != losses[PLAIN]


def test_what_is_done_is_kept_and_the_same_when_it_is_done_again(data, tmp_path, capsys):
    ablate(data, tmp_path, "--variants", PLAIN)
    done = file_hash(tmp_path / f"{PLAIN}-0.pt")
    capsys.readouterr()
    ablate(data, tmp_path, "--variants", f"{PLAIN},adamw", "--seeds", "0,1")
    printed = capsys.readouterr().out
    assert f"{PLAIN}, seed 0" not in printed
    assert f"{PLAIN}, seed 1" in printed
    assert "adamw, seed 0" in printed
    assert "| adamw    | 2 " in printed
    (tmp_path / f"{PLAIN}-0.json").unlink()
    ablate(data, tmp_path, "--variants", PLAIN)
    assert file_hash(tmp_path / f"{PLAIN}-0.pt") == done


def test_results_of_other_settings_are_not_mixed_in(data, tmp_path, capsys):
    assert ablate(data, tmp_path, "--variants", PLAIN) == 0
    assert ablate(data, tmp_path, "--variants", PLAIN, "--steps", "3") == 1
    assert "made with other settings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--variants", "nonsense"], "no such variant: nonsense"),
        (["--size", "60x64"], "multiples of 32"),
    ],
)
def test_what_cannot_be_asked_for_is_said(data, tmp_path, capsys, options, said):
    assert ablate(data, tmp_path, *options) == 1
    assert said in capsys.readouterr().err


def test_a_table_has_the_means_over_seeds():
    def rows(iou: float) -> list[dict[str, float]]:
        return [{"step": 10, "training loss": 1.0, "loss": 0.5, "portraits_iou": iou}]

    table = table_of({PLAIN: [rows(0.5), rows(0.7)], "adamw": [rows(0.25)]})
    assert "0.5000, 0.6000" in table
    assert "0.5000, 0.2500" in table


def test_rows_are_as_many_as_asked_for_and_the_last_is_the_end():
    settings = RunSettings((64, 64), 10, 4, 1e-3, 3, None, [])
    assert [step for step in range(1, 11) if settings.measured_after(step)] == [4, 7, 10]

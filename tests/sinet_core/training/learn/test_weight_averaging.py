"""The mean of checkpoints: of every weight and statistic, by shares; from the command line with what it was mixed from."""

import json

import pytest
import torch

from sinet_core.training.learn import weight_averaging
from sinet_core.training.learn.recipe import LARGE
from sinet_core.training.learn.weight_averaging import weight_average
from sinet_core.training.model.checkpoint import file_hash, load_model, save_weights
from sinet_core.training.model.model import SINet
from tests.small_data import write_small_data


def network(seed: int, classes: int = 2) -> SINet:
    torch.manual_seed(seed)
    model = SINet(classes)
    model.train()(torch.randn(2, 3, 64, 64))  # its statistics become its own
    return model.eval()


def test_every_weight_and_statistic_is_the_mean_by_shares():
    first, second = network(1), network(2)
    mix = weight_average([first, second], [0.25, 0.75]).state_dict()
    for name, value in first.state_dict().items():
        if value.dtype.is_floating_point:
            expected = 0.25 * value + 0.75 * second.state_dict()[name]
            assert torch.allclose(mix[name], expected, atol=1e-6), name
    assert not torch.equal(mix["encoder.level_1.norm.running_mean"], torch.zeros(12))


def test_a_network_mixed_with_itself_answers_as_before():
    model, x = network(3), torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        assert torch.allclose(weight_average([model, model], [0.5, 0.5])(x), model(x), atol=1e-5)


@pytest.mark.parametrize("shares", [[1.0], [0.5, 0.6], [0.5, 0.25, 0.25]])
def test_shares_that_do_not_fit_are_refused(shares):
    with pytest.raises(ValueError, match="shares"):
        weight_average([network(1), network(2)], shares)


def test_networks_of_different_classes_are_refused():
    with pytest.raises(ValueError, match="classes"):
        weight_average([network(1), network(2, classes=3)], [0.5, 0.5])


def test_the_command_writes_the_mix_what_it_is_of_and_its_scores(tmp_path, capsys):
    root = write_small_data(tmp_path / "data")
    paths = [tmp_path / "a" / "sinet.pt", tmp_path / "b" / "sinet.pt"]
    for seed, path in enumerate(paths):
        save_weights(network(seed).state_dict(), path, {"data": [f"folder {seed}"]})
    to = tmp_path / "soup.pt"
    weight_averaging.main([*map(str, paths), "--to", str(to), "--data", str(root)])
    facts = json.loads(to.with_suffix(".json").read_text())
    assert [part["sha256"] for part in facts["mixed_from"]] == [file_hash(path) for path in paths]
    assert facts["data"] == ["folder 0", "folder 1"]
    assert [part["data"] for part in facts["mixed_from"]] == [["folder 0"], ["folder 1"]]
    assert [part["share"] for part in facts["mixed_from"]] == [0.5, 0.5]
    assert set(facts["validation"]) == {"portraits_iou", "desks_iou"}
    assert f"{facts['validation']['desks_iou']:.4f}" in capsys.readouterr().out
    assert torch.equal(
        load_model(to).state_dict()["encoder.head.weight"],
        weight_average([load_model(path) for path in paths], [0.5, 0.5]).state_dict()["encoder.head.weight"],
    )


@pytest.mark.parametrize(("names", "kept"), [(("a", "b"), True), (("a", "c"), False)])
def test_a_mix_of_networks_of_labels_keeps_their_classes_where_they_are_the_same(tmp_path, names, kept):
    paths = [tmp_path / "1.pt", tmp_path / "2.pt"]
    for path, classes in zip(paths, (("a", "b"), names), strict=True):
        save_weights(network(0).state_dict(), path, {"classes": classes, "area": 4096})
    weight_averaging.main([*map(str, paths), "--to", str(tmp_path / "mix.pt")])
    facts = json.loads((tmp_path / "mix.json").read_text())
    assert facts["area"] == 4096
    assert facts.get("classes") == (["a", "b"] if kept else None)


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    save_weights(network(0).state_dict(), tmp_path / "a.pt", {})
    with pytest.raises(SystemExit):
        weight_averaging.main([str(tmp_path / "a.pt"), "--to", str(tmp_path / "x.pt"), "--shares", "0.4"])
    assert "add up to 1" in capsys.readouterr().err
    assert not (tmp_path / "x.pt").exists()


def test_a_stage_of_one_shape_keeps_its_sizes_of_that_shape():
    wide, upright = LARGE.of_shapes("wide"), LARGE.of_shapes("upright")
    assert all(size[0] < size[1] for size in wide.sizes)
    assert all(size[0] > size[1] for size in upright.sizes)
    assert len(wide.sizes) + len(upright.sizes) == len(LARGE.sizes) == len(LARGE.of_shapes("all").sizes)

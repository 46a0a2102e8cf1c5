"""The mean of checkpoints: of every weight, deployable where they are, and with what is known of each."""

import json
import sys

import pytest
import torch

from sinet_core.training.average import main, mean_of
from sinet_core.training.checkpoint import load_model, save_weights
from sinet_core.training.deployed import deployed_graph
from sinet_core.training.model import SINet, keep_deployable


def other(seed):
    torch.manual_seed(seed)
    model = SINet()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.01)
    keep_deployable(model)
    return model.eval()


def test_every_weight_is_the_mean_of_the_models():
    one, two = other(1), other(2)
    one.encoder.level_1.norm.running_mean.fill_(1.0)
    two.encoder.level_1.norm.running_mean.fill_(3.0)
    mean = mean_of([one, two]).state_dict()
    for name, weight in mean.items():
        if weight.dtype.is_floating_point:
            torch.testing.assert_close(weight, (one.state_dict()[name] + two.state_dict()[name]) / 2)
    assert float(mean["encoder.level_1.norm.running_mean"][0]) == 2.0


def test_a_mean_of_deployable_models_can_be_deployed():
    assert deployed_graph(mean_of([other(1), other(2)])).graph.output[0].name == "alpha"


def test_there_is_no_mean_of_nothing():
    with pytest.raises(ValueError, match="one model"):
        mean_of([])


def test_the_command_writes_the_mean_and_what_is_known_of_each(tmp_path, monkeypatch, capsys):
    for seed in (1, 2):
        facts = {"recipe": {"seed": seed}, "data": ["lfw"]}
        save_weights(other(seed).state_dict(), tmp_path / f"{seed}.pt", facts)
    target = tmp_path / "mean" / "sinet.pt"
    arguments = ["average", str(tmp_path / "1.pt"), str(tmp_path / "2.pt"), "--into", str(target)]
    monkeypatch.setattr(sys, "argv", arguments)
    main()
    assert "written" in capsys.readouterr().out
    told = json.loads(target.with_suffix(".json").read_text())
    assert [each["recipe"]["seed"] for each in told["mean_of"]] == [1, 2]
    assert told["data"] == ["lfw"]
    mean, one, two = load_model(target), load_model(tmp_path / "1.pt"), load_model(tmp_path / "2.pt")
    torch.testing.assert_close(
        mean.encoder.head.weight, (one.encoder.head.weight + two.encoder.head.weight) / 2
    )

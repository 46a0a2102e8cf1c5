"""The deployed graph: equal to the network at other sizes, refused where it is not, and with its contract in its metadata."""

import onnx
import pytest
import torch
from torch import nn

from sinet_core import Segmenter
from sinet_core.segmenter import hash_path
from sinet_core.training.export.deployed import deployed_graph
from sinet_core.training.export.export import ExportError, check, export, plain_graph
from sinet_core.training.export.labelled import ANSWERS, label_graph
from sinet_core.training.labels.export import check as check_labels
from sinet_core.training.model.checkpoint import file_hash, save_weights
from sinet_core.training.model.model import SINet, keep_deployable


def lively(classes=2, levels=3):
    """A network whose every part does something: random normalisations, random slopes, and answers that vary."""
    torch.manual_seed(0)
    model = SINet(classes, levels)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.3)
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2.0)
        if isinstance(module, nn.PReLU):
            nn.init.uniform_(module.weight, 0.0, 0.6)
    with torch.no_grad():
        model.decoder.head.weight.mul_(30 if levels == 3 else 3)  # more would only show how float32 rounds
        model.decoder.norm_coarse.weight.mul_(10 if levels == 3 else 3)
    keep_deployable(model)
    return model.eval()


@pytest.fixture
def network():
    return lively()


@pytest.mark.parametrize("groups_apart", [False, True])
def test_the_deployed_graph_answers_as_the_network_at_other_sizes(network, groups_apart):
    graph = deployed_graph(network, groups_apart=groups_apart)
    assert check(graph, network, tolerance=1e-4) < 1e-4


def test_torchs_own_export_answers_as_the_network_too(network):
    assert check(plain_graph(network), network, tolerance=1e-4) < 1e-4


def test_a_graph_of_other_weights_is_refused(network):
    graph = deployed_graph(network)
    with torch.no_grad():
        network.encoder.level_3[4].left.depthwise.weight.mul_(1.3)
    with pytest.raises(ExportError, match="differs from the network"):
        check(graph, network)


def test_slopes_that_differ_by_channel_are_refused(network):
    with torch.no_grad():
        network.encoder.join_3.act.weight[3] += 0.1
    with pytest.raises(ValueError, match="slopes differ by channel"):
        deployed_graph(network)


def test_slopes_of_nothing_are_no_trouble(network):
    for module in network.modules():
        if isinstance(module, nn.PReLU):
            nn.init.zeros_(module.weight)
    graph = deployed_graph(network)
    assert check(graph, network, tolerance=5e-4) < 5e-4
    assert not [node for node in graph.graph.node if node.op_type == "LeakyRelu"]


def test_a_negative_scale_after_a_residual_is_no_trouble(network):
    with torch.no_grad():
        network.encoder.level_3[4].norm_act.norm.weight[3] = -0.2
    assert check(deployed_graph(network), network, tolerance=5e-4) < 5e-4


def test_the_file_carries_its_contract_and_is_one_that_the_segmenter_loads(network, tmp_path):
    checkpoint, target = tmp_path / "sinet.pt", tmp_path / "sinet.onnx"
    save_weights(network.state_dict(), checkpoint, {"data": ["desks", "rooms"], "scores": {"desks_iou": 0.5}})
    export(checkpoint, target)
    metadata = Segmenter.load(target).metadata
    assert metadata["backdrop.checkpoint_sha256"] == file_hash(checkpoint)
    assert metadata["backdrop.training_data"] == "desks, rooms"
    for path in (target, tmp_path / "sinet-avx2.onnx"):
        assert hash_path(path).read_text() == f"{file_hash(path)}  {path.name}\n"
    assert metadata["backdrop.scores"] == '{"desks_iou": 0.5}'
    assert int(metadata["backdrop.opset"]) == onnx.load(target).opset_import[0].version


def test_nothing_is_written_for_a_checkpoint_that_is_none(tmp_path):
    (tmp_path / "sinet.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(ValueError, match=r"sinet\.pt is no checkpoint"):
        export(tmp_path / "sinet.pt", tmp_path / "sinet.onnx")
    assert not (tmp_path / "sinet.onnx").exists()


@pytest.mark.parametrize(("classes", "levels"), [(2, 3), (5, 3), (3, 4), (11, 4)])
@pytest.mark.parametrize("answer", ANSWERS)
def test_the_graph_of_labels_answers_as_the_network_with_any_classes_and_levels(classes, levels, answer):
    model = lively(classes, levels)
    graph = label_graph(model, answer)
    assert check_labels(graph, model, answer, tolerance=1e-4) < 1e-4
    with torch.no_grad():
        model.encoder.head.weight.mul_(-1)
    with pytest.raises(ExportError, match="differs from the network"):
        check_labels(graph, model, answer)


def test_a_graph_of_alphas_is_not_made_of_other_networks():
    for model in (SINet(3).eval(), SINet(2, levels=4).eval(), SINet()):
        with pytest.raises(ValueError, match="two classes and three levels"):
            deployed_graph(model)
    with pytest.raises(ValueError, match="evaluation mode"):
        label_graph(SINet(3))

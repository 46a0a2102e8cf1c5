"""SINet: extremely lightweight portrait segmentation, written from its published description.

H. Park, L. L. Sjösund, Y. Yoo, N. Monet, J. Bang, N. Kwak: "SINet: Extreme Lightweight Portrait Segmentation Networks with
Spatial Squeeze Modules and Information Blocking Decoder", WACV 2020, arXiv 1911.09099. Section numbers below are of that paper.

In one line: encoder at H/2, H/4, H/8 → coarse logits → information blocking decoder → logits at H × W. The network for
street scenes has one more level, at H/16, and one more step in its decoder.
Convolutions have no bias. Every activation is a PReLU with one slope per channel. BatchNorm has eps 1e-3.
"""

from collections.abc import Iterator
from itertools import chain

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sinet_core.training.model.plans import PLANS, Branches

SHRINK = 2  # the deployed network's alpha has 1 / SHRINK of the height and width of its input


def batch_norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.1)


class Enlarge(nn.Module):
    """Bilinear enlarging with aligned corners."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=float(self.factor), mode="bilinear", align_corners=True)


def shuffled(x: Tensor) -> Tensor:
    """Interleave the two halves of the channels. (Torch's own channel_shuffle cannot be exported to ONNX.)"""
    batch, channels, height, width = x.shape
    return x.view(batch, 2, channels // 2, height, width).transpose(1, 2).reshape(x.shape)


class ConvNormAct(nn.Module):
    """Convolution (same padding) → BN → PReLU."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            channels_in, channels_out, kernel, stride, padding=(kernel - 1) // 2, bias=False
        )
        self.norm = batch_norm(channels_out)
        self.act = nn.PReLU(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(x)))


class NormAct(nn.Module):
    """BN → PReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = batch_norm(channels)
        self.act = nn.PReLU(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(x))


class ChannelSqueeze(nn.Module):
    """Scale each channel by a factor from the whole picture: global average → dense layers → multiply. No sigmoid."""

    def __init__(self, channels: int, divide: int) -> None:
        super().__init__()
        if divide == 1:
            self.dense = nn.Sequential(nn.Linear(channels, channels), nn.PReLU(channels))
        else:
            narrow = channels // divide
            self.dense = nn.Sequential(
                nn.Linear(channels, narrow), nn.PReLU(narrow), nn.Linear(narrow, channels), nn.PReLU(channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.dense(x.mean(dim=(2, 3)))[:, :, None, None]


class DownSqueeze(nn.Module):
    """Halve the size: depthwise 3 × 3 stride 2 → channel squeeze → 1 × 1 → BN → PReLU (Section 3.1, "DownSE")."""

    def __init__(self, channels_in: int, channels_out: int, divide: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels_in, channels_in, 3, 2, padding=1, groups=channels_in, bias=False)
        self.squeeze = ChannelSqueeze(channels_in, divide)
        self.pointwise = nn.Conv2d(channels_in, channels_out, 1, bias=False)
        self.norm_act = NormAct(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm_act(self.pointwise(self.squeeze(self.depthwise(x))))


class SpatialSqueezeBranch(nn.Module):
    """One S2 branch: average-pool by `pool`, depthwise separable convolution, back to size (Section 3.1).

    Pooling enlarges the receptive field at little cost: after pooling by 4, a 3 × 3 kernel sees 12 × 12 pixels.
    """

    def __init__(self, channels: int, kernel: int, pool: int) -> None:
        super().__init__()
        self.pool = pool
        self.depthwise = nn.Conv2d(
            channels, channels, kernel, padding=(kernel - 1) // 2, groups=channels, bias=False
        )
        self.norm_act = NormAct(channels)
        self.pointwise = nn.Conv2d(channels, channels, 1, bias=False)
        self.enlarge = Enlarge(pool)
        self.norm = batch_norm(channels)

    def before_norm(self, x: Tensor) -> Tensor:
        if self.pool > 1:
            x = F.avg_pool2d(x, self.pool)
        x = self.pointwise(self.norm_act(self.depthwise(x)))
        return self.enlarge(x) if self.pool > 1 else x

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.before_norm(x))


class SpatialSqueezeModule(nn.Module):
    """S2 module: grouped 1 × 1, shuffle, two S2 branches side by side, and optionally its input added (Section 3.1)."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        branches: Branches,
        *,
        add: bool,
    ) -> None:
        super().__init__()
        half = channels_out // 2
        self.add = add
        self.grouped = nn.Conv2d(channels_in, half, 1, groups=2, bias=False)
        self.left = SpatialSqueezeBranch(half, *branches[0])
        self.right = SpatialSqueezeBranch(half, *branches[1])
        self.norm_act = NormAct(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        y = shuffled(self.grouped(x))
        y = torch.cat([self.left(y), self.right(y)], dim=1)
        return self.norm_act(y + x if self.add else y)


def spatial_squeeze_chain(
    channels_in: int, channels_out: int, branches: tuple[Branches, ...]
) -> list[nn.Module]:
    """A chain of S2 modules. The first changes the number of channels, so only the others add their input."""
    first = SpatialSqueezeModule(channels_in, channels_out, branches[0], add=False)
    return [
        first,
        *(SpatialSqueezeModule(channels_out, channels_out, pair, add=True) for pair in branches[1:]),
    ]


class Encoder(nn.Module):
    """Maps a frame to coarse logits at the deepest level's size, and to the features that the decoder uses, deepest first.

    Its parts are named down_2, level_2, join_2, down_3 …; PLANS says which of them exist.
    """

    def __init__(self, classes: int, levels: int) -> None:
        super().__init__()
        plan = PLANS[levels]
        self.numbers = range(2, levels + 1)
        self.level_1 = ConvNormAct(3, plan.first, 3, stride=2)
        channels = plan.first
        for number, level in zip(self.numbers, plan.levels, strict=True):
            self.add_module(f"down_{number}", DownSqueeze(channels, level.down, level.divide))
            widths = [level.down, *(width for width, _ in level.chains)]
            chains = [
                spatial_squeeze_chain(before, width, branches)
                for before, (width, branches) in zip(widths, level.chains, strict=False)
            ]
            if chains:
                self.add_module(f"level_{number}", nn.Sequential(*chain(*chains)))
                self.add_module(f"join_{number}", NormAct(level.channels))
            channels = level.channels
        self.head = nn.Conv2d(channels, classes, 1, bias=False)

    def levels(self) -> Iterator[tuple[DownSqueeze, nn.Sequential | None, NormAct | None]]:
        """For each level from the second on: its DownSqueeze, its S2 modules, and the NormAct that joins the two."""
        for number in self.numbers:
            yield (
                getattr(self, f"down_{number}"),
                getattr(self, f"level_{number}", None),
                getattr(self, f"join_{number}", None),
            )

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        x, local = self.level_1(x), []
        for down, modules, join in self.levels():
            x = down(x)
            deep = x if modules is None else modules(x)
            local.append(deep)
            x = x if join is None else join(torch.cat([x, deep], dim=1))
        return self.head(x), local[-2::-1]


class InformationBlockingDecoder(nn.Module):
    """Adds local detail only where the coarse logits are unsure, so it cannot spoil what is consistent (Section 3.2).

    With three levels, the last convolution works at full size, and the logits are (H, W). With four, they are (H/2, W/2):
    street scenes have so many classes that this convolution at full size would cost as much as the rest of the network.
    """

    def __init__(self, classes: int, levels: int) -> None:
        super().__init__()
        shown = [level.local for level in PLANS[levels].levels[-2::-1]]
        self.norm_coarse = batch_norm(classes)
        self.local = ConvNormAct(shown[0], classes, 1)
        self.norm_fine = batch_norm(classes)
        if levels > 3:
            self.local_2 = ConvNormAct(shown[1], classes, 1)
            # Predicts the four quarters of each pixel, as a transposed 2 × 2 convolution does.
            self.head = nn.Conv2d(classes, 4 * classes, 1, bias=False)
        else:
            self.head = nn.Conv2d(classes, classes, 3, padding=1, bias=False)
        self.enlarge = Enlarge(2)

    def forward(self, coarse_logits: Tensor, local: list[Tensor]) -> Tensor:
        fine = opened(self.norm_coarse(self.enlarge(coarse_logits)), self.local(local[0]))
        fine = self.norm_fine(self.enlarge(fine))
        if len(local) > 1:
            fine = opened(fine, self.local_2(local[1]))
            return F.pixel_shuffle(self.head(fine), 2)
        logits: Tensor = self.head(self.enlarge(fine))
        return logits


def opened(logits: Tensor, detail: Tensor) -> Tensor:
    """Add detail to the logits where no class is likely. Both are (N, classes, H, W)."""
    unsure = 1 - logits.softmax(dim=1).amax(dim=1, keepdim=True)
    return logits + unsure * detail


class SINet(nn.Module):
    """SINet for two or more classes. With two classes and three levels it has 86,910 parameters.

    levels: 3 for the portrait network, 4 for the one for street scenes (PLANS).
    forward(x): x is (N, 3, H, W) float from normalise(); H and W are multiples of `multiple`. Returns logits (N, classes, H, W).
    forward_both(x) returns the decoder's logits, which have half that size with four levels, and the encoder's, which are
    (N, classes, H/8, W/8), or (H/16, W/16) with four levels.
    With two classes, class 1 is the person. Raises ValueError for other sizes or levels, and for fewer classes.
    """

    def __init__(self, classes: int = 2, levels: int = 3) -> None:
        super().__init__()
        if classes < 2:
            raise ValueError(f"SINet needs at least 2 classes, not {classes}")
        if levels not in PLANS:
            raise ValueError(f"SINet has 3 or 4 levels, not {levels}")
        self.classes, self.levels, self.multiple = classes, levels, PLANS[levels].multiple
        self.encoder = Encoder(classes, levels)
        self.decoder = InformationBlockingDecoder(classes, levels)

    def forward_both(self, x: Tensor) -> tuple[Tensor, Tensor]:
        height, width = x.shape[2:]
        if height % self.multiple or width % self.multiple:
            raise ValueError(f"height and width must be multiples of {self.multiple}, not {height} × {width}")
        coarse_logits, local = self.encoder(x)
        return self.decoder(coarse_logits, local), coarse_logits

    def forward(self, x: Tensor) -> Tensor:
        logits = self.forward_both(x)[0]
        return self.decoder.enlarge(logits) if logits.shape[2:] != x.shape[2:] else logits


def parameter_count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def normalise(frames: Tensor) -> Tensor:
    """(N, H, W, 3) uint8 BGR, as from OpenCV → (N, 3, H, W) float32 in [-1, 1], the range that our weights are trained on."""
    return frames.permute(0, 3, 1, 2).float() / 127.5 - 1


def person_logit(logits: Tensor) -> Tensor:
    """(N, 2, H, W) logits → (N, H, W). The sigmoid of the result is the softmax of the person's class."""
    return logits[:, 1] - logits[:, 0]


# Layers with few channels. Their PReLUs learn slopes of about one half, and the network needs these.
SLOPING = ("encoder.level_1", "encoder.down_2.norm_act", "decoder.local", "decoder.local_2")


def keep_deployable(model: nn.Module, steepest: float = 1.0) -> None:
    """Set all slopes of each convolutional PReLU to their mean. Call it after each training step.

    ONNX Runtime fuses a PReLU with one slope (LeakyRelu) into the convolution before it, at little cost. With a slope per
    channel it runs apart, and costs as much as the convolutions. deployed.py relies on this. steepest: the largest absolute
    slope, except in SLOPING; with 0, the others are ReLUs, which the convolution's kernel computes on the way.
    """
    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, ConvNormAct | NormAct):
                slope, most = module.act.weight, 1.0 if name in SLOPING else steepest
                slope.fill_(min(most, max(-most, float(slope.mean()))))

"""SINet: extreme lightweight portrait segmentation, written from its published description.

H. Park, L. L. Sjösund, Y. Yoo, N. Monet, J. Bang, N. Kwak: "SINet: Extreme Lightweight Portrait Segmentation Networks with
Spatial Squeeze Modules and Information Blocking Decoder", WACV 2020, arXiv 1911.09099. Section numbers below are of that paper.

Layout in one line: encoder at H/2, H/4, H/8 → coarse logits → information blocking decoder → logits at H × W. The network
for street scenes has a level more, at H/16, and its decoder a further step.
All convolutions are without bias; every activation is a PReLU with one slope a channel; BatchNorm has eps 1e-3.
"""

from collections.abc import Iterator
from itertools import chain

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sinet_core.training.model.plans import PLANS, Branches

SHRINK = 2  # what the deployed network's alpha is smaller by than its input


def batch_norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.1)


class Enlarge(nn.Module):
    """Bilinear, the corners aligned."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=float(self.factor), mode="bilinear", align_corners=True)


def shuffled(x: Tensor) -> Tensor:
    """Interleave the two halves of the channels. (Torch's own channel_shuffle has no ONNX form.)"""
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
    """Scale each channel by what the whole picture says of it: global average → dense layers → multiply. No sigmoid."""

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
    """Half the size: depthwise 3 × 3 stride 2 → channel squeeze → 1 × 1 → BN → PReLU (Section 3.1, "DownSE")."""

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

    The pooling gives a large receptive field for little: a 3 × 3 kernel after a pool of 4 sees 12 × 12.
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
    """S2 module: grouped 1 × 1, shuffle, two S2 branches side by side, optionally plus its input (Section 3.1)."""

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
    """S2 modules one after another; the first changes the number of channels, so it alone has no addition."""
    first = SpatialSqueezeModule(channels_in, channels_out, branches[0], add=False)
    return [
        first,
        *(SpatialSqueezeModule(channels_out, channels_out, pair, add=True) for pair in branches[1:]),
    ]


class Encoder(nn.Module):
    """Frame → (coarse logits at the deepest level's size, what the decoder is shown of the levels above it, deepest first).

    Its parts are down_2, level_2, join_2, down_3 …, as far as PLANS has them.
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
        """The parts of each level from the second on: its beginning, its modules, and what joins both."""
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
    """Local detail enters only where the coarse answer is unsure, so it cannot spoil what is consistent (Section 3.2).

    Logits come out at H × W with three levels, whose last convolution works at that size, and at H/2 × W/2 with four: at
    full size, that convolution alone would cost as much as the rest of the network, with as many classes as a street has.
    """

    def __init__(self, classes: int, levels: int) -> None:
        super().__init__()
        shown = [level.local for level in PLANS[levels].levels[-2::-1]]
        self.norm_coarse = batch_norm(classes)
        self.local = ConvNormAct(shown[0], classes, 1)
        self.norm_fine = batch_norm(classes)
        if levels > 3:
            self.local_2 = ConvNormAct(shown[1], classes, 1)
            # Each pixel's four quarters: what a transposed convolution of 2 × 2 is.
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
    """Logits with detail where no class is likely. Both (N, classes, H, W)."""
    unsure = 1 - logits.softmax(dim=1).amax(dim=1, keepdim=True)
    return logits + unsure * detail


class SINet(nn.Module):
    """SINet with any number of classes from two: 86,910 parameters with two and three levels.

    levels: 3, the portrait network, or 4, the one for street scenes (PLANS).
    forward(x): x (N, 3, H, W) float, H and W multiples of `multiple`, normalised as the trainer normalises
    → logits (N, classes, H, W). forward_both: the decoder's own, which are half as large with four levels, and the encoder's
    (N, classes, H/8, W/8), or H/16, W/16 with four.
    With two classes, class 1 is the person. Raises ValueError for other sizes, other levels or fewer classes.
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
    """(N, H, W, 3) uint8 BGR, as OpenCV gives it → (N, 3, H, W) float32 in [-1, 1], what our weights are trained on."""
    return frames.permute(0, 3, 1, 2).float() / 127.5 - 1


def person_logit(logits: Tensor) -> Tensor:
    """(N, 2, H, W) logits → (N, H, W): the one number whose sigmoid is the softmax's person."""
    return logits[:, 1] - logits[:, 0]


# Where few channels must say much: their PReLUs learn slopes of about one half, which they cannot do without.
SLOPING = ("encoder.level_1", "encoder.down_2.norm_act", "decoder.local", "decoder.local_2")


def keep_deployable(model: nn.Module, steepest: float = 1.0) -> None:
    """Give the channels of each convolutional PReLU one slope, their mean; called after each training step.

    ONNX Runtime computes a PReLU with one slope (LeakyRelu) inside the convolution before it, for little, but one with a slope
    a channel apart from it, which costs as much as the convolutions do. deployed.py relies on this. steepest: the largest
    slope, up or down, of all but the SLOPING ones; with 0 they are ReLUs, which are part of the convolution's own kernel.
    """
    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, ConvNormAct | NormAct):
                slope, most = module.act.weight, 1.0 if name in SLOPING else steepest
                slope.fill_(min(most, max(-most, float(slope.mean()))))

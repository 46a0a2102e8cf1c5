"""SINet: extreme lightweight portrait segmentation, written from its published description.

H. Park, L. L. Sjösund, Y. Yoo, N. Monet, J. Bang, N. Kwak: "SINet: Extreme Lightweight Portrait Segmentation Networks with
Spatial Squeeze Modules and Information Blocking Decoder", WACV 2020, arXiv 1911.09099. Section numbers below are of that paper.

Layout in one line: encoder at H/2, H/4, H/8 → coarse logits → information blocking decoder → logits at H × W.
All convolutions are without bias; every activation is a PReLU with one slope a channel; BatchNorm has eps 1e-3.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SHRINK = 2  # what the deployed network's alpha is smaller by than its input
MULTIPLE = 32  # level 3 (H/8) is pooled by 4 in one branch, so H and W must be multiples of 8 · 4
BRANCHES_LEVEL_2 = (((3, 1), (5, 1)), ((3, 1), (3, 1)))
BRANCHES_LEVEL_3 = (
    ((3, 1), (5, 1)),
    ((3, 1), (3, 1)),
    ((5, 1), (3, 2)),
    ((5, 2), (3, 4)),
    ((3, 1), (3, 1)),
    ((5, 1), (5, 1)),
    ((3, 2), (3, 4)),
    ((3, 1), (5, 2)),
)  # (kernel, pooling) of the two branches of each S2 module: Table 2


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
        branches: tuple[tuple[int, int], tuple[int, int]],
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
    channels_in: int, channels_out: int, branches: tuple[tuple[tuple[int, int], tuple[int, int]], ...]
) -> nn.Sequential:
    """S2 modules one after another; the first changes the number of channels, so it alone has no addition."""
    first = SpatialSqueezeModule(channels_in, channels_out, branches[0], add=False)
    rest = (SpatialSqueezeModule(channels_out, channels_out, pair, add=True) for pair in branches[1:])
    return nn.Sequential(first, *rest)


class Encoder(nn.Module):
    """Frame → (coarse logits at H/8, local features at H/4)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.level_1 = ConvNormAct(3, 12, 3, stride=2)
        self.down_2 = DownSqueeze(12, 16, divide=1)
        self.level_2 = spatial_squeeze_chain(16, 48, BRANCHES_LEVEL_2)
        self.join_2 = NormAct(64)
        self.down_3 = DownSqueeze(64, 48, divide=2)
        self.level_3 = spatial_squeeze_chain(48, 96, BRANCHES_LEVEL_3)
        self.join_3 = NormAct(144)
        self.head = nn.Conv2d(144, classes, 1, bias=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        down_2 = self.down_2(self.level_1(x))
        local = self.level_2(down_2)
        down_3 = self.down_3(self.join_2(torch.cat([down_2, local], dim=1)))
        deep = self.level_3(down_3)
        return self.head(self.join_3(torch.cat([down_3, deep], dim=1))), local


class InformationBlockingDecoder(nn.Module):
    """Local detail enters only where the coarse answer is unsure, so it cannot spoil what is consistent (Section 3.2)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.norm_coarse = batch_norm(classes)
        self.local = ConvNormAct(48, classes, 1)
        self.norm_fine = batch_norm(classes)
        self.head = nn.Conv2d(classes, classes, 3, padding=1, bias=False)
        self.enlarge = Enlarge(2)

    def forward(self, coarse_logits: Tensor, local: Tensor) -> Tensor:
        coarse_logits = self.norm_coarse(self.enlarge(coarse_logits))
        unsure = 1 - coarse_logits.softmax(dim=1).amax(dim=1, keepdim=True)
        fine = coarse_logits + unsure * self.local(local)
        return self.head(self.enlarge(self.norm_fine(self.enlarge(fine))))


class SINet(nn.Module):
    """SINet with any number of classes from two: 86,910 parameters with two.

    forward(x): x (N, 3, H, W) float, H and W multiples of 32, normalised as the trainer normalises
    → logits (N, classes, H, W). forward_both also gives the encoder's own (N, classes, H/8, W/8).
    With two classes, class 1 is the person. Raises ValueError for other sizes or fewer classes.
    """

    def __init__(self, classes: int = 2) -> None:
        super().__init__()
        if classes < 2:
            raise ValueError(f"SINet needs at least 2 classes, not {classes}")
        self.classes = classes
        self.encoder = Encoder(classes)
        self.decoder = InformationBlockingDecoder(classes)

    def forward_both(self, x: Tensor) -> tuple[Tensor, Tensor]:
        height, width = x.shape[2:]
        if height % MULTIPLE or width % MULTIPLE:
            raise ValueError(f"height and width must be multiples of {MULTIPLE}, not {height} × {width}")
        coarse_logits, local = self.encoder(x)
        return self.decoder(coarse_logits, local), coarse_logits

    def forward(self, x: Tensor) -> Tensor:
        return self.forward_both(x)[0]


def parameter_count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def normalise(frames: Tensor) -> Tensor:
    """(N, H, W, 3) uint8 BGR, as OpenCV gives it → (N, 3, H, W) float32 in [-1, 1], what our weights are trained on."""
    return frames.permute(0, 3, 1, 2).float() / 127.5 - 1


def person_logit(logits: Tensor) -> Tensor:
    """(N, 2, H, W) logits → (N, H, W): the one number whose sigmoid is the softmax's person."""
    return logits[:, 1] - logits[:, 0]


# Where few channels must say much: their PReLUs learn slopes of about one half, which they cannot do without.
SLOPING = ("encoder.level_1", "encoder.down_2.norm_act", "decoder.local")


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

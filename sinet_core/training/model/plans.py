"""The encoder's channels, kernels and poolings, with three levels (as in the paper) and with four."""

from dataclasses import dataclass

Branches = tuple[tuple[int, int], tuple[int, int]]
"""(kernel, pooling) of the two branches of an S2 module."""
MULTIPLE = (
    32  # height and width must be multiples of this with three levels: a branch pools level 3 (H/8) by 4
)


@dataclass(frozen=True)
class Level:
    """A level of the encoder, at half the size of the one above it: DownSE to `down` channels, then S2 modules.

    divide: see ChannelSqueeze. chains: for each chain, the channels of its modules and the branches of each module. If there
    are modules, their output is joined with DownSE's.
    """

    down: int
    divide: int
    chains: tuple[tuple[int, tuple[Branches, ...]], ...] = ()

    @property
    def local(self) -> int:
        """The number of channels that the decoder gets from this level."""
        return self.chains[-1][0] if self.chains else self.down

    @property
    def channels(self) -> int:
        """The number of channels that the next level gets."""
        return self.down + self.local if self.chains else self.down


@dataclass(frozen=True)
class Plan:
    """The encoder: `first` channels at H/2, then its levels. multiple: H and W must be multiples of it, because of pooling."""

    first: int
    levels: tuple[Level, ...]
    multiple: int


# fmt: off
# Table 2: the portrait network.
PORTRAITS = Plan(12, (
    Level(16, 1, ((48, (((3, 1), (5, 1)), ((3, 1), (3, 1)))),)),
    Level(48, 2, ((96, (
        ((3, 1), (5, 1)), ((3, 1), (3, 1)), ((5, 1), (3, 2)), ((5, 2), (3, 4)),
        ((3, 1), (3, 1)), ((5, 1), (5, 1)), ((3, 2), (3, 4)), ((3, 1), (5, 2)),
    )),)),
), MULTIPLE)
# The network for street scenes. The paper gives its size and score, but no table. docs/segmentation.md says which parts come
# from its authors' public code and which are ours.
STREETS = Plan(16, (
    Level(20, 1),
    Level(24, 1, ((60, (((3, 1), (5, 1)), ((3, 1), (3, 1)), ((3, 1), (3, 1)))),)),
    Level(60, 2, (
        (84, (((3, 1), (5, 1)), ((3, 1), (3, 1)), ((5, 1), (3, 4)), ((3, 2), (3, 8)), ((3, 1), (5, 1)))),
        (108, (((3, 1), (5, 1)), ((3, 1), (3, 1)), ((5, 1), (3, 8)), ((3, 2), (5, 4)), ((3, 1), (5, 2)))),
    )),
), 128)
# fmt: on
PLANS = {3: PORTRAITS, 4: STREETS}

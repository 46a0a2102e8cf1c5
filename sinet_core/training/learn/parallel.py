"""Training over one or several processes (torchrun). Each takes a part of every batch.

Gradients are averaged, and batch normalisation uses the statistics of the whole batch, so several processes train like one.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn
from torch.distributed.nn.functional import all_reduce


@dataclass(frozen=True)
class Processes:
    """rank: the number of this process among `count`."""

    rank: int = 0
    count: int = 1

    @staticmethod
    def from_environment() -> "Processes":
        """From the environment that torchrun sets; without it, one process."""
        count = int(os.environ.get("WORLD_SIZE", "1"))
        if count == 1:
            return Processes()
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        return Processes(distributed.get_rank(), count)

    @property
    def first(self) -> bool:
        return self.rank == 0

    def device(self) -> torch.device:
        if not torch.cuda.is_available():
            return torch.device("cpu")
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))

    def positions(self, batch: int) -> Sequence[int]:
        """This process's positions in a batch. Raises ValueError if it cannot be divided evenly."""
        if batch % self.count:
            raise ValueError(f"a batch of {batch} cannot be divided by {self.count} processes")
        return range(self.rank, batch, self.count)

    def shared(self, module: nn.Module, *, unused: bool) -> nn.Module:
        """The module with gradients and batch statistics over all processes. unused: some parameters do not affect the loss."""
        if self.count == 1:
            return module
        for child in module.modules():
            if type(child) is nn.BatchNorm2d:
                child.__class__ = SharedBatchNorm
        return nn.parallel.DistributedDataParallel(module, find_unused_parameters=unused)

    def mean(self, value: Tensor) -> float:
        if self.count > 1:
            distributed.all_reduce(value)
            value /= self.count
        return float(value)

    def end(self) -> None:
        """End all processes together. Call it while the shared module is still referenced.

        Gloo's threads need the interpreter's lock to release their last tensors, and the destructor of DistributedDataParallel
        waits for those threads while holding that lock. So the threads get time to finish first.
        """
        if self.count > 1:
            distributed.barrier()
            time.sleep(0.5)
            distributed.destroy_process_group()


class SharedBatchNorm(nn.BatchNorm2d):
    """BatchNorm2d over the batches of all processes. (Torch's SyncBatchNorm does that on GPUs only.)"""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        count = distributed.get_world_size()
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        moments = torch.stack([x.mean(dim=(0, 2, 3)), x.square().mean(dim=(0, 2, 3))])
        mean, square = all_reduce(moments) / count
        variance = (square - mean.square()).clamp(min=0)
        with torch.no_grad():
            samples = x.numel() / x.shape[1] * count
            momentum = self.momentum or 0.1
            self.running_mean.lerp_(mean, momentum)
            self.running_var.lerp_(variance * samples / (samples - 1), momentum)
            self.num_batches_tracked += 1
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return x * scale[:, None, None] + (self.bias - mean * scale)[:, None, None]

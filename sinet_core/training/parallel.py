"""One training over one process or several (torchrun): each takes its share of every batch, gradients are averaged."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True)
class Processes:
    """rank: which of the `count` processes this is."""

    rank: int = 0
    count: int = 1

    @staticmethod
    def from_environment() -> "Processes":
        """As torchrun says; a process started without it is alone."""
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

    def share(self, batch: int) -> Sequence[int]:
        """The positions of a batch that are this process's. Raises ValueError when it cannot be shared evenly."""
        if batch % self.count:
            raise ValueError(f"a batch of {batch} cannot be shared by {self.count} processes")
        return range(self.rank, batch, self.count)

    def shared(self, module: nn.Module, *, unused: bool) -> nn.Module:
        """The module with its gradients averaged over the processes. unused: some parameters take no part in the loss."""
        if self.count == 1:
            return module
        return nn.parallel.DistributedDataParallel(module, find_unused_parameters=unused)

    def mean(self, value: Tensor) -> float:
        if self.count > 1:
            distributed.all_reduce(value)
            value /= self.count
        return float(value)

    def end(self) -> None:
        if self.count > 1:
            distributed.destroy_process_group()

"""Weight averaging ("model soup"): the weighted mean of checkpoints trained from the same one on different scenes.

    python -m sinet_core.training average upright.pt wide.pt --to soup.pt --data FOLDER
    python -m sinet_core.training average before.pt after.pt --to soup.pt --shares 0.4,0.6

M. Wortsman et al.: "Robust fine-tuning of zero-shot models", CVPR 2022, and "Model soups", ICML 2022. Weights in one
basin of the loss can be averaged; the average is nearly as good as each of them on its own scenes.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sinet_core.training.learn.train import facts_line
from sinet_core.training.learn.validate import validate
from sinet_core.training.model.checkpoint import file_hash, load_model, save_weights
from sinet_core.training.model.model import SINet

OF_LABELS = ("classes", "colours", "area")  # without these a network of labels cannot be used


def weight_average(models: Sequence[SINet], shares: Sequence[float]) -> SINet:
    """The network with the weighted mean of the models' weights and statistics of normalisation. shares: add up to 1.

    Raises ValueError for other shares, another number of them, and networks of different classes.
    """
    if len(shares) != len(models) or abs(sum(shares) - 1) > 1e-6:
        raise ValueError(
            f"{len(models)} checkpoints need as many shares that add up to 1, not {list(shares)}"
        )
    if len({(model.classes, model.levels) for model in models}) > 1:
        kinds = ", ".join(f"{model.classes} classes and {model.levels} levels" for model in models)
        raise ValueError(f"the checkpoints have {kinds}")
    states = [model.state_dict() for model in models]
    result = SINet(models[0].classes, models[0].levels)
    result.load_state_dict({name: mean([state[name] for state in states], shares) for name in states[0]})
    return result.eval()


def mean(values: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """The weighted mean; of integers, which count batches, the maximum."""
    if not values[0].dtype.is_floating_point:
        return torch.stack(list(values)).amax(dim=0)
    return torch.stack([share * value for share, value in zip(shares, values, strict=True)]).sum(dim=0)


def facts_of(checkpoint: Path) -> dict[str, Any]:
    """The facts in the .json beside a checkpoint, if there is one, and its hash."""
    beside = checkpoint.with_suffix(".json")
    facts = json.loads(beside.read_text()) if beside.exists() else {}
    return {**facts, "sha256": file_hash(checkpoint)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training average", description="Mix the weights of checkpoints."
    )
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="CHECKPOINT.pt")
    parser.add_argument("--to", type=Path, required=True, help="the checkpoint to write")
    parser.add_argument("--shares", help="of each, by comma; without it they are equal")
    parser.add_argument("--data", type=Path, help="the folder of folders of photos, to validate the mix with")
    asked = parser.parse_args(arguments)
    count = len(asked.checkpoints)
    shares = [float(share) for share in asked.shares.split(",")] if asked.shares else [1 / count] * count
    try:
        model = weight_average([load_model(path) for path in asked.checkpoints], shares)
    except ValueError as error:
        parser.error(str(error))
    parts = [facts_of(checkpoint) for checkpoint in asked.checkpoints]
    folders = [folder for part in parts for folder in part.get("data", [])]
    mixed_from = [{"share": share, **part} for share, part in zip(shares, parts, strict=True)]
    first = parts[0]
    same = [
        name for name in OF_LABELS if name in first and all(part.get(name) == first[name] for part in parts)
    ]
    common = {name: first[name] for name in same}
    facts: dict[str, object] = {"mixed_from": mixed_from, "data": list(dict.fromkeys(folders)), **common}
    if asked.data:
        scores = validate(model, asked.data)
        facts["validation"] = scores
        print(facts_line(scores))
    save_weights(model.state_dict(), asked.to, facts)
    print(f"{asked.to} written")

"""The mean of the weights of runs that were one and went on with other scenes, as if they had been one with larger batches.

    python -m sinet_core.training.average runs/a/sinet.pt runs/b/sinet.pt --into runs/mean/sinet.pt --data FOLDER

M. Wortsman et al.: "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing
inference time", ICML 2022. It holds only near one another: weights of runs that began apart have no useful mean.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from sinet_core.training.checkpoint import load_model, save_weights
from sinet_core.training.model import SINet
from sinet_core.training.train import facts_line
from sinet_core.training.validate import validate


def mean_of(models: list[SINet]) -> SINet:
    """Every weight, and what BatchNorms have seen, as the mean of the models'. Raises ValueError for none."""
    if not models:
        raise ValueError("a mean is of one model at the least")
    mean = SINet(models[0].classes)
    states = [model.state_dict() for model in models]
    with torch.no_grad():
        for name, kept in mean.state_dict().items():
            each = [state[name] for state in states]
            kept.copy_(torch.stack(each).mean(dim=0) if kept.dtype.is_floating_point else each[0])
    return mean.eval()


def facts_of(path: Path) -> dict[str, Any]:
    """What is known of a checkpoint, from the .json beside it."""
    beside = path.with_suffix(".json")
    return json.loads(beside.read_text()) if beside.is_file() else {}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training.average", description="Average the weights of runs that were one."
    )
    parser.add_argument("checkpoints", type=Path, nargs="+", help=".pt files, each with its .json beside it")
    parser.add_argument("--into", type=Path, required=True, help="the .pt to write, with a .json beside it")
    parser.add_argument("--data", type=Path, help="the folder of photos, to validate each and the mean")
    options = parser.parse_args()
    models = [load_model(path) for path in options.checkpoints]
    facts = [facts_of(path) for path in options.checkpoints]
    mean = mean_of(models)
    told: dict[str, Any] = {
        **facts[0],
        "mean_of": [{k: v for k, v in each.items() if k != "data"} for each in facts],
    }
    if options.data:
        for path, model in zip(options.checkpoints, models, strict=True):
            print(f"{path}: {facts_line(validate(model, options.data))}")
        told["validation"] = validate(mean, options.data)
        print(f"their mean: {facts_line(told['validation'])}")
    save_weights(mean.state_dict(), options.into, told)
    print(f"{options.into} written")


if __name__ == "__main__":
    main()

"""The optimisers: what Muon makes of a gradient, and that every parameter of the network has exactly one of them."""

import pytest
import torch
from torch import nn

from sinet_core.training.learn.optimisers import Muon, optimisers_of, orthogonal, set_rate
from sinet_core.training.model.model import SINet


@pytest.mark.parametrize("shape", [(48, 24), (24, 48), (12, 27), (16, 16)])
def test_a_step_has_the_gradients_singular_vectors_and_values_near_one(shape):
    torch.manual_seed(0)
    gradient = torch.randn(shape)
    left, _, right = torch.linalg.svd(gradient, full_matrices=False)
    values = left.T @ orthogonal(gradient) @ right.T
    assert values.diagonal().min() > 0.5
    assert values.diagonal().max() < 1.3
    assert (values - values.diagonal().diag()).abs().max() < 1e-3


def test_a_gradient_of_zero_moves_nothing():
    assert orthogonal(torch.zeros(4, 6)).abs().max() == 0


def test_a_kernel_of_two_groups_is_two_matrices():
    torch.manual_seed(0)
    kernel = nn.Parameter(torch.zeros(8, 4, 1, 1))
    kernel.grad = torch.randn(8, 4, 1, 1)
    kernel.grad[4:] *= 1000  # would leave nothing of the first group if the two were one
    Muon([{"params": [kernel], "groups": 2, "lr": 0.1}]).step()
    first, second = kernel.detach().flatten(1).chunk(2)
    assert torch.allclose(first @ first.T, 0.01 * torch.eye(4), atol=0.005)
    assert torch.allclose(second @ second.T, 0.01 * torch.eye(4), atol=0.005)


def test_every_parameter_has_exactly_one_optimiser():
    model = SINet()
    seen = [
        parameter
        for optimiser in optimisers_of(model, 0.01)
        for group in optimiser.param_groups
        for parameter in group["params"]
    ]
    assert len(seen) == len({id(parameter) for parameter in seen}) == len(list(model.parameters()))
    muon = optimisers_of(model, 0.01)[0]
    grouped = {id(p) for name, p in model.named_parameters() if "grouped" in name}
    assert {id(p) for g in muon.param_groups if g["groups"] == 2 for p in g["params"]} == grouped


def test_the_rate_of_the_recipe_is_shared_out():
    muon, adam = optimisers_of(SINet(), 0.01)
    set_rate([muon, adam], 0.002)
    assert {group["lr"] for group in muon.param_groups} == {0.01}
    assert {group["lr"] for group in adam.param_groups} == {0.002}


def test_it_goes_on_from_a_saved_state_as_if_nothing_had_been():
    def optimised(interrupted: bool) -> torch.Tensor:
        torch.manual_seed(0)
        kernel, target = nn.Parameter(torch.randn(6, 5)), torch.randn(6, 5)
        muon = Muon([{"params": [kernel], "lr": 0.05}])
        for step in range(8):
            if interrupted and step == 4:
                state = muon.state_dict()
                muon = Muon([{"params": [kernel], "lr": 0.01}])
                muon.load_state_dict(state)
            kernel.grad = 2 * (kernel.detach() - target)
            muon.step()
        return kernel.detach()

    assert torch.equal(optimised(True), optimised(False))


def test_it_makes_a_loss_small():
    torch.manual_seed(0)
    kernel, inputs = nn.Parameter(torch.randn(5, 6)), torch.randn(64, 6)
    wanted = inputs @ torch.randn(6, 5)
    muon = Muon([{"params": [kernel], "lr": 0.05}])
    losses = []
    for step in range(100):
        loss = (inputs @ kernel.T - wanted).square().mean()
        kernel.grad = None
        loss.backward()
        muon.param_groups[0]["lr"] = 0.2 * (1 - step / 100)
        muon.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]

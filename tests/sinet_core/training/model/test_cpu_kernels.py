"""The loops made for a CPU: answers, gradients and statistics as torch's own layers give them, in whatever threads."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from sinet_core.native.build import CompilerError, compile_native
from sinet_core.training.learn.learning import Objective, start_run
from sinet_core.training.learn.recipe import Recipe
from sinet_core.training.model import cpu_kernels, kernels
from sinet_core.training.model.cpu_kernels import use_cpu_kernels, use_cpu_kernels_where_compiled
from sinet_core.training.model.model import (
    ConvNormAct,
    Enlarge,
    NormAct,
    SINet,
    SpatialSqueezeModule,
    batch_norm,
)
from tests.native_build import has_gcc, run_sanitised

IMAGES = 3


def gradients_of(layer: nn.Module, x: torch.Tensor, want: torch.Tensor | None) -> list[torch.Tensor]:
    """The answer, then the gradients of x and of every parameter, of a weighted sum of the answer; then the buffers."""
    x = x.clone().requires_grad_()
    answer = layer(x)
    want = torch.randn(answer.shape, generator=torch.Generator().manual_seed(9)) if want is None else want
    (answer * want).sum().backward()
    parameters = [parameter.grad for parameter in layer.parameters()]
    return [answer.detach(), x.grad, *parameters, *[buffer.clone() for buffer in layer.buffers()]]


def agree(layer: nn.Module, x: torch.Tensor) -> None:
    """The layer as it is, in double precision, and the layer quickened: the same of everything."""
    exact, swift = copy.deepcopy(layer).double(), copy.deepcopy(layer)
    use_cpu_kernels(swift)
    assert any(type(module).__name__.startswith("Cpu") for module in swift.modules())
    for expected, found in zip(
        gradients_of(exact, x.double(), None), gradients_of(swift, x, None), strict=True
    ):
        assert found.shape == expected.shape
        scale = float(expected.double().abs().max()) + 1
        assert float((found.double() - expected.double()).abs().max()) < 2e-5 * scale


def with_random_norms(layer: nn.Module) -> nn.Module:
    """Norms and slopes are 1, 0 and a quarter at first, which would hide what is mixed up."""
    for module in layer.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
        if isinstance(module, nn.PReLU):
            nn.init.uniform_(module.weight, -0.3, 0.6)
    return layer


sizes = st.tuples(st.integers(1, 21), st.integers(1, 37))


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 26), st.integers(1, 15), st.sampled_from([1, 2]), sizes)
def test_pointwise_convolutions(inwards, outwards, groups, size):
    torch.manual_seed(0)
    layer = nn.Conv2d(inwards * groups, outwards * groups, 1, groups=groups, bias=False)
    agree(layer, torch.randn(IMAGES, inwards * groups, *size))


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 5), st.sampled_from([3, 5]), sizes)
def test_depthwise_convolutions(channels, kernel, size):
    torch.manual_seed(0)
    # One channel in one group is what an ordinary convolution is, too.
    layer = nn.Conv2d(
        channels + 1, channels + 1, kernel, padding=kernel // 2, groups=channels + 1, bias=False
    )
    agree(layer, torch.randn(IMAGES, channels + 1, *size))


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 5), st.tuples(st.integers(1, 10), st.integers(1, 19)))
def test_depthwise_convolutions_that_halve(channels, half):
    torch.manual_seed(0)
    layer = nn.Conv2d(channels, channels, 3, 2, padding=1, groups=channels, bias=False)
    agree(layer, torch.randn(IMAGES, channels, 2 * half[0], 2 * half[1]))


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 3), st.integers(1, 13), sizes)
def test_dense_convolutions(inwards, outwards, size):
    torch.manual_seed(0)
    agree(nn.Conv2d(inwards, outwards, 3, padding=1, bias=False), torch.randn(IMAGES, inwards, *size))


@settings(max_examples=15, deadline=None)
@given(st.tuples(st.integers(1, 10), st.integers(1, 20)))
def test_the_first_convolution_which_halves_what_needs_no_gradient(half):
    torch.manual_seed(0)
    layer = nn.Conv2d(3, 12, 3, 2, padding=1, bias=False)
    swift = copy.deepcopy(layer)
    use_cpu_kernels(swift)
    x = torch.randn(IMAGES, 3, 2 * half[0], 2 * half[1])
    assert torch.allclose(swift(x), layer(x), atol=1e-5)
    swift(x).square().sum().backward()
    layer(x).square().sum().backward()
    scale = float(layer.weight.grad.abs().max())
    assert torch.allclose(swift.weight.grad, layer.weight.grad, atol=1e-4 * scale)
    with pytest.raises(ValueError, match="strided"):
        swift(x.requires_grad_()).sum().backward()


@settings(max_examples=12, deadline=None)
@given(sizes, st.integers(2, 4))
def test_enlargement(size, factor):
    torch.manual_seed(0)
    agree(Enlarge(factor), torch.randn(2, 3, *size))


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 5), st.tuples(st.integers(1, 21), st.integers(2, 37)), st.booleans())
def test_normalisation_with_and_without_an_activation(channels, size, activated):
    torch.manual_seed(0)
    layer = with_random_norms(NormAct(channels) if activated else batch_norm(channels))
    agree(layer, 5 + 3 * torch.randn(IMAGES, channels, *size))


@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("branches", [((3, 1), (5, 1)), ((5, 2), (3, 4))])
def test_a_module_of_two_branches(branches, add):
    torch.manual_seed(0)
    layer = with_random_norms(SpatialSqueezeModule(12, 12, branches, add=add))
    agree(layer, torch.randn(IMAGES, 12, 12, 20))


def test_convolution_normalisation_and_activation_together():
    torch.manual_seed(0)
    agree(with_random_norms(ConvNormAct(4, 6, 1)), torch.randn(IMAGES, 4, 7, 9))


def losses_and_gradients(threads: int | None) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Of a whole network; None: of torch's own layers."""
    run = start_run(Recipe(seed=2), None)
    if threads:
        use_cpu_kernels(run.model)
        kernels.use_threads(threads)
    rng = np.random.default_rng(4)
    frames = torch.as_tensor(rng.integers(0, 255, (4, 64, 96, 3), dtype=np.uint8))
    alphas = torch.as_tensor(
        np.repeat(rng.integers(0, 2, (4, 8, 12), dtype=np.uint8) * 255, 8, 1).repeat(8, 2)
    )
    losses = Objective(run.model, "whole", Recipe())(frames, alphas)
    losses.mean().backward()
    if threads:
        kernels.use_threads(1)  # as later tests expect
    gradients = {name: parameter.grad for name, parameter in run.model.named_parameters()}
    return losses.detach(), {name: gradient for name, gradient in gradients.items() if gradient is not None}


def test_the_whole_network_learns_the_same():
    expected, expected_gradients = losses_and_gradients(None)
    found, found_gradients = losses_and_gradients(2)
    assert len(found_gradients) == len(expected_gradients) > 200
    assert torch.allclose(found, expected, rtol=1e-4)
    for name, gradient in expected_gradients.items():
        scale = float(gradient.abs().max()) + 1e-4
        # Numbers near 0 fall to one side of a PReLU's bend here, to the other there.
        assert float((found_gradients[name] - gradient).abs().max()) < 0.02 * scale, name


def test_the_number_of_threads_changes_nothing():
    one, two = losses_and_gradients(1), losses_and_gradients(2)
    assert torch.equal(one[0], two[0])
    assert all(torch.equal(one[1][name], two[1][name]) for name in one[1])


def test_what_is_not_trained_goes_the_ordinary_way():
    torch.manual_seed(0)
    model, x = SINet().eval(), torch.randn(1, 3, 64, 64)
    before = model(x)
    names = list(model.state_dict())
    use_cpu_kernels(model)
    assert list(model.state_dict()) == names
    assert torch.allclose(model(x), before, atol=1e-5)


def test_an_array_that_c_would_read_wrongly_is_refused():
    with pytest.raises(ValueError, match="float32"):
        kernels.call("enlarge", torch.zeros(2, 2, dtype=torch.float64), torch.zeros(4, 4), 1, 2, 2, 2)
    with pytest.raises(ValueError, match="float32"):
        kernels.call("enlarge", torch.zeros(2, 4)[:, ::2], torch.zeros(4, 4), 1, 2, 2, 2)


TOUCH_EVERYTHING = """
import ctypes, sys, torch
from torch import nn
from sinet_core.training.model import cpu_kernels, kernels
from sinet_core.training.model.model import Enlarge, SINet
kernels.library = lambda: ctypes.CDLL(sys.argv[1])
torch.set_num_threads(2)
network = SINet().train()
layers = [(network, 3, (32, 96)), (network, 3, (64, 64)), (Enlarge(3), 2, (5, 7))]
layers += [(nn.Conv2d(4, 4, k, padding=k // 2, groups=4, bias=False), 4, (h, w)) for k in (3, 5) for h, w in ((1, 1), (4, 17))]
layers += [(nn.Conv2d(2, 2, 3, 2, padding=1, groups=2, bias=False), 2, (h, w)) for h, w in ((2, 2), (6, 30), (4, 34))]
layers += [(nn.Conv2d(c, 7, 1, bias=False), c, (h, w)) for c, h, w in ((1, 1, 1), (5, 3, 11), (9, 4, 8))]
layers += [(nn.Conv2d(2, 3, 3, padding=1, bias=False), 2, (h, w)) for h, w in ((1, 1), (9, 5), (3, 33))]
layers += [(nn.BatchNorm2d(3), 3, (5, 7))]
for layer, channels, size in layers:
    cpu_kernels.use_cpu_kernels(layer.train())
    x = torch.randn(3, channels, *size)
    layer(x if layer is network else x.requires_grad_()).square().sum().backward()
print("touched")
"""


@pytest.mark.skipif(not has_gcc(), reason="there is no GCC, whose sanitisers can be loaded into Python")
@pytest.mark.long
def test_nothing_is_read_or_written_outside_of_the_arrays(tmp_path):
    flags = [*kernels.FLAGS, "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"]
    library = compile_native(tmp_path / "sanitised.so", flags, kernels.FOLDER)
    program = TOUCH_EVERYTHING.replace("sys.argv[1]", repr(str(library)))
    ended = run_sanitised(library, program)
    assert ended.stdout.strip() == "touched", ended.stderr[-4000:]


def test_without_a_compiler_a_line_says_so_and_the_model_stays_as_it_is(monkeypatch, capsys):
    def no_compiler(_: int) -> None:
        raise CompilerError("There is no C compiler.")

    monkeypatch.setattr(cpu_kernels, "use_threads", no_compiler)
    model = SINet()
    use_cpu_kernels_where_compiled(model)
    assert "no C compiler" in capsys.readouterr().out
    assert not any(type(module).__name__.startswith("Cpu") for module in model.modules())

"""SINet: its size, its shapes, and its equality with the published network."""

import pytest
import torch

from sinet_core.training.model.checkpoint import load_model, save_weights
from sinet_core.training.model.model import SLOPING, SINet, keep_deployable, parameter_count, shuffled


def test_two_classes_have_exactly_the_published_number_of_parameters():
    assert parameter_count(SINet()) == 86_910


def test_four_levels_have_at_most_an_eighth_of_a_million_with_the_classes_of_cityscapes():
    assert 115_000 < parameter_count(SINet(19, levels=4)) <= 125_000


def test_four_levels_answer_at_half_the_size_and_are_enlarged_to_the_whole():
    model, x = SINet(11, levels=4).eval(), torch.randn(1, 3, 128, 256)
    logits, coarse_logits = model.forward_both(x)
    assert logits.shape == (1, 11, 64, 128)
    assert coarse_logits.shape == (1, 11, 8, 16)
    whole = model(x)
    assert whole.shape == (1, 11, 128, 256)
    assert torch.allclose(
        whole[:, :, [0, -1]][:, :, :, [0, -1]], logits[:, :, [0, -1]][:, :, :, [0, -1]], atol=1e-6
    )


def test_five_levels_and_a_size_that_four_do_not_take_are_refused():
    with pytest.raises(ValueError, match="3 or 4 levels, not 5"):
        SINet(11, levels=5)
    with pytest.raises(ValueError, match=r"multiples of 128, not 96 × 128"):
        SINet(11, levels=4)(torch.zeros(1, 3, 96, 128))


@pytest.mark.parametrize("levels", [3, 4])
def test_a_checkpoint_is_loaded_with_its_levels_and_classes(levels, tmp_path):
    model = SINet(5, levels)
    save_weights(model.state_dict(), tmp_path / "five.pt", {})
    loaded = load_model(tmp_path / "five.pt")
    assert (loaded.levels, loaded.classes) == (levels, 5)
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in loaded.state_dict().items())


@pytest.mark.parametrize(("classes", "height", "width"), [(2, 32, 32), (2, 96, 160), (20, 64, 32)])
def test_logits_have_the_size_of_the_input_and_a_plane_a_class(classes, height, width):
    logits, coarse_logits = SINet(classes).eval().forward_both(torch.zeros(1, 3, height, width))
    assert logits.shape == (1, classes, height, width)
    assert coarse_logits.shape == (1, classes, height // 8, width // 8)


def test_a_size_that_is_no_multiple_of_32_is_refused():
    with pytest.raises(ValueError, match=r"multiples of 32, not 100 × 160"):
        SINet()(torch.zeros(1, 3, 100, 160))


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="at least 2 classes"):
        SINet(1)


def test_the_shuffle_interleaves_the_two_halves():
    x = torch.arange(6.0).reshape(1, 6, 1, 1)
    assert shuffled(x).flatten().tolist() == [0, 3, 1, 4, 2, 5]


@pytest.mark.parametrize(("levels", "size"), [(3, (32, 64)), (4, (128, 128))])
def test_a_gradient_reaches_every_parameter(levels, size):
    model = SINet(levels=levels)
    logits, coarse_logits = model.forward_both(torch.randn(2, 3, *size))
    (logits.square().mean() + coarse_logits.square().mean()).backward()
    assert [name for name, parameter in model.named_parameters() if parameter.grad is None] == []


def test_keep_deployable_ties_slopes_to_their_mean():
    model = SINet()
    act = model.encoder.level_1.act
    with torch.no_grad():
        act.weight.copy_(torch.linspace(0.1, 0.5, 12))
    keep_deployable(model)
    assert torch.allclose(act.weight, torch.full((12,), 0.3))


def test_keep_deployable_makes_relus_of_all_but_the_few_that_need_a_slope():
    model = SINet()
    keep_deployable(model, 0.1)
    slopes = {name: value for name, value in model.named_parameters() if name.endswith("act.weight")}
    sloping = {name for name, value in slopes.items() if value.abs().max() > 0.1}
    assert sloping == {f"{name}.act.weight" for name in SLOPING} & slopes.keys()
    keep_deployable(model, 0.0)
    assert all((name in sloping) == bool(value.any()) for name, value in slopes.items())


@pytest.mark.parametrize("name", ["square", "wide", "photo"])
def test_the_published_weights_answer_as_published(shared, name):
    import numpy as np

    model = load_model(shared / "reference" / "sinet_official.pth")
    stored = np.load(shared / "reference" / "parity.npz")
    with torch.no_grad():
        logits, coarse_logits = model.forward_both(torch.from_numpy(stored[f"{name}_image"]))
    for answered, expected in (
        (logits, stored[f"{name}_logits"]),
        (coarse_logits, stored[f"{name}_encoder_logits"]),
    ):
        assert np.abs(answered.numpy() - expected).max() < 1e-3 * np.abs(expected).max()

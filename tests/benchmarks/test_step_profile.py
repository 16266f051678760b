import pytest

pytestmark = pytest.mark.keras  # its callback is one of Keras's


@pytest.fixture
def step_profile(benchmark):
    return benchmark("step_profile")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("model/stage1_conv1/convolution:_MklNativeConv2D", "convolution, forward"),
        ("gradient_tape/model/stage1_conv1/Filter:_MklNativeConv2DBackpropFilter",
         "convolution, backward"),
        ("gradient_tape/model/stage1_norm1/Grad:_MklNativeFusedBatchNormGradV3",
         "batch normalisation"),
        ("gradient_tape/model/stage1_pool/Grad:_MklNativeMaxPoolGrad", "pooling"),
        ("model/head/MatMul:_MklMatMul", "everything else"),
    ],
)  # fmt: skip
def test_a_kernel_belongs_to_its_part(step_profile, name, part):
    assert step_profile.part_of(name) == part


def test_time_in_which_two_operations_run_counts_once(step_profile):
    assert step_profile.covered([(0, 2), (1, 3), (5, 6)]) == 4
    assert step_profile.covered([(0, 9), (1, 3)]) == 9


def test_shares_are_of_the_time_of_all_operations(step_profile, capsys):
    operation = step_profile.Operation
    step_profile.print_shares([operation("a/conv:Conv2D", 0, 3), operation("a/b:Mul", 3, 4)])
    printed = capsys.readouterr().out
    assert "75.0%  convolution, forward" in printed
    assert "25.0%  Mul" in printed

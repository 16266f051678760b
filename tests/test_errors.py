import pytest

from imgclass import errors

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.ImgclassError)
]
OURS = [kind for kind in KINDS if kind is not errors.ImgclassError]


@pytest.mark.parametrize("kind", OURS)
def test_an_error_is_also_the_builtin_that_a_caller_would_catch(kind):
    builtins = [base for base in kind.__mro__ if base.__module__ == "builtins"]
    assert builtins[0] not in (Exception, BaseException, object)


@pytest.mark.parametrize("kind", KINDS)
def test_an_exit_code_is_one_that_the_command_line_promises(kind):
    assert kind.exit_code in (2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UsageError, 2),
        (errors.UnknownNameError, 2),
        (errors.LabelsError, 3),
        (errors.DatasetError, 3),
        (errors.ImageError, 3),
        (errors.RunError, 3),
        (errors.ModelFileError, 5),
        (errors.UnsafeError, 5),
        (errors.InterruptedRunError, 6),
        (errors.TerminatedError, 6),
        (errors.TrainingError, 3),
        (errors.DivergedError, 3),
        (errors.MachineError, 7),
    ],
)
def test_each_kind_has_its_exit_code(kind, code):
    assert kind.exit_code == code


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_is_shown_as_it_was_written(kind):
    assert str(kind("Expected a folder; received a file.")) == "Expected a folder; received a file."

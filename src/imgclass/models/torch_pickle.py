"""The pickle of a PyTorch file, read without running it: names of tensors, and where each lies.

A pickle is a program for a small stack machine, and `pickle.load` calls whatever it names. Here
only the instructions that a state dictionary needs are followed, and nothing is ever called: a
tensor becomes a `Tensor`, which says where its numbers are.
"""

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, Any

from imgclass.models.preflight.refusal import Refused, shown

ORDERED_DICT = "collections OrderedDict"
TENSOR = "torch._utils _rebuild_tensor_v2"
# Little-endian, as NumPy writes types.
STORAGES: Mapping[str, str] = MappingProxyType(
    {
        "torch FloatStorage": "<f4",
        "torch DoubleStorage": "<f8",
        "torch HalfStorage": "<f2",
        "torch LongStorage": "<i8",
        "torch IntStorage": "<i4",
    }
)
_ADMITTED = frozenset({ORDERED_DICT, TENSOR, *STORAGES})
_MARK = object()


@dataclass(frozen=True, slots=True)
class Storage:
    """A run of numbers in the file.

    Attributes:
        key: Its name in the file.
        dtype: The NumPy name of the numbers' type.
        count: How many numbers it declares.
    """

    key: str
    dtype: str
    count: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor's place in a storage; offset and strides count numbers, not bytes."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    """What the pickle names, as `module attribute`."""

    text: str


def read_pickle(file: IO[bytes]) -> Any:
    """Return what a pickle describes: dicts, lists, tuples, texts, whole numbers and tensors.

    The file's position is then behind the pickle.

    Raises:
        Refused: It names or does anything else, and the message says what; or it is damaged.
    """
    machine = _Machine()
    try:
        for instruction, argument, _ in pickletools.genops(file):
            machine.follow(instruction.name, argument)
        return machine.pop()
    except Refused:
        raise
    except Exception as error:  # such as a stack that is too short, or no end
        raise Refused("its pickle is damaged.") from error


class _Machine:
    """The stack and the memo of a pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def pop(self) -> Any:
        return self.stack.pop()

    def drop(self) -> None:
        """Leave out an object's attributes, where a dictionary has its modules' versions."""
        self.pop()

    def follow(self, name: str, argument: Any) -> None:
        """Follow one instruction, by its name in `pickletools`."""
        if name not in _INSTRUCTIONS:
            raise Refused(f"its pickle has the instruction {name} {shown(argument)}.")
        _INSTRUCTIONS[name](self, argument)

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def push_tuple(self, length: int) -> None:
        values = [self.pop() for _ in range(length)]
        self.push(tuple(reversed(values)))

    def since_mark(self) -> list[Any]:
        values = []
        while (value := self.pop()) is not _MARK:
            values.append(value)
        return values[::-1]

    def extend(self, values: list[Any]) -> None:
        self.stack[-1].extend(values)

    def keep(self, index: int | None) -> None:
        self.memo[len(self.memo) if index is None else index] = self.stack[-1]

    def set_items(self, flat: list[Any]) -> None:
        for key, value in zip(flat[::2], flat[1::2], strict=True):
            if not isinstance(key, str):
                raise Refused(f"its pickle has {_kind(key)} where a name is expected.")
            self.stack[-1][key] = value

    def name(self, module: str, attribute: str) -> None:
        name = f"{module} {attribute}"
        if name not in _ADMITTED:
            raise Refused(
                f"its pickle names {shown(name.replace(' ', '.'))}; only tensors are read."
            )
        self.push(_Name(name))

    def call(self) -> None:
        """Make what a call would return, for the two calls that a state dictionary has."""
        arguments, called = self.pop(), self.pop()
        match called, arguments:
            case _Name(text=text), () if text == ORDERED_DICT:
                self.push({})
            case _Name(text=text), (Storage() as storage, offset, shape, strides, *_) if (
                text == TENSOR
            ):
                self.push(Tensor(storage, _count(offset), _counts(shape), _counts(strides)))
            case _:
                raise Refused(f"its pickle calls {_kind(called)}; only tensors are read.")

    def find_storage(self) -> None:
        match self.pop():
            case ("storage", _Name(text=text), str() as key, str(), count, *_) if text in STORAGES:
                self.push(Storage(key, STORAGES[text], _count(count)))
            case _:
                raise Refused("its pickle has an object of its own; only tensors are read.")


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise Refused(f"its pickle has {_kind(value)} where a count is expected.")
    return value


def _counts(values: Any) -> tuple[int, ...]:
    if not isinstance(values, tuple):
        raise Refused(f"its pickle has {_kind(values)} where a shape is expected.")
    return tuple(map(_count, values))


def _kind(value: Any) -> str:
    """Return a value for a message; what is nested is not shown, since it may be endless."""
    if isinstance(value, _Name):
        return shown(value.text.replace(" ", "."))
    return shown(value) if isinstance(value, str | int) else f"a {type(value).__name__}"


_INSTRUCTIONS: Mapping[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda _, __: None),
    **dict.fromkeys(("BINUNICODE", "SHORT_BINUNICODE"), _Machine.push),
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG1"), _Machine.push),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine.keep),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), lambda m, index: m.push(m.memo[index])),
    "NONE": lambda m, _: m.push(None),
    "NEWTRUE": lambda m, _: m.push(True),
    "NEWFALSE": lambda m, _: m.push(False),
    "MARK": lambda m, _: m.push(_MARK),
    "EMPTY_DICT": lambda m, _: m.push({}),
    "EMPTY_LIST": lambda m, _: m.push([]),
    "EMPTY_TUPLE": lambda m, _: m.push(()),
    "TUPLE": lambda m, _: m.push(tuple(m.since_mark())),
    "TUPLE1": lambda m, _: m.push_tuple(1),
    "TUPLE2": lambda m, _: m.push_tuple(2),
    "TUPLE3": lambda m, _: m.push_tuple(3),
    "APPEND": lambda m, _: m.extend([m.pop()]),
    "APPENDS": lambda m, _: m.extend(m.since_mark()),
    "SETITEM": lambda m, _: m.set_items([m.stack.pop(-2), m.pop()]),
    "SETITEMS": lambda m, _: m.set_items(m.since_mark()),
    "GLOBAL": lambda m, names: m.name(*names.split(" ")),
    "STACK_GLOBAL": lambda m, _: m.name(m.stack.pop(-2), m.pop()),
    "REDUCE": lambda m, _: m.call(),
    "BINPERSID": lambda m, _: m.find_storage(),
    "BUILD": lambda m, _: m.drop(),
}

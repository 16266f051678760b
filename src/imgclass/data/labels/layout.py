"""What the user says of a table of labels: columns, values, and how the file is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from imgclass.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How to read a table of labels; what is not said is found.

    `label_column` is one column, or a column for each class (one-hot); an empty `split_column`
    leaves the splits of the table unused. The fields are those of `DatasetOrganizer`.
    """

    id_column: str | None = None
    label_column: str | Sequence[str] | None = None
    group_column: str | None = None
    split_column: str | None = None
    val_values: Sequence[str] = ()
    test_values: Sequence[str] = ()
    delimiter: str | None = None
    encoding: str = "utf-8"
    header: bool = True

    def __post_init__(self) -> None:
        for name in ("val_values", "test_values"):
            values = getattr(self, name)
            if isinstance(values, str) or not all(isinstance(value, str) for value in values):
                raise UsageError(f"Expected {name} to be a list of texts; received {values!r}.")
        if (self.val_values or self.test_values) and not self.split_column:
            raise UsageError(
                "Expected split_column (--split-column) beside val_values or test_values, which "
                "are values of that column; received none."
            )
        if both := set(self.val_values) & set(self.test_values):
            raise UsageError(
                f"Expected each value for val or for test; received {min(both)!r} for both."
            )

    @property
    def label_columns(self) -> tuple[str, ...] | None:
        """The columns of labels that are named; None if none is."""
        if self.label_column is None:
            return None
        named = self.label_column
        return (named,) if isinstance(named, str) else tuple(named)

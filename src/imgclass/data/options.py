"""The choices that decide what an organized data set holds."""

from dataclasses import dataclass
from typing import Literal

from imgclass.data.splitting.split import SplitRule

Transfer = Literal["copy", "hardlink", "symlink", "move"]
Check = Literal["off", "header", "full"]
OnDuplicates = Literal["off", "report", "group", "drop"]


@dataclass(frozen=True, slots=True)
class Options:
    """The arguments of `DatasetOrganizer`, which explains them, that decide what it makes."""

    val: int | float
    test: int | float
    seed: int
    transfer: Transfer
    check_images: Check
    duplicates: OnDuplicates = "group"
    group_column: str | None = None
    group_pattern: str | None = None
    split_column: str | None = None
    val_values: tuple[str, ...] = ()
    test_values: tuple[str, ...] = ()

    @property
    def compares_pictures(self) -> bool:
        """Whether near-duplicates are looked for; every image must then be decoded."""
        return self.duplicates != "off" and self.check_images == "full"

    @property
    def keeps_pictures_together(self) -> bool:
        """Whether images that are one picture are kept in one split."""
        return self.duplicates in {"group", "drop"}

    @property
    def rule(self) -> SplitRule:
        """Sizes of the splits, and the seed."""
        return SplitRule(val=self.val, test=self.test, seed=self.seed)

"""The choices that decide what an organized data set holds."""

from dataclasses import dataclass
from typing import Literal

from imgclass.data.splitting.split import SplitRule

Transfer = Literal["copy", "hardlink", "symlink", "move"]
Check = Literal["off", "header", "full"]
OnDuplicates = Literal["off", "report", "group", "drop"]


@dataclass(frozen=True, slots=True)
class Options:
    """How a data set is organized: the arguments of `DatasetOrganizer` that decide its content.

    Attributes:
        val: Images for val, a fraction or a count.
        test: Images for test, a fraction or a count.
        seed: Of the split.
        transfer: How the files come to their place.
        check_images: How closely they are looked at.
        duplicates: What is done about images that are one picture.
        group_column: The CSV's column that says which images stay together.
        group_pattern: What finds it in an image's source.
    """

    val: int | float
    test: int | float
    seed: int
    transfer: Transfer
    check_images: Check
    duplicates: OnDuplicates = "group"
    group_column: str | None = None
    group_pattern: str | None = None

    @property
    def compares_pictures(self) -> bool:
        """Whether near-duplicates are looked for, for which every image has to be decoded."""
        return self.duplicates != "off" and self.check_images == "full"

    @property
    def keeps_pictures_together(self) -> bool:
        """Whether images that are one picture come into one split."""
        return self.duplicates in {"group", "drop"}

    @property
    def rule(self) -> SplitRule:
        """Sizes of the splits, and the seed."""
        return SplitRule(val=self.val, test=self.test, seed=self.seed)

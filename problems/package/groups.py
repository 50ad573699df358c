"""Settings of test data groups (`testdata.yaml`, `test_group.yaml`) and of single tests (`NAME.yaml`).

They are inherited key by key from the directories above, up to `data`. What of them would change a verdict and isn't
supported refuses the package; what only concerns scores or the checking of the test data itself is passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from problems.content import CheckerFlags
from problems.package import flags, yamldoc
from problems.package.constants import substituted
from problems.package.errors import Findings, PackageError
from problems.package.fields import Fields
from problems.package.metadata import Metadata
from problems.package.tree import PackageFile, Tree

GROUP_FILES = ("testdata.yaml", "test_group.yaml")
# Keys that say how tests are scored, validated, shown or run on after a failure: all one to a verdict here.
_NO_MATTER = (
    *("on_reject", "grading", "grader_flags", "accept_score", "reject_score", "range", "scoring", "require_pass"),
    *("max_score", "score_aggregation", "full_feedback", "static_validator_args", "static_validation"),
    *("input_validator_flags", "input_validator_args", "input_visualizer_args", "output_visualizer_args"),
    *("hint", "description"),
)
_FLAG_KEYS = ("output_validator_args", "output_validator_flags")
_VERDICT_CHANGING = ("always_accept", "accept_if_any_accepted", "ignore_sample")


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a test. `checker` is None where the problem's own flags hold."""

    checker: CheckerFlags | None
    description: str = ""
    hint: str = ""


class Groups:
    """The settings of all tests of a package."""

    def __init__(self, tree: Tree, metadata: Metadata, findings: Findings) -> None:
        self._tree = tree
        self._metadata = metadata
        self._findings = findings
        self._inherited: dict[str, dict[str, Any]] = {}

    def settings(self, name: str) -> Settings:
        """Those of the test `name` ("secret/group1/03"). Raises PackageError."""
        folder = f"data/{name.rpartition('/')[0]}"
        values, where = self._of_folder(folder), folder
        own = self._tree.get(f"data/{name}.yaml")
        if own is not None and not self._metadata.is_legacy:
            values, where = values | self._load(own), own.path
        fields = Fields(where, values)
        return Settings(self._checker(fields), fields.text("description"), fields.text("hint"))

    def _of_folder(self, folder: str) -> dict[str, Any]:
        if folder not in self._inherited:
            above = self._of_folder(folder.rpartition("/")[0]) if folder != "data" else {}
            own = next((file for name in GROUP_FILES if (file := self._tree.get(f"{folder}/{name}"))), None)
            self._inherited[folder] = {**above, **(self._load(own) if own else {})}
        return self._inherited[folder]

    def _load(self, file: PackageFile) -> dict[str, Any]:
        text = substituted(file.read_text(yamldoc.MAX_BYTES), self._metadata.constants)
        values = yamldoc.load_text(file.path, text)
        fields = Fields(file.path, values)
        _refuse_unsupported(fields)
        self._warn_of_unknown(fields)
        return values

    def _warn_of_unknown(self, fields: Fields) -> None:
        for key in (*_NO_MATTER, *_FLAG_KEYS):
            fields.raw(key)
        for key in fields.unasked():
            self._findings.warn(fields.where, f"{key[:40]} is not known and was passed over")

    def _checker(self, fields: Fields) -> CheckerFlags | None:
        """The legacy versions add a group's flags to the problem's; the dated ones know only the groups'."""
        arguments = fields.words("output_validator_args") or _legacy_flags(fields)
        if not arguments:
            return None
        once = not self._metadata.is_legacy
        return flags.parse(fields.where, [*self._metadata.validator_flags, *arguments], once=once)


def _legacy_flags(fields: Fields) -> list[str]:
    value = fields.raw("output_validator_flags")
    if isinstance(value, Mapping):
        return fields.map("output_validator_flags").words("flags")
    return fields.words("output_validator_flags")


def _refuse_unsupported(fields: Fields) -> None:
    if fields.words("args"):
        raise PackageError(fields.where, "tests with command-line arguments are not supported yet")
    if fields.raw("static_validation_score") is not None or fields.raw("static_validation"):
        raise PackageError(fields.where, "static validation is not supported yet")
    if fields.raw("grading") == "custom":
        raise PackageError(fields.where, "problems with a grader of their own are not supported yet")
    changing = [word for word in fields.words("grader_flags") if word in _VERDICT_CHANGING]
    if changing:
        raise PackageError(fields.where, f"the grader's flag {changing[0]} is not supported yet")

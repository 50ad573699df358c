"""How a package is found wanting: errors refuse it, warnings are told and passed over."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class PackageError(Exception):
    """A package can't be used. `where` names the file in it, `why` is for people; `reasons` has all that were found."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.where = where
        self.why = why
        self.reasons = [f"{where}: {why}"]

    def __str__(self) -> str:
        return "\n".join(self.reasons)

    @classmethod
    def joined(cls, errors: Sequence["PackageError"]) -> "PackageError":
        """One error that tells all of `errors`, of which there must be some."""
        whole = cls(errors[0].where, errors[0].why)
        whole.reasons = list(dict.fromkeys(reason for error in errors for reason in error.reasons))
        return whole


class Findings:
    """Collects what is said about a package while it is read."""

    def __init__(self) -> None:
        self._warnings: dict[str, None] = {}
        self.errors: list[PackageError] = []

    def warn(self, where: str, why: str) -> None:
        self._warnings[f"{where}: {why}"] = None

    @property
    def warnings(self) -> list[str]:
        """Each once, in order."""
        return list(self._warnings)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep a PackageError for later, so that the parts that follow are read as well."""
        try:
            yield
        except PackageError as error:
            self.errors.append(error)

    def raise_errors(self) -> None:
        """Raises PackageError if there were any."""
        if self.errors:
            raise PackageError.joined(self.errors)

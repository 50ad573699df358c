"""Rows of a benchmark's table: what was measured, and what it may be."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: `limit` is what `value` may be at most, or at least where `at_least` is set."""

    name: str
    value: float
    unit: str
    limit: float
    spread: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def median(name: str, values: Sequence[float], unit: str, limit: float) -> Measure:
    """The values' median, and beside it their range: other work may share the machine."""
    return Measure(name, statistics.median(values), unit, limit, f"{min(values):.3g} to {max(values):.3g} {unit}")


def p95(name: str, values: Sequence[float], unit: str, limit: float) -> Measure:
    """What all but a twentieth of the values stay under; beside it their median."""
    value = statistics.quantiles(values, n=20)[-1]
    return Measure(f"{name}, p95", value, unit, limit, f"median {statistics.median(values):.3g} {unit}")


def show(title: str, measures: Sequence[Measure], as_json: bool) -> int:
    """Print them; the exit status: 0 if all are met."""
    if as_json:
        rows = [asdict(measure) | {"met": measure.met} for measure in measures]
        print(json.dumps(rows, indent=2))
    else:
        Console().print(_table(title, measures))
    return 0 if all(measure.met for measure in measures) else 1


def _table(title: str, measures: Sequence[Measure]) -> Table:
    table = Table(title=title)
    for heading in ("measured", "value", "limit", "spread", ""):
        table.add_column(heading)
    for m in measures:
        sign = "≥" if m.at_least else "≤"
        met = "met" if m.met else "MISSED"
        table.add_row(m.name, f"{m.value:.3g} {m.unit}", f"{sign} {m.limit:g} {m.unit}", m.spread, met)
    return table

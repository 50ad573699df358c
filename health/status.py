"""The staff's page in numbers and lines: what stands now, and the last hour as charts and as a table.

The page is drawn from the same parts that its script gets, each under its name; so there is one place that draws.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from execution.states import State
from health import report, samples
from health.report import QueueLine
from health.samples import Sample

WIDTH, HEIGHT = 600, 120  # of a chart, in its own units
_BIN_SECONDS = 30  # a point of a line
_ROW_SECONDS = 300  # a row of the table
UNKNOWN = "–"

# Of the samples of some time, the number that stands for it; None where there is none.
Pick = Callable[[Sequence[Sample]], float | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of now."""

    name: str
    words: str
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart: `path` is SVG's, with gaps where nothing is known."""

    name: str
    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`top` is what its upper edge means."""

    name: str
    title: str
    top: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Status:
    """All that the page shows. A row's first cell is when it begins, the newest row comes first."""

    figures: list[Figure]
    charts: list[Chart]
    rows: list[list[str]]

    def body(self) -> dict[str, Any]:
        """As the page's script gets it: texts and paths, by name."""
        values = {figure.name: figure.value for figure in self.figures}
        values |= {f"{chart.name}-top": chart.top for chart in self.charts}
        cells = ((i, j, cell) for i, row in enumerate(self.rows) for j, cell in enumerate(row))
        values |= {f"row-{i}-{j}": cell for i, j, cell in cells}
        return {"values": values, "paths": {line.name: line.path for chart in self.charts for line in chart.lines}}


def status() -> Status:
    """As it is now."""
    taken, now = samples.last_hour(), int(time.time())
    return Status(_figures(taken, now), _charts(taken, now), _rows(taken, now))


def _figures(taken: Sequence[Sample], now: int) -> list[Figure]:
    lines, alive = report.queue(), report.workers()
    judges = None if alive is None else report.judges_of(alive)
    last_minute = _total("judged")([sample for sample in taken if sample.at > now - 60])
    return [
        Figure("as-of", _("As of"), datetime.fromtimestamp(now, UTC).strftime("%H:%M:%S")),
        Figure("judging", _("Judging"), _judging()),
        Figure("waiting", _("Waiting"), _number(_count(lines, State.QUEUED))),
        Figure("active", _("Being judged"), _number(_count(lines, State.RUNNING))),
        Figure("oldest", _("Oldest wait"), _seconds(None if lines is None else report.oldest_wait(lines))),
        Figure("judged", _("Verdicts in the last minute"), _number(last_minute)),
        Figure("idle", _("Idle sandboxes"), _number(None if judges is None else sum(judge.idle for judge in judges))),
        Figure(
            "busy", _("Busy sandboxes"), _number(None if judges is None else sum(judge.running for judge in judges))
        ),
        Figure("judges", _("Judge workers"), _number(None if judges is None else len(judges))),
        Figure("redis", _("Redis"), _("up") if alive is not None else _("down")),
        Figure("database", _("Database"), _("up") if lines is not None else _("down")),
    ]


def _judging() -> str:
    paused = report.pauses()
    if paused is None:
        return UNKNOWN
    if paused["everything"]:
        return _("paused")
    return _("on, but %d paused") % paused["problems"] if paused["problems"] else pgettext("judging", "on")


def _count(lines: list[QueueLine] | None, state: State) -> int | None:
    return None if lines is None else report.count_of(lines, state)


def _charts(taken: Sequence[Sample], now: int) -> list[Chart]:
    bins = _split(taken, now, _BIN_SECONDS)
    per_minute = 60 / _BIN_SECONDS

    def judged(some: Sequence[Sample]) -> float | None:
        total = _total("judged")(some)
        return None if total is None else total * per_minute

    return [
        _chart(
            "queue",
            _("Queue"),
            bins,
            [("waiting", _("waiting"), _most("waiting")), ("active", _("being judged"), _most("active"))],
        ),
        _chart("throughput", _("Verdicts a minute"), bins, [("judged", _("verdicts"), judged)]),
        _chart(
            "pool", _("Sandboxes"), bins, [("idle", _("idle"), _most("idle")), ("busy", _("busy"), _most("running"))]
        ),
    ]


def _rows(taken: Sequence[Sample], now: int) -> list[list[str]]:
    bins = _split(taken, now, _ROW_SECONDS)
    begin = _first(now, _ROW_SECONDS)
    rows = [
        [
            datetime.fromtimestamp(begin + place * _ROW_SECONDS, UTC).strftime("%H:%M"),
            _number(_most("waiting")(some)),
            _seconds(_most("oldest_wait")(some)),
            _number(_total("judged")(some)),
            _number(_most("running")(some)),
        ]
        for place, some in enumerate(bins)
    ]
    return rows[::-1]


# -- Of many samples, few numbers --------------------------------------------------------------------------------------
def _first(now: int, step: int) -> int:
    """When the first bin of the hour begins: at a multiple of the step, so that a sample stays in its bin."""
    return now - now % step + step - samples.KEPT_SECONDS


def _split(taken: Iterable[Sample], now: int, step: int) -> list[list[Sample]]:
    """The samples in bins of `step` seconds, the last of which is not over yet."""
    bins: list[list[Sample]] = [[] for _ in range(samples.KEPT_SECONDS // step)]
    for sample in taken:
        place = (sample.at - _first(now, step)) // step
        if 0 <= place < len(bins):
            bins[place].append(sample)
    return bins


def _known(some: Sequence[Sample], figure: str) -> list[float]:
    return [value for sample in some if (value := getattr(sample, figure)) is not None]


def _most(figure: str) -> Pick:
    return lambda some: max(_known(some, figure), default=None)


def _total(figure: str) -> Pick:
    def total(some: Sequence[Sample]) -> float | None:
        known = _known(some, figure)
        return sum(known) if known else None

    return total


# -- Drawing -----------------------------------------------------------------------------------------------------------
def _chart(name: str, title: str, bins: Sequence[Sequence[Sample]], lines: Sequence[tuple[str, str, Pick]]) -> Chart:
    drawn = [(line, words, [pick(some) for some in bins]) for line, words, pick in lines]
    top = _ceiling(max((value for _, _, values in drawn for value in values if value is not None), default=0))
    return Chart(name, title, str(top), [Line(line, words, _path(values, top)) for line, words, values in drawn])


def _ceiling(value: float) -> int:
    """The next of 5, 10, 20, 50, 100, …"""
    if value <= 5:
        return 5
    power: int = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if value <= step * power)


def _path(values: Sequence[float | None], top: float) -> str:
    """SVG's words for a line through the values, from the left edge to the right, broken where there are none."""
    words, pen = [], "M"
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        x, y = place * WIDTH / (len(values) - 1), HEIGHT * (1 - value / top)
        words.append(f"{pen}{x:.0f} {y:.1f}h0")  # h0, round ends: a point alone is seen, too
        pen = "L"
    return "".join(words)


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.0f}"


def _seconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f} s"

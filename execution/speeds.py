"""How fast a program is among those that were accepted: in its language, on its version of the problem."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from django.core.cache import cache
from django.db.models import Count, F

from execution.languages import LANGUAGES
from execution.models import Judgement
from execution.states import Priority

CACHE_SECONDS = 300
FEWEST = 5  # accepted programs: with less there is nothing to compare with
BARS = 20
WIDTH, HEIGHT = 400, 80  # in the picture's own units
_GAP = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """Of a histogram, in the picture's units: how many take from `first_ms` to `last_ms`."""

    x: int
    y: int
    width: int
    height: int
    is_own: bool
    first_ms: int
    last_ms: int
    count: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Where a program stands; times are CPU time of the slowest test, in ms."""

    percent: int  # of the accepted ones, how many are slower
    count: int
    median_ms: int
    own_ms: int
    bars: Sequence[Bar]
    longest_ms: int  # where the picture ends

    width, height = WIDTH, HEIGHT


def ranking_of(judgement: Judgement, language: str) -> Ranking | None:
    """Of an accepted one. None where there are too few to compare with."""
    times = _times(judgement, language)
    total = sum(count for _, count in times)
    if judgement.time_ms is None or total < FEWEST:
        return None
    own = judgement.time_ms
    slower = sum(count for time, count in times if time > own)
    shown = max(own, _quantile(times, 0.95))
    return Ranking(
        percent=100 * slower // total,
        count=total,
        median_ms=_quantile(times, 0.5),
        own_ms=own,
        bars=_bars(times, own, shown),
        longest_ms=shown,
    )


def _times(judgement: Judgement, language: str) -> list[tuple[int, int]]:
    """(ms, how many) of all accepted ones, as of a few minutes ago, the fastest first."""
    key = f"speeds:{judgement.version_id}:{language}"
    times: list[tuple[int, int]] | None = cache.get(key)
    if times is None:
        times = _load(judgement, language)
        cache.set(key, times, CACHE_SECONDS)
    return times


def _load(judgement: Judgement, language: str) -> list[tuple[int, int]]:
    # By the score, not the verdict: SQLite would use the verdict's index, under which half of all judgements are.
    # Every language has its image. What was judged again counts once, as it counts for its sender.
    accepted = Judgement.objects.filter(
        submission__current=F("pk"),
        version=judgement.version_id,
        image=LANGUAGES[language].image if language in LANGUAGES else judgement.image,
        score=1.0,
        time_ms__isnull=False,
        priority__in=[Priority.SUBMISSION, Priority.REJUDGE],
    )
    return list(accepted.order_by("time_ms").values_list("time_ms").annotate(Count("pk")))


def _quantile(times: Sequence[tuple[int, int]], share: float) -> int:
    """The time within which that share of the programs stays."""
    sums = list(accumulate(count for _, count in times))
    return times[bisect_left(sums, share * sums[-1])][0]


def _bars(times: Sequence[tuple[int, int]], own: int, longest: int) -> list[Bar]:
    """All of one width in ms; what takes longer than `longest` is in the last one."""
    step = longest // BARS + 1  # ms
    counts = [0] * BARS
    for time, count in times:
        counts[min(time // step, BARS - 1)] += count
    highest, width = max(counts), WIDTH // BARS
    heights = [-(-count * HEIGHT // highest) for count in counts]
    heights[own // step] = max(heights[own // step], _GAP)  # it may be newer than what is known of the others
    return [
        Bar(
            x=number * width,
            y=HEIGHT - heights[number],
            width=width - _GAP,
            height=heights[number],
            is_own=own // step == number,
            first_ms=number * step,
            last_ms=(number + 1) * step - 1,
            count=counts[number],
        )
        for number in range(BARS)
    ]

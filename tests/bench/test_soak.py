"""The soak's arithmetic: what it calls growth, whose keys are whose, and how it hands out its load."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bench import soak_state
from bench.soak_clients import Pace
from bench.soak_state import PARTS, State, compare, growth, is_brokers

STEADY = State(
    seconds=400,
    submissions=1000,
    memory={"web": 200.0, "judge": 90.0, "maintenance": 80.0, "valkey": 9.0},
    files={"web": 100, "judge": 60, "maintenance": 20},
    containers=6,
    brokers_keys=("_kombu.binding.judge", "judge.python3"),
    other_keys=(),
)


def missed(last: State, lean: tuple[float, float] = (2.0, 2.0), course: int = 5) -> list[str]:
    """Which numbers a soak misses that stays steady until its last state."""
    return [measure.name for measure in compare([STEADY] * course + [last], lean) if not measure.met]


def more(values: Mapping[str, float], part: str, by: float) -> dict[str, float]:
    return {**values, part: values[part] + by}


def test_growth_is_in_percent() -> None:
    assert growth(200, 210) == pytest.approx(5)
    assert growth(200, 190) == pytest.approx(-5)


def test_it_misses_nothing_where_nothing_grows() -> None:
    assert missed(STEADY) == []


@pytest.mark.parametrize("part", PARTS)
def test_it_finds_what_grows(part: str) -> None:
    assert missed(replace(STEADY, memory=more(STEADY.memory, part, 12))) == [f"memory of {part}, more"]
    assert missed(replace(STEADY, files=STEADY.files | {part: 101})) == [f"open files of {part}, more"]


def test_what_grew_while_it_became_warm_is_no_growth() -> None:
    cold = replace(STEADY, memory=dict.fromkeys(STEADY.memory, 1.0), files=dict.fromkeys(STEADY.files, 1), containers=0)
    assert [measure.name for measure in compare([cold, cold, STEADY, STEADY, STEADY], (2, 2)) if not measure.met] == []


def test_it_finds_containers_and_keys() -> None:
    assert missed(replace(STEADY, containers=7)) == ["containers, more"]
    assert missed(replace(STEADY, other_keys=("verdict:1:x",))) == ["keys without a TTL, not the broker's"]
    assert missed(replace(STEADY, brokers_keys=(*STEADY.brokers_keys, "judge.cpp"))) == ["the broker's own, more"]


def test_valkey_is_held_to_its_size_once_as_much_expires_as_comes() -> None:
    full = replace(STEADY, memory=more(STEADY.memory, "valkey", 1))
    assert missed(full) == ["memory of Valkey, more"]
    young = replace(STEADY, seconds=soak_state.LONGEST_TTL_SECONDS - 1)
    assert [measure.name for measure in compare([young, young, full], (2, 3)) if not measure.met] == [
        "memory of Valkey but for what expires, more"
    ]


@pytest.mark.parametrize(
    "key",
    ["_kombu.binding.judge.python3", "unacked", "unacked_index", "judge.cpp", "judge.cpp\x06\x163", "maintenance"],
)
def test_it_knows_the_brokers_keys(key: str) -> None:
    assert is_brokers(key)


@pytest.mark.parametrize("key", ["verdict:1:submission:7", "celery-task-meta-1", "unacked2", "judges"])
def test_it_knows_what_is_not_the_brokers(key: str) -> None:
    assert not is_brokers(key)


def test_a_pace_hands_out_so_many_and_no_more() -> None:
    pace = Pace(submissions=3, seconds=0)
    assert [pace.is_due() for _ in range(4)] == [True, True, True, False]
    assert pace.is_over()


def test_what_was_not_accepted_is_sent_again() -> None:
    pace = Pace(submissions=5, seconds=0)
    assert pace.take(7) == 5
    pace.give_back(2)
    assert not pace.is_over()
    assert pace.take(7) == 2


def test_a_pace_is_even() -> None:
    pace = Pace(submissions=10, seconds=1000)
    assert pace.is_due()
    assert not pace.is_due()
    assert not pace.is_over()

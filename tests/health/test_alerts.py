"""The alert rules that we ship are rules, and are about what /metrics really shows."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from prometheus_client import Counter, Histogram, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import REGISTRY

from execution import capacity, metrics
from execution.capacity import WorkerStat

ROOT = Path(__file__).resolve().parents[2]
GROUPS = yaml.safe_load((ROOT / "docs/operations/alerts.yml").read_text())["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
NAMES = [rule["alert"] for rule in RULES]
DURATION = re.compile(r"\d+[smhd]")
NAMED = re.compile(r"\b(verdict_\w+)(\{[^}]*\})?")
SUFFIXES = ("", "_total", "_bucket", "_sum", "_count")


@pytest.fixture
def exposed(admin_client: Client) -> dict[str, set[str]]:
    """The samples that there can be, of all processes (this one has all their counters), with their labels' names."""
    capacity.announce(WorkerStat("a:1", "judge", ["python3"], 3))
    text = admin_client.get("/metrics").content.decode()
    found = {family.name: labels_of(family) for family in text_string_to_metric_families(text)}
    found |= {family.name: labels_of(family) for family in metrics._OwnSweeps(lambda: 0.0).collect()}
    own = (metric for metric in REGISTRY._collector_to_names if isinstance(metric, Counter | Histogram))
    found |= {metric._name: set(metric._labelnames) for metric in own}
    return {f"{name}{suffix}": labels | {"le"} for name, labels in found.items() for suffix in SUFFIXES}


def labels_of(family: Metric) -> set[str]:
    return {label for sample in family.samples for label in sample.labels}


def test_there_are_some_and_each_has_a_name_of_its_own() -> None:
    assert len(NAMES) > 8
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_each_is_a_rule(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch("Verdict[A-Za-z]+", rule["alert"])
    assert DURATION.fullmatch(rule.get("for", "0s"))
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert set(rule["annotations"]) == {"summary", "description"}
    for text in (rule["expr"], *rule["annotations"].values()):
        assert all(text.count(left) == text.count(right) for left, right in ("()", "[]", "{}")), text


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_each_is_about_what_is_shown(rule: dict[str, Any], exposed: dict[str, set[str]]) -> None:
    assert NAMED.findall(rule["expr"]) or rule["alert"] == "VerdictDown"
    for name, selector in NAMED.findall(rule["expr"] + rule["annotations"]["description"]):
        assert name in exposed
        assert set(re.findall(r"(\w+)[=!]", selector)) <= exposed[name], (name, selector)


def test_the_handbook_lists_all_that_is_shown(exposed: dict[str, set[str]]) -> None:
    listed = set(re.findall(r"`(verdict_\w+)`", (ROOT / "docs/operations.md").read_text()))
    shown = {name for name in exposed if name.startswith("verdict_")}
    families = {name.removesuffix("_total") for name in shown if not name.endswith(SUFFIXES[2:])}
    assert {name.removesuffix("_total") for name in listed} == families

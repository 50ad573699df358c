"""Reads YAML that nobody vouches for, as a map of plain values.

Scalars are resolved by YAML 1.2's core schema (10.3.2), so that `no` and `2024-11-24` are text and `1e-6` is a number,
which PyYAML's own rules have otherwise. A document is measured before it is built: each use of an alias counts as
often as it is used, since merging what aliases name is what makes a short document huge.
"""

import re
from typing import Any

import yaml

from problems.package.errors import PackageError
from problems.package.tree import PackageFile

MAX_BYTES = 128 * 1024
MAX_NODES = 20_000
MAX_DEPTH = 20


class _CoreLoader(yaml.SafeLoader):
    """PyYAML's safe loader under the core schema, whose values are all that it makes."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    yaml_constructors = {  # None is for tags that have none
        tag: make
        for tag, make in yaml.SafeLoader.yaml_constructors.items()
        if tag is None or tag.removeprefix("tag:yaml.org,2002:") in {"null", "bool", "str", "seq", "map"}
    }


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", r"<<", ["<"]),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)


def _whole(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | str:
    digits = str(loader.construct_scalar(node))
    return int(digits) if len(digits) <= 20 else digits  # a name may be all digits; no number here is that long


def _real(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    return float(str(loader.construct_scalar(node)))


_CoreLoader.add_constructor("tag:yaml.org,2002:int", _whole)
_CoreLoader.add_constructor("tag:yaml.org,2002:float", _real)


def load(file: PackageFile) -> dict[str, Any]:
    """The document's map, whose keys are text; an empty document is an empty map. Raises PackageError."""
    return load_text(file.path, file.read_text(MAX_BYTES))


def load_text(where: str, text: str) -> dict[str, Any]:
    """As `load`, of text that came from the file `where`."""
    value = _parse(where, text)
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise PackageError(where, "must be a map of names to values")
    return value


def _parse(where: str, text: str) -> Any:
    try:
        loader = _CoreLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _measure(where, node)
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PackageError(where, f"is not valid YAML: line {line}: {str(error.problem)[:200]}") from None
    except (yaml.YAMLError, ValueError, LookupError) as error:
        raise PackageError(where, f"is not valid YAML: {str(error).splitlines()[0][:200]}") from None
    except RecursionError:
        raise PackageError(where, f"is nested deeper than {MAX_DEPTH} levels") from None


def _measure(where: str, root: yaml.Node) -> None:
    """Refuse what is too large, too deep or refers to itself, counting what aliases stand for each time."""
    left = MAX_NODES
    waiting: list[tuple[yaml.Node, int]] = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        left -= 1
        if left < 0:
            raise PackageError(where, f"has more than {MAX_NODES} values once its aliases are followed")
        if depth > MAX_DEPTH:
            raise PackageError(where, f"is nested deeper than {MAX_DEPTH} levels, or an alias refers to itself")
        if isinstance(node, yaml.MappingNode):
            _refuse_twins(where, node)
            waiting.extend((child, depth + 1) for pair in node.value for child in pair)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend((child, depth + 1) for child in node.value)


def _refuse_twins(where: str, node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
        if key.value in seen and key.value != "<<":
            raise PackageError(where, f"line {key.start_mark.line + 1}: {key.value[:80]} is given twice")
        seen.add(key.value)

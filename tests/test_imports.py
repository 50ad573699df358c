"""Which way imports point: read from the source, so that nobody has to remember."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Later ones may import earlier ones. judge.web is a leaf; the rest of judge wires everything together.
LAYERS = ["judge.web", "accounts", "problems", "execution", "health", "judge"]
OURS = {*LAYERS, "runner_image", "launcher"}
# Of execution: neither ORM nor Docker.
PURE = ["engine", "compilation", "artifacts", "checkers", "languages", "verdicts"]
# Of execution, the ground floor first: none needs one above, be it by way of another module.
STOREYS = [
    *("states", "models", "doorbell", "pausing", "presentation", "admission", "queueing", "feeding"),
    *("jury", "grading", "leases", "worker", "intake", "rejudging", "sweeper", "tasks", "staff", "views", "api"),
]


def modules(package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        if "migrations" not in path.parts:
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


@cache
def imports(path: Path) -> set[str]:
    """The full names of what a file imports, wherever the statement stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer(name: str) -> str | None:
    """The layer of a module's or a member's full name."""
    return next((part for part in LAYERS if name == part or name.startswith(f"{part}.")), None)


ALL = [
    (name, path)
    for package in ("judge", "accounts", "problems", "execution", "health")
    for name, path in modules(package)
]


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_imports_point_downwards(name: str, path: Path) -> None:
    own = layer(name)
    assert own
    for imported in imports(path):
        other = layer(imported)
        if other is None:
            assert imported.split(".")[0] not in OURS - {"runner_image"}, f"{name} imports {imported}"
        elif imported.startswith("judge.celery"):
            # Commands that run a worker need the application itself.
            assert name == "judge" or ".management.commands." in name, f"{name} imports {imported}"
        else:
            assert LAYERS.index(other) <= LAYERS.index(own), f"{name} imports {imported}"


def test_inside_execution_too() -> None:
    paths = dict(modules("execution"))
    direct = {name: {module for module in paths if _is_among(module, imports(path))} for name, path in paths.items()}
    for number, storey in enumerate(STOREYS):
        above = {f"execution.{later}" for later in STOREYS[number + 1 :]}
        assert not above & _reached(f"execution.{storey}", direct), f"execution.{storey} needs what builds on it"


def _is_among(module: str, imported: set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for name in imported)


def _reached(name: str, direct: dict[str, set[str]]) -> set[str]:
    """What a module imports, and what that imports, and so on; `execution` itself is empty."""
    found: set[str] = set()
    todo = [name]
    while todo:
        new = direct[todo.pop()] - found - {"execution"}
        found |= new
        todo += new
    return found


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_only_the_container_module_knows_docker(name: str, path: Path) -> None:
    if name != "execution.sandbox.container":
        assert not any(imported.split(".")[0] == "docker" for imported in imports(path))


def test_the_engine_and_the_sandbox_know_no_django() -> None:
    pure = {f"execution.{module}" for module in PURE}
    for name, path in modules("execution"):
        if name in pure or name.startswith("execution.sandbox"):
            for imported in imports(path):
                assert imported.split(".")[0] not in {"django", "celery", "accounts", "judge", "health"}, name
                assert not imported.startswith("problems.") or imported.startswith("problems.content."), name


def test_the_sandbox_stands_alone() -> None:
    for name, path in modules("execution/sandbox"):
        for imported in imports(path):
            assert imported.split(".")[0] not in OURS or imported.startswith(("execution.sandbox.", "runner_image.")), (
                f"{name} imports {imported}"
            )


def test_the_image_and_the_launcher_need_nothing_of_the_site() -> None:
    for package in ("runner_image", "launcher"):
        for name, path in modules(package):
            for imported in imports(path):
                assert imported.split(".")[0] not in OURS - {"runner_image", "launcher"}, f"{name} imports {imported}"

"""Whatever the Docker library raises is a SandboxError, of the kind that says what to do about it."""

import inspect

import docker.errors
import pytest
import requests.exceptions
import urllib3.exceptions

from execution.sandbox.container import ContainerSettings, Engine, engine_errors
from execution.sandbox.interface import ImageMissing, SandboxBroken, SandboxError, SandboxUnavailable
from runner_image.images import UnknownImage

KINDS: dict[type[Exception], type[SandboxError]] = {
    docker.errors.NotFound: SandboxBroken,
    docker.errors.ImageNotFound: ImageMissing,
}


def every_error_of(module: object) -> list[type[Exception]]:
    found = (value for _, value in inspect.getmembers(module, inspect.isclass))
    return [
        kind for kind in found if issubclass(kind, Exception) and kind.__module__ == getattr(module, "__name__", "")
    ]


def raised(kind: type[Exception]) -> Exception:
    """One of its kind, whatever its constructor asks for."""
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    needed = [p for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    return kind(*["the text" for _ in needed])


@pytest.mark.parametrize("kind", every_error_of(docker.errors))
def test_every_error_of_the_library_is_translated(kind: type[Exception]) -> None:
    with pytest.raises(SandboxError, match="starting") as caught, engine_errors("starting"):
        raise raised(kind)
    assert type(caught.value) is KINDS.get(kind, SandboxUnavailable)
    assert isinstance(caught.value.__cause__, kind)


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.ConnectionError("refused"),
        requests.exceptions.ReadTimeout("slow"),
        requests.exceptions.ChunkedEncodingError("cut"),
        urllib3.exceptions.ProtocolError("broken"),
        ConnectionResetError("reset"),
        TimeoutError("slow"),
        FileNotFoundError("no socket"),
        UnknownImage("no such image"),
    ],
)
def test_errors_of_the_connection_too(error: Exception) -> None:
    with pytest.raises(SandboxUnavailable), engine_errors("starting"):
        raise error


def test_mistakes_of_ours_are_not_hidden() -> None:
    with pytest.raises(KeyError), engine_errors("starting"):
        raise KeyError("x")


def test_a_sandbox_error_passes_as_it_is() -> None:
    error = SandboxBroken("as it is")
    with pytest.raises(SandboxBroken) as caught, engine_errors("starting"):
        raise error
    assert caught.value is error


@pytest.mark.parametrize("host", ["ssh://host", "https://host:2376", "npipe:////./pipe/docker", "/run/docker.sock"])
def test_engines_that_a_stream_cannot_reach_are_refused_at_once(host: str) -> None:
    with pytest.raises(ValueError, match="unix://"):
        Engine(ContainerSettings(owner="x", docker_host=host))

"""Builds runner images: `python -m runner_image.build [-v] [NAME…]`, all of them if none is named.

Uses the docker command line and the engine that it is set to (DOCKER_HOST). An image that is there already is left
alone, as its tag says what is in it. The Dockerfiles' base is pulled; where no registry answers, the same base is
bootstrapped from the distribution's own packages and imported under the very same name. Builds run on the host's
network: the engine may have none to offer.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from runner_image import images

_PULL_SECONDS = 600
_BUILD_SECONDS = 3600
_LEFT_OUT_OF_BASE = ("/usr/share/man/*", "/usr/share/info/*", "/usr/share/doc/*", "/usr/share/locale/*")
_MERGED_USR = "/usr/share/mmdebstrap/hooks/merged-usr"
# Debian's `usrmerge` brings all of Perl with it, 47 MB, to do what has been done: keep it out.
_WITHOUT_USRMERGE = (
    'mkdir -p "$1/etc/apt/preferences.d"; '
    'printf "Package: usrmerge\\nPin: release *\\nPin-Priority: -1\\n" > "$1/etc/apt/preferences.d/no-usrmerge"'
)


class BuildError(Exception):
    """An image cannot be built; the text says what to do."""


def build(name: str, verbose: bool = False) -> str:
    """Build the image if it isn't there; its tag. Raises BuildError, UnknownImage."""
    tag = images.tag(name)
    if _exists(tag):
        return tag
    _provide_base(images.base(name), verbose)
    command = ["docker", "build", "--network", "host", "--tag", tag, "--label", f"{images.LABEL}={name}"]
    if name != images.AGENT:
        command += ["--build-arg", f"AGENT={build(images.AGENT, verbose)}"]
    for variable, value in proxies().items():
        command += ["--build-arg", f"{variable}={value}"]  # predefined ones: they stay out of the image's history
    _run([*command, "-"], f"building {tag}", _BUILD_SECONDS, verbose, stdin=images.context(name))
    return tag


def proxies() -> dict[str, str]:
    """The host's proxy settings, from the environment and apt's configuration."""
    found = {name: value for name in ("http_proxy", "https_proxy", "no_proxy") if (value := _environment(name))}
    if "http_proxy" not in found and (proxy := _apt_proxy()):
        found["http_proxy"] = proxy
    return found


def _environment(name: str) -> str | None:
    return os.environ.get(name) or os.environ.get(name.upper())


def _apt_proxy() -> str | None:
    try:
        command = ["apt-config", "dump", "--format", "%v", "Acquire::http::Proxy"]
        value = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
    return None if value in {"", "DIRECT"} else value


def _exists(image: str) -> bool:
    """Whether the engine has the image. Raises BuildError if there is no engine to ask."""
    result = _docker(["image", "inspect", "--format", "{{.Id}}", image])
    if result.returncode == 0:
        return True
    if "no such image" in result.stderr.lower():
        return False
    raise BuildError(f"the Docker engine doesn't answer; is it running, is DOCKER_HOST right?\n{result.stderr.strip()}")


def _docker(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, timeout=60)
    except FileNotFoundError as error:
        raise BuildError("there is no `docker` command; install it (Debian: apt-get install docker.io)") from error
    except subprocess.TimeoutExpired as error:
        raise BuildError("the Docker engine didn't answer within 60 s") from error


def _provide_base(base: str, verbose: bool) -> None:
    if _exists(base):
        return
    try:
        _run(["docker", "pull", base], f"pulling {base}", _PULL_SECONDS, verbose)
    except BuildError as pull_error:
        try:
            _bootstrap(base, verbose)
        except BuildError as error:
            raise BuildError(f"{pull_error}\nand it cannot be made here either:\n{error}") from error


def _bootstrap(base: str, verbose: bool) -> None:
    """Make the base `debian:SUITE-slim` from packages and import it. Raises BuildError."""
    match = re.fullmatch(r"debian:(\w+)-slim", base)
    if match is None:
        raise BuildError(f"{base} is no Debian base; only those can be bootstrapped")
    with tempfile.TemporaryDirectory(prefix="verdict-base-") as directory:
        archive = Path(directory) / "base.tar"
        _run(_mmdebstrap(match[1], archive), f"bootstrapping {base}", _BUILD_SECONDS, verbose)
        change = ["--change", 'CMD ["bash"]', "--change", f"LABEL {images.LABEL}=base"]
        _run(["docker", "import", *change, str(archive), base], f"importing {base}", _PULL_SECONDS, verbose)


def _mmdebstrap(suite: str, archive: Path) -> list[str]:
    command = ["mmdebstrap", "--variant=apt", f"--hook-dir={_MERGED_USR}", f"--setup-hook={_WITHOUT_USRMERGE}"]
    command += [f"--dpkgopt=path-exclude={path}" for path in _LEFT_OUT_OF_BASE]
    return [*command, suite, str(archive)]


def _run(command: list[str], what: str, seconds: int, verbose: bool, stdin: bytes = b"") -> None:
    """Run a command, silently unless it fails or `verbose`. Raises BuildError with what it printed."""
    environment = os.environ | proxies() | {"DOCKER_BUILDKIT": "0"}
    output = None if verbose else subprocess.PIPE
    try:
        result = subprocess.run(
            command, input=stdin, stdout=output, stderr=subprocess.STDOUT, env=environment, timeout=seconds, check=False
        )
    except FileNotFoundError as error:
        hint = f"apt-get install {command[0]} debian-archive-keyring" if command[0] == "mmdebstrap" else "install it"
        raise BuildError(f"{what}: there is no `{command[0]}` command ({hint})") from error
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"{what}: not done after {seconds} s") from error
    if result.returncode != 0:
        raise BuildError(f"{what} failed:\n{(result.stdout or b'').decode(errors='replace').strip()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    parser = argparse.ArgumentParser(prog="runner_image.build", description="Build runner images.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones (all): {', '.join(images.names())}")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what the builds print")
    options = parser.parse_args(arguments)
    try:
        for name in options.names or images.names():
            start = time.monotonic()
            tag = build(name, options.verbose)
            print(f"{tag}  {time.monotonic() - start:.1f} s", flush=True)
    except (BuildError, images.UnknownImage) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

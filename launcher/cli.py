"""The command lines of the scripts."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from launcher import venv
from launcher.checking import check
from launcher.console import Console, Failure
from launcher.down import down
from launcher.guard import keep_guard
from launcher.home import DEFAULT_VAR, Home
from launcher.manage import manage
from launcher.messages import messages
from launcher.testing import test
from launcher.up import INTERRUPTED, Wish, up
from runner_image import images


def main(arguments: Sequence[str]) -> int:
    """The exit status; 1 with a message where a step failed."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if options.command == "test":
        options.rest = rest  # pytest's own options too, wherever they stand
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    console = Console()
    try:
        return _run(options, console)
    except Failure as failure:
        console.say(f"✗ {failure}")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(options: argparse.Namespace, console: Console) -> int:
    match options.command:
        case "guard":
            return keep_guard(Home(options.var), options.lifeline)
        case "down":
            return down(options.var, console, purges=options.purge)
        case "up":
            venv.enter(venv.RUNTIME, console, installs=options.installs)
            return up(Wish(options.var, options.port, options.once, options.installs, options.languages), console)
        case "manage":
            venv.enter(venv.RUNTIME, console, installs=True)
            manage(options.var, options.rest)
        case "check":
            venv.enter(venv.DEVELOPMENT, console, installs=True)
            return check(console)
        case "messages":
            venv.enter(venv.DEVELOPMENT, console, installs=True)
            return messages(console)
    venv.enter(venv.DEVELOPMENT, console, installs=True)
    return test([*options.rest, *(["--full"] if options.full else [])], console, options.database)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    up_parser = commands.add_parser("up", help="start everything and stay in the foreground")
    up_parser.add_argument("--once", action="store_true", help="judge all examples' submissions, then stop")
    up_parser.add_argument("--port", type=_port, default=8000, metavar="N", help="on 127.0.0.1; 0 for any free one")
    up_parser.add_argument("--no-install", dest="installs", action="store_false", help="install nothing")
    up_parser.add_argument(
        "--languages",
        type=_languages,
        default=("python3",),
        metavar="NAME,…",
        help=f"build their images first, where they aren't there yet: all, or of {', '.join(images.names())}",
    )
    down_parser = commands.add_parser("down", help="stop everything")
    down_parser.add_argument("--purge", action="store_true", help="and remove all data")
    manage_parser = commands.add_parser("manage", help="run a management command")
    guard_parser = commands.add_parser("guard")
    for with_var in (up_parser, down_parser, manage_parser, guard_parser):
        with_var.add_argument(
            "--var", type=_directory, default=DEFAULT_VAR, metavar="DIR", help="where the state lives"
        )
    guard_parser.add_argument("lifeline", type=int)
    manage_parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="COMMAND")
    test_parser = commands.add_parser("test", help="run the tests")
    test_parser.add_argument(
        "--database", choices=["sqlite", "postgres"], default="sqlite", help="which they use; postgres: Debian's"
    )
    test_parser.add_argument("--full", action="store_true", help="also the tests that take long")
    commands.add_parser("check", help="check style, types and settings")
    commands.add_parser("messages", help="collect the pages' texts, and compile their translations")
    return parser


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return port


def _languages(text: str) -> tuple[str, ...]:
    names = images.names() if text == "all" else text.split(",")
    if unknown := sorted(set(names) - set(images.names())):
        raise argparse.ArgumentTypeError(f"there is no language {unknown[0]!r}")
    return ("python3", *names)


def _directory(text: str) -> Path:
    return Path(os.path.realpath(text))

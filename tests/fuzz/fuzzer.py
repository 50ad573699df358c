"""The process that fuzzes one target: `python -m tests.fuzz.fuzzer TARGET [OPTION OF LIBFUZZER…]`.

It never returns from fuzzing: the process ends when the time is over, or at the first error.
"""

import sys

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["execution.sandbox", "runner_image"]):
    from tests.fuzz import targets


def main() -> None:
    atheris.Setup([sys.argv[0], *sys.argv[2:]], targets.TARGETS[sys.argv[1]])
    atheris.Fuzz()


if __name__ == "__main__":
    main()

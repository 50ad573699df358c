"""The pages' scripts, tested in Node by its own test runner (tests/js); script/test installs it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_scripts_pass_their_own_tests() -> None:
    suites = sorted(str(suite) for suite in (ROOT / "tests/js").glob("*.test.mjs"))
    assert suites
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", *suites], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n# pass 0\n" not in done.stdout

"""axe-core, which looks for what keeps people from using a page: installed from npm when it is first needed."""

import json
import subprocess
from pathlib import Path

from playwright.sync_api import Page

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "node_modules/axe-core/axe.min.js"


def install() -> None:
    """What tests/browser/package-lock.json says, if it is not there yet."""
    wanted = json.loads((HERE / "package.json").read_text())["devDependencies"]["axe-core"]
    installed = SCRIPT.with_name("package.json")
    if installed.is_file() and json.loads(installed.read_text())["version"] == wanted:
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def violations(page: Page) -> list[str]:
    """Of the page as it is now, each as "rule: where, and why"."""
    page.evaluate(SCRIPT.read_text())  # by the debugger's way, which no Content-Security-Policy closes
    found = page.evaluate("axe.run().then((results) => results.violations)")
    return [
        f"{rule['id']}: {' '.join(node['target'])}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]

"""Run as `python launcher COMMAND`, by whichever Python script/_python finds."""

import sys
from pathlib import Path

# Instead of the package's own directory, and never the caller's: a docker.py lying there must not become ours.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from launcher.cli import main  # noqa: E402

sys.exit(main(sys.argv[1:]))

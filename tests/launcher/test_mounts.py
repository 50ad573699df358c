from pathlib import Path

import pytest

from launcher import mounts
from launcher.console import Failure

TABLE = """\
22 1 254:0 / / rw - ext4 /dev/vda rw
40 22 254:1 / /srv/verdict/docker rw - ext4 /dev/vdb rw
44 40 254:1 / /srv/verdict/docker/data rw - ext4 /dev/vdb rw
49 44 0:39 / /srv/verdict/docker/data/overlay2/a\\040b/merged rw - overlay overlay rw
50 22 0:40 / /srv/verdict/docker2/data rw - tmpfs tmpfs rw
"""


def test_finds_the_deepest_first_and_not_the_directory_s_own(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(TABLE)
    found = mounts.below(Path("/srv/verdict/docker"), table)
    assert found == [Path("/srv/verdict/docker/data/overlay2/a b/merged"), Path("/srv/verdict/docker/data")]


def test_says_so_when_something_stays_mounted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stuck = tmp_path / "stuck"
    monkeypatch.setattr(mounts, "below", lambda directory: [stuck])
    with pytest.raises(Failure, match=str(stuck)):
        mounts.detach_below(tmp_path)

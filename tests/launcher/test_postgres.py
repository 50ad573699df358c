from pathlib import Path

import pytest

from launcher import postgres, processes
from launcher.cleanup import clean_up
from launcher.home import Home
from launcher.supervisor import Supervisor
from launcher.testing import TEST_PACKAGES


@pytest.mark.skipif(not postgres.is_there(), reason="there is no PostgreSQL")
def test_it_serves_on_a_socket_and_ends_with_its_instance(home: Home, supervisor: Supervisor) -> None:
    cluster = postgres.directory(home)
    supervisor.start(postgres.service(home, home.logs / "postgres.log"))
    supervisor.wait(lambda: postgres.answers(cluster), 30, lambda: "it does not answer")
    assert [path.name for path in cluster.iterdir() if path.is_socket()] == [".s.PGSQL.5432"]
    assert cluster.stat().st_mode & 0o077 == 0
    supervisor.stopping()
    clean_up(home)
    assert not processes.marked(home.instance)
    assert not cluster.exists()


def test_the_url_leads_to_the_socket() -> None:
    assert postgres.url(Path("/tmp/cluster")) == "postgres://verdict@//tmp/cluster/verdict"


def test_the_tests_install_it() -> None:
    assert TEST_PACKAGES["pg_ctlcluster"] == ["postgresql"]

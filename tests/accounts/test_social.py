"""Logging in with an account of another site: only where settings say so, which a process of its own reads."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import django
django.setup()
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from judge.web import csp
call_command("migrate", verbosity=0)
request = RequestFactory().get("/accounts/login/?next=/submissions/")
request.user, request.session = AnonymousUser(), SessionStore()
print(render_to_string("accounts/social.html", {}, request))
print(csp.policy())
print(reverse("socialaccount_connections"))
print(Client(headers={"host": "localhost"}).post("/accounts/github/login/")["Location"])
"""
GITHUB = {"SOCIAL_LOGIN": "github", "SOCIAL_GITHUB_ID": "id", "SOCIAL_GITHUB_SECRET": "secret"}


def look(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    own = {"DJANGO_SETTINGS_MODULE": "judge.settings", "SECRET_KEY": "x", "VERDICT_VAR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", LOOK],
        env={"PATH": os.environ["PATH"], **own, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_is_a_form_that_leads_there_and_back(tmp_path: Path) -> None:
    done = look(tmp_path, **GITHUB)
    assert done.returncode == 0, done.stderr
    assert re.search('method="post" action="/accounts/github/login/[?]next=(%2F|/)submissions(%2F|/)"', done.stdout)
    assert "GitHub</button>" in done.stdout
    assert "form-action 'self' https:;" in done.stdout
    assert "/accounts/3rdparty/" in done.stdout
    assert "https://github.com/login/oauth/authorize?client_id=id&" in done.stdout


def test_sites_that_are_not_known_stop_the_start(tmp_path: Path) -> None:
    done = look(tmp_path, SOCIAL_LOGIN="github,elsewhere")
    assert done.returncode == 1
    assert "SOCIAL_LOGIN must be of github" in done.stderr


def test_a_site_without_its_secret_stops_the_start(tmp_path: Path) -> None:
    done = look(tmp_path, SOCIAL_LOGIN="github", SOCIAL_GITHUB_ID="id")
    assert done.returncode == 1
    assert "SOCIAL_GITHUB_SECRET" in done.stderr

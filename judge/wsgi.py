"""The WSGI application that gunicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "judge.settings")
django.setup(set_prefix=False)

from judge.web.malformed import Application  # noqa: E402  # needs the settings

application = Application()

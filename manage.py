#!/usr/bin/env python3
"""Django's command-line entry point."""

import os
import sys

from django.core.management import execute_from_command_line

from judge.web import connections

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "judge.settings")
    try:
        execute_from_command_line(sys.argv)
    finally:
        connections.close_all()

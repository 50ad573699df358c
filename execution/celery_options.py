"""What all our Celery workers share."""

import warnings

from celery.exceptions import SecurityWarning

# Workers know of each other through `execution.capacity`, so they need not talk among themselves.
QUIETLY = ("--without-gossip", "--without-mingle", "--loglevel=WARNING")

# Celery advises against root since a message could carry code; ours are JSON, and say no more than "judge one".
warnings.filterwarnings("ignore", category=SecurityWarning)

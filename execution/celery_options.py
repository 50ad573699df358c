"""What all our Celery workers share."""

import os
import threading
import warnings

from celery.exceptions import SecurityWarning

# Workers know of each other through `execution.capacity`, so they need not talk among themselves.
QUIETLY = ("--without-gossip", "--without-mingle", "--loglevel=WARNING")

# Celery advises against root since a message could carry code; ours are JSON, and say no more than "judge one".
warnings.filterwarnings("ignore", category=SecurityWarning)


def end_within(seconds: float) -> None:
    """End this process by then, whatever holds it up: what it was judging goes to others when the leases run out."""
    timer = threading.Timer(seconds, os._exit, [os.EX_SOFTWARE])
    timer.daemon = True
    timer.start()

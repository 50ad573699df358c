"""Options that all our Celery workers share."""

# Workers know of each other through `execution.capacity`, so they need not talk among themselves.
QUIETLY = ("--without-gossip", "--without-mingle", "--loglevel=WARNING")

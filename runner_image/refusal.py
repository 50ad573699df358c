"""Why the agent doesn't start."""


class Refusal(Exception):
    """The container isn't what the agent needs; the text says what is missing."""

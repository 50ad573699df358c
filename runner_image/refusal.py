"""Why the agent doesn't start, or can't go on."""


class Refusal(Exception):
    """The container isn't what the agent needs; the text says what is missing."""


class StartError(Exception):
    """A program could not be started: the platform's fault."""

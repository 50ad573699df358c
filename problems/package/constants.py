"""Constant sequences `{{name}}` (specification, "Constants")."""

import re
from collections.abc import Mapping

_SEQUENCE = re.compile(r"\{\{([a-zA-Z_][a-zA-Z0-9_]*)\}\}")


def substituted(text: str, constants: Mapping[str, str]) -> str:
    """The text with the constants' values put in; names that are no constants stay as they are."""
    return _SEQUENCE.sub(lambda match: constants.get(match[1], match[0]), text)

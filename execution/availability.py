"""Which languages programs may be sent in just now."""

from django.conf import settings

from execution import capacity
from execution.languages import LANGUAGES


def is_available(language: str) -> bool:
    """Whether it can be judged, as far as is known: false only where every judge worker says that it can't."""
    return LANGUAGES[language].image not in capacity.missing_images()


def why_not(language: str) -> str:
    """For people."""
    name, image = LANGUAGES[language].name, LANGUAGES[language].image
    if settings.SANDBOX == "process":
        how = "what is compiled needs Docker, and what isn't its interpreter on this machine"
    else:
        how = f"script/images {image}, or script/up --languages {image}"
    return f"{name} can't be judged here at present. Whoever runs this judge can add it: {how}"

"""What the API's description says of every operation alike."""

from typing import Any

Json = dict[str, Any]

ERROR = {
    "description": "An error: all have this shape.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}


def describe_errors(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """drf-spectacular's hook: an operation names the errors that say something about it; any may answer any other."""
    for operations in result["paths"].values():
        for operation in operations.values():
            responses = operation["responses"]
            responses |= {code: ERROR | _described(answer) for code, answer in responses.items() if int(code) >= 400}
            responses["default"] = ERROR
    return result


def _described(answer: Json) -> Json:
    return {name: part for name, part in answer.items() if part}

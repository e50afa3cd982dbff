# requirements: jsonschema[format]
# returns: ["color", "date"]
import jsonschema


def handler(event, context):
    jsonschema.validate(
        {"a": "2020-01-01"},
        {"type": "object", "properties": {"a": {"format": "date"}}},
        format_checker=jsonschema.FormatChecker(),
    )
    return sorted(jsonschema.FormatChecker.checkers)[:2]

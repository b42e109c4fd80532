#!/usr/bin/env python3
"""validate.py SCHEMA FILE...: checks JSON files against a JSON Schema.

A file named *.jsonl is checked line by line; its last line may be torn. Ends
with 0 if all are valid, 1 if one is not, 77 if this machine has no Python
package "jsonschema" of version 4 or later (a skip, which CTest shows).
"""

import json
import sys

try:
    from jsonschema import Draft202012Validator, FormatChecker
except ImportError as reason:
    print(f"skipped: {reason}", file=sys.stderr)
    sys.exit(77)


def documents(path):
    """Yields what stands in a file, with a name for each piece."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not path.endswith(".jsonl"):
        yield path, json.loads(text)
        return
    *lines, _torn = text.split("\n")
    for number, line in enumerate(lines, 1):
        yield f"{path}:{number}", json.loads(line)


def main(schema_path, *paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    bad = 0
    checked = 0
    for path in paths:
        for name, document in documents(path):
            checked += 1
            for error in validator.iter_errors(document):
                bad += 1
                print(f"{name}: {error.json_path}: {error.message[:300]}")
    print(f"{checked} checked against {schema_path}, {bad} faults")
    return 1 if bad or not checked else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails where a JSON file is not as a schema of docs/schemas says: json_schema.py SCHEMA FILE."""
import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit("python3-jsonschema is not installed, and this python3 is " + sys.executable)

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    value = json.load(file, parse_constant=lambda word: sys.exit(f"{word} is not JSON"))
jsonschema.Draft202012Validator.check_schema(schema)
faults = [f"{fault.json_path}: {fault.message[:300]}"
          for fault in jsonschema.Draft202012Validator(schema).iter_errors(value)]
sys.exit("\n".join(faults) if faults else 0)

"""The standard as a Frictionless Data Package, and a small sample of it, for tools that are not ours.

Source: Frictionless Data, Data Package and Table Schema, version 1 (specs.frictionlessdata.io).
"""

from importlib import resources
from typing import Any

from node.ingest.standard import RESOURCES, TITLES, VERSION, Field


def descriptor() -> dict[str, Any]:
    """The standard as a Frictionless Data Package: one tabular resource a file, UTF-8 CSV with commas."""
    return {
        "profile": "tabular-data-package",
        "name": "kudos-transactions",
        "title": "Kudos transaction standard",
        "description": "Sales of tickets, their buyers and their events, for benchmarks between cultural institutions.",
        "version": VERSION,
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name.replace("_", "-"),
                "path": f"{name}.csv",
                "description": TITLES[name][0],
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "quoteChar": '"', "header": True},
                "schema": {
                    "fields": [_table_schema(field) for field in fields],
                    "missingValues": [""],
                },
            }
            for name, fields in RESOURCES.items()
        ],
    }


def sample() -> dict[str, bytes]:
    """Small files in the standard by their names: what they hold is invented, and uses every field."""
    folder = resources.files("node.ingest") / "sample"
    return {f"{name}.csv": (folder / f"{name}.csv").read_bytes() for name in RESOURCES}


def _table_schema(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "name": field.name,
        "type": field.type,
        "title": field.name.replace("_", " "),
        "description": field.description,
        "description_nb": field.bokmal,
        "example": field.example,
    }
    if field.type == "datetime":
        schema["format"] = "any"
    constraints: dict[str, Any] = {}
    if field.required:
        constraints["required"] = True
    if field.one_of:
        constraints["enum"] = list(field.one_of)
    if field.minimum is not None:
        constraints["minimum"] = field.minimum
    if field.maximum is not None:
        constraints["maximum"] = field.maximum
    if constraints:
        schema["constraints"] = constraints
    return schema

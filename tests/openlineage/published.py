"""What the published JSON Schemas say about an event: the oracle of strict mode.

Core first, then every facet by its name in its place, against the file that defines it there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource

ENDINGS = {
    "RunFacet": ("run",),
    "JobFacet": ("job",),
    "InputDatasetFacet": ("input",),
    "OutputDatasetFacet": ("output",),
    "DatasetFacet": ("dataset",),
}
SEVERAL = {
    "LineageFacet": ("run", "job", "dataset"),
    "BaseSubsetDatasetFacet": ("input", "output"),
    "DataQualityAssertionsDatasetFacet": ("dataset", "input"),
}
"""Facets that stand in more places than their name says."""


class Published:
    """The published schemas, loaded once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        core = json.loads((folder / "OpenLineage.json").read_text("utf-8"))
        registry: Registry[Any] = Registry().with_resource(
            core["$id"], Resource.from_contents(core)
        )
        self._core = self._validator(core, registry)
        self._facets: dict[tuple[str, str], Draft202012Validator] = {}
        self.places: dict[str, tuple[str, ...]] = {}
        for file in sorted((folder / "facets").glob("*.json")):
            document = json.loads(file.read_text("utf-8"))
            places = SEVERAL.get(file.stem) or next(
                found for ending, found in ENDINGS.items() if file.stem.endswith(ending)
            )
            self.places[file.stem] = places
            (name,) = document["properties"]
            for place in places:
                self._facets[place, name] = self._validator(document, registry)
        self.events = self._examples()

    @staticmethod
    def _validator(schema: Any, registry: Registry[Any]) -> Draft202012Validator:
        checker = Draft202012Validator.FORMAT_CHECKER
        return Draft202012Validator(schema, registry=registry, format_checker=checker)

    def accepts(self, event: Any) -> bool:
        """Whether core and facet schemas all accept an event."""
        if not self._core.is_valid(event):
            return False
        return all(
            validator.is_valid({name: value})
            for place, name, value in _facets(event, self._kind(event))
            if (validator := self._facets.get((place, name)))
        )

    def _kind(self, event: dict[str, Any]) -> str:
        """Tell which of the three an accepted event is."""
        if "run" in event and "job" in event:
            return "run"
        without = {key: value for key, value in event.items() if key != "job"}
        return "dataset" if self._core.is_valid(without) else "job"

    def _examples(self) -> dict[str, Any]:
        """Every example, as an event: a facet in each of its places."""
        events = {}
        for file in sorted((self.folder / "facet-examples").glob("*.json")):
            document = json.loads(file.read_text("utf-8"))
            if "eventTime" in document:
                events[file.stem] = document
                continue
            for place in self.places[file.stem.split("-")[0]]:
                events[f"{file.stem} {place}"] = _wrap(place, document)
        return events


def _wrap(place: str, facets: dict[str, Any]) -> dict[str, Any]:
    dataset: dict[str, Any] = {"namespace": "n", "name": "d"}
    event: dict[str, Any] = {
        "eventTime": "2026-11-01T09:30:00Z",
        "producer": "https://example.org/p",
        "schemaURL": "https://example.org/s",
        "run": {"runId": "0193b0a4-7b1e-7a3c-8f00-3f6d3b8d2a11"},
        "job": {"namespace": "n", "name": "j"},
        "inputs": [dataset],
        "outputs": [dict(dataset)],
    }
    match place:
        case "run" | "job":
            event[place]["facets"] = facets
        case "dataset":
            dataset["facets"] = facets
        case _:
            event[f"{place}s"][0][f"{place}Facets"] = facets
    return event


def _facets(event: dict[str, Any], kind: str) -> Iterator[tuple[str, str, Any]]:
    """Yield place, name and value of each facet that belongs to the event's kind."""
    subjects = [(key, event[key]) for key in (("run", "job") if kind == "run" else (kind,))]
    for side in ("input", "output") if kind != "dataset" else ():
        for dataset in event.get(f"{side}s", []):
            subjects.append(("dataset", dataset))
            yield from ((side, *item) for item in dataset.get(f"{side}Facets", {}).items())
    for place, subject in subjects:
        yield from ((place, *item) for item in subject.get("facets", {}).items())

"""The oracle on runs: their states and what encloses them (rules 2 and 3)."""

from __future__ import annotations

from typing import Any

from headwater.refs import Run
from tests.graph.told import TERMINAL, Json, Mention, Observation, Said, newest, read, run_of


class Runs:
    """Runs of a list of events."""

    def __init__(self, events: list[Json]) -> None:
        self.told = read(events)
        self.runs = sorted({seen.run for seen in self.told.observations})

    # Rule 2: state

    def of(self, run: Run) -> list[Observation]:
        """Observations of a run."""
        return [seen for seen in self.told.observations if seen.run == run]

    def terminals(self, run: Run) -> list[Observation]:
        """Terminals that count: an observed one beats an inferred one."""
        ends = [seen for seen in self.of(run) if seen.type in TERMINAL]
        observed = [seen for seen in ends if not seen.inferred]
        return observed or ends

    def state(self, run: Run) -> tuple[str, int, int | None]:
        """State, start and end: the newest terminal; at equal times FAIL, ABORT, COMPLETE."""
        started = min(seen.time for seen in self.of(run))
        ends = sorted(
            (seen.time, ("COMPLETE", "ABORT", "FAIL").index(str(seen.type)))
            for seen in self.terminals(run)
        )
        if not ends:
            return "OPEN", started, None
        time, rank = ends[-1]
        return ("COMPLETE", "ABORT", "FAIL")[rank], started, time

    def run_facet(self, run: Run, name: str) -> Any:
        """Newest run facet."""
        return newest(s.own_facets[name] for s in self.of(run) if name in s.own_facets)

    def parents(self, run: Run) -> list[Run]:
        """Rule 3: the parent; where it was never observed, the root too."""
        said = self.run_facet(run, "parent")
        if not said:
            return []
        found = [run_of(said["run"], said["job"])]
        root = said.get("root")
        if root and found[0] not in self.runs:
            found.append(run_of(root["run"], root["job"]))
        return [each for each in dict.fromkeys(found) if each != run]

    def enclosing(self, run: Run) -> list[Run]:
        """Runs around this one, the nearest first, loops left out."""
        return [each for each in self._outward(run) if run not in self._outward(each)]

    def _outward(self, run: Run) -> list[Run]:
        found: list[Run] = []
        waiting = self.parents(run)
        while waiting:
            each = waiting.pop(0)
            if each not in found:
                found.append(each)
                waiting += self.parents(each) if each in self.runs else []
        return found

    def mentions(self, run: Run, role: str) -> list[Mention]:
        """Mentions by a run in a role."""
        return [each for each in self.told.mentions if each.run == run and each.role == role]

    def streams(self, run: Run) -> bool:
        """Whether `jobType` says STREAMING or SERVICE: the run's own statement, else the job's."""
        said = newest(s.job_facets["jobType"] for s in self.of(run) if "jobType" in s.job_facets)
        if not said:
            said = newest(self._job_statements(run, "jobType"))
        values = [(said or {}).get("processingType"), (said or {}).get("jobType")]
        return any(str(value).upper() in ("STREAMING", "SERVICE") for value in values)

    def _job_statements(self, run: Run, name: str) -> list[Said]:
        from_runs = [s.job_facets for s in self.told.observations if s.run.job == run.job]
        from_jobs = [each.facets for each in self.told.definitions if each.job == run.job]
        return [facets[name] for facets in from_runs + from_jobs if name in facets]

"""Records of one process → OpenLineage run events. A pure function: equal records, equal bytes.

START when a run begins; RUNNING when it first reads or writes something, so that each read stands
at its time (a draft, which may still be moved or removed, waits for the end); COMPLETE, FAIL or
ABORT with everything that was said. A run that another process began gets RUNNING events only.
Clock, disk and randomness play no part, so a shipper that lost its place gives the same bytes
again, and admission finds the repeats.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from headwater.openlineage.limits import ENTRIES_MAX, EVENT_BYTES_MAX
from headwater.openlineage.times import iso
from headwater.shipping import exits, facets, passing
from headwater.shipping.executed import Executed, together
from headwater.shipping.facets import Facets, facet, job_facet
from headwater.shipping.told import Written

if TYPE_CHECKING:
    from headwater.shipping.queries import Queries

Record = dict[str, Any]
Key = tuple[str, str]

Item = tuple[str, Key, "_Mention"]

DATASETS_AT_ONCE: Final = 2_000
"""Datasets of one event; a run that read and wrote more says so in several."""
_CONTENT: Final[tuple[str, ...]] = ("inputs", "columns", "shaped_by")
"""What is said of where the content of an output came from."""
DIED: Final = "its process ended without saying how"


class Translator:
    """The events of one process, from its records in order."""

    def __init__(self) -> None:
        self._process: Record = {}
        self._runs: dict[str, _Run] = {}
        self._gaps: list[str] = []
        self._queries: Queries | None = None
        self._last = 0
        self._replaced = False
        """Whether the last thing heard is that the process became another program."""

    def translate(self, record: Record) -> Iterator[bytes]:
        """Give the events that this record makes sayable."""
        self._last = max(self._last, record.get("at", 0))
        self._replaced = False
        kind = record["k"]
        if kind == "process":
            # Later segments begin with less; the first says it all.
            self._process = self._process or record
        elif kind == "lost":
            self._gaps.append(f"{record['n']} records could not be written: {record['why']}")
        elif kind == "gap" and "r" not in record:
            self._gaps.append(record["what"])
        elif kind == "replaced":
            self._replaced = True
        elif kind == "exit":
            yield exits.event(record)
        elif kind in ("begin", "join"):
            outer = self._runs.get((record.get("up") or [""])[0])
            run = self._runs[record["r"]] = _Run(record, self._process, outer)
            if kind == "begin":
                yield run.event("START", record["at"])
        elif kind in ("db", "schemas", "sql", "tx"):
            yield from self._sql(record)
        else:
            run_known = self._runs.get(record["r"])
            if run_known is not None:
                yield from self._in_run(kind, record, run_known)

    def close(self) -> Iterator[bytes]:
        """Give the events that follow from the end of a process that did not say its end.

        Runs that it began and did not end are ABORT, inferred, innermost first, at the time of its
        last record; any end that was observed overrules it. One that became another program has
        done its part.
        """
        for run in reversed(self._runs.values()):
            if self._replaced and not run.joined:
                yield from run.whole("COMPLETE", self._last, self._gaps)
            elif run.joined:
                yield from run.whole("RUNNING", self._last, self._gaps)
            else:
                run.inferred = True
                yield from run.whole("ABORT", self._last, self._gaps)
        self._runs.clear()

    def _sql(self, record: Record) -> Iterator[bytes]:
        """Read what a connection said; a write that holds from now on is said now."""
        at = record["at"]
        run = self._runs.get(record.get("r", ""))
        if self._queries is None:
            # Made when there is SQL: reading it needs `headwater[server]`.
            from headwater.shipping.queries import Queries

            self._queries = Queries()
        found = self._queries.translate(record)
        for key in found.reads:
            if run is not None:
                yield from run.read_within(key, at, own=self._queries.waiting(key))
        for written in found.writes:
            writer = self._runs.get(written.run, run)
            if writer is not None and writer.write(written):
                only = {"write": {written.key: writer.writes[written.key]}}
                yield writer.event("RUNNING", at, only=only)
        for told in found.told:
            if run is not None:
                run.executed.add(told)

    def _in_run(self, kind: str, record: Record, run: _Run) -> Iterator[bytes]:
        at = record["at"]
        if kind in ("read", "write"):
            key: Key = (record["d"][0], record["d"][1])
            mentions = run.reads if kind == "read" else run.writes
            first = key not in mentions
            own = kind == "read" and key in run.writes
            mention = mentions.setdefault(key, _Mention(at, own=own))
            said = record.get("say") or {}
            if self._queries is not None:
                said = self._queries.resolve(said)
            if kind == "write":
                mention.put(run.passed(key, mention, said), at)
                run.made(key)
            else:
                mention.say(said, at)
            if first and not mention.said.get("draft"):
                only = {kind: {key: mention}}
                yield run.event("RUNNING", at, only=only)
        elif kind == "state":
            yield from run.state((record["d"][0], record["d"][1]), record["digest"], at)
        elif kind in ("digest", "move", "remove", "say", "again", "gap", "commands"):
            run.hear(kind, record)
        elif kind == "moved":
            for key in run.move(record["from"], record["to"], at):
                yield run.event("RUNNING", at, only={"write": {key: run.writes[key]}})
        elif kind == "leave":
            del self._runs[run.id]
            yield from run.whole("RUNNING", at, self._gaps)
        elif kind == "end":
            del self._runs[run.id]
            run.end = record
            yield from run.whole(record["state"], at, self._gaps)


def _by_role(items: list[Item]) -> dict[str, dict[Key, _Mention]]:
    found: dict[str, dict[Key, _Mention]] = {}
    for role, key, mention in items:
        found.setdefault(role, {})[key] = mention
    return found


class _Mention:
    """A dataset in one role: what was said of it, when first and when last."""

    def __init__(self, at: int, *, own: bool) -> None:
        self.first = at
        self.last = at
        self.own = own
        self.said: dict[str, Any] = {}
        self.digest: dict[str, Any] | None = None
        self.stated = False
        """Whether it was said how it was at some time, before the run's end."""
        self._content: dict[str, Any] | None = None
        """What is known of where its content came from; None where nothing was put in yet."""
        self._opened = False
        """Whether it was opened to be written, and nobody said since what was put in."""
        self._anew = False
        """Whether the run began it anew, so that nothing of what was there before is in it."""
        self.statements: set[int] = set()

    def say(self, said: dict[str, Any], at: int) -> None:
        """Add what was said: the newer counts, member by member of facets too.

        A write that was said outright is none that may still be moved or removed.
        """
        draft = said.get("draft") and (not self.said or self.said.get("draft"))
        facets = dict(self.said.get("facets") or {})
        for name, body in (said.get("facets") or {}).items():
            facets[name] = {**facets.get(name, {}), **body}
        self.last = at
        self.said.update(said, facets=facets, draft=draft)

    def put(self, said: dict[str, Any], at: int) -> None:
        """Add what was said of a write, which puts something in the place of what was there.

        Or adds to it: by `mode`, or (`adds`: `content`) into a file that the program has open. A
        file that is opened (`opened`: `new` or `more`) gets what nobody knows, unless it is said
        then. What is told of it besides (`adds`: `facts`) leaves it as it is, and so does a draft
        where something was said outright.
        """
        adds, opened = said.get("adds"), said.get("opened")
        said = {name: value for name, value in said.items() if name not in ("adds", "opened")}
        if adds == "facts" or (said.get("draft") and self.said and not self.said.get("draft")):
            self.say(said, at)
            return
        content = {name: said.pop(name) for name in _CONTENT if name in said}
        before = self._content
        if opened is not None:
            self._content, content = (None if opened == "new" else before), {}
        elif adds == "content" or said.get("mode") == "append":
            if self._opened and adds != "content":
                before = {}
            content = content if before is None else together(before, content)
            self._content = content
        else:
            self._content = content
        begins = opened == "new" or not (adds or opened or said.get("mode") == "append")
        self._anew, self._opened = self._anew or begins, opened is not None
        if begins:
            self.said = {name: self.said[name] for name in ("draft",) if name in self.said}
        elif self._anew:
            said.pop("mode", None)
        for name in _CONTENT:
            self.said.pop(name, None)
        self.say(said | content, at)

    def write(self, written: Written, *, keep: bool) -> None:
        """Add what a statement did; what was there is left out where it is gone (not `keep`)."""
        said, before = written.said, self.said
        if not before or (written.anew and not keep):
            self.said = dict(said)
        else:
            self.said = together(before, said)
        self.last = max(self.last, written.at)
        self.statements.add(written.statement)


class _Run:
    """What is known of one run so far."""

    def __init__(self, record: Record, process: Record, outer: _Run | None = None) -> None:
        self.id: str = record["r"]
        self.job: list[str] = record["job"]
        self.joined = record["k"] == "join"
        self.inferred = False
        self.reads: dict[Key, _Mention] = {}
        self.writes: dict[Key, _Mention] = {}
        self.end: Record = {}
        self.executed = Executed()
        self._outer = outer
        self._made_within: set[Key] = set()
        self._passed = passing.Passed[_Mention]()
        self._begin = record
        self._process = process
        self._params: dict[str, Any] = {}
        self._metrics: dict[str, Any] = {}
        self._facets: dict[str, Any] = {}
        self._gaps: dict[str, int] = {}
        self._commands: dict[str, int] = {}
        self.say(record.get("say") or {})

    def hear(self, kind: str, record: Record) -> None:
        """Take in what is told of what was mentioned before."""
        if kind == "say":
            self.say(record["say"])
        elif kind == "gap":
            self._gaps[record["what"]] = self._gaps.get(record["what"], 0) + 1
        elif kind == "commands":
            self._commands.update(record["names"])
        elif kind == "again":
            self.executed.again(record["q"], record["n"])
            for mention in self.writes.values():
                if record["q"] in mention.statements:
                    mention.last = max(mention.last, record["last"])
        elif kind == "digest":
            mentions = self.reads if record["role"] == "read" else self.writes
            key = (record["d"][0], record["d"][1])
            if key in mentions:
                mentions[key].digest = record["digest"]
        else:
            key = (record["d"][0], record["d"][1])
            moved = self.writes.pop(key, None)
            if moved is not None and kind == "move":
                new = (record["to"][0], record["to"][1])
                self.writes[new] = moved
                self._passed.move(key, new)
            elif moved is not None:
                self._passed.remove(key, moved)

    def say(self, said: dict[str, Any]) -> None:
        self._params.update(said.get("params") or {})
        self._metrics.update(said.get("metrics") or {})
        self._facets.update(said.get("facets") or {})

    def read_within(self, key: Key, at: int, *, own: bool) -> Iterator[bytes]:
        """Read something, and let the runs around this one have read it, unless made within them.

        As `Run.record_read` does where the name is known in the process already.
        """
        if key not in self.reads:
            mention = self.reads[key] = _Mention(at, own=own or key in self.writes)
            yield self.event("RUNNING", at, only={"read": {key: mention}})
        outer = self._outer
        if outer is not None and not (
            key in outer.reads or key in outer.writes or key in outer._made_within
        ):
            yield from outer.read_within(key, at, own=False)

    def write(self, written: Written) -> bool:
        """Write something by a statement; give whether that is to be said at once."""
        key = written.key
        first = key not in self.writes
        mention = self.writes.setdefault(key, _Mention(written.at, own=False))
        change = mention.said.get("change")
        said = self.passed(key, mention, written.said)
        mention.write(written._replace(said=said), keep=key in self.reads)
        self.made(key)
        return first or mention.said.get("change") != change

    def state(self, key: Key, digest: dict[str, Any], at: int) -> Iterator[bytes]:
        """Say how a file is that others may read from now on: a version, by its own name."""
        mention = self.writes.get(key)
        if mention is not None and "value" in digest:
            mention.digest, mention.stated = digest, True
            yield self.event("RUNNING", at, only={"write": {key: mention}}, whole=True)

    def passed(self, key: Key, mention: _Mention, said: dict[str, Any]) -> dict[str, Any]:
        """Give what is said of a write, in the names of what is there."""
        return self._passed.write(key, mention, said, made=self.writes)

    def move(self, before: str, after: str, at: int) -> list[Key]:
        """Give the tables of a database file that was moved their new names; give those."""
        moved = []
        for space, name in [key for key in self.writes if key[0] == before]:
            old, new = self.writes[space, name], (after, name)
            said: dict[str, Any] = {
                "change": "RENAME",
                "previous": [space, name],
                "inputs": [[space, name]],
            }
            columns = old.said.get("schema") or {}
            if columns:
                fields = {one: [[space, name, one, "IDENTITY"]] for one in columns}
                said |= {"schema": columns, "columns": fields}
            self.write(Written(self.id, at, 0, new, said, anew=True))
            moved.append(new)
        return moved

    def made(self, key: Key) -> None:
        """Know in the runs around this one that it was made within them."""
        outer = self._outer
        while outer is not None:
            outer._made_within.add(key)
            outer = outer._outer

    def whole(self, state: str, at: int, gaps: list[str]) -> Iterator[bytes]:
        """Write all that is known: in one event, where it has the room that admission gives it.

        Otherwise in several: RUNNING with some of the datasets, the last with the state.
        """
        gaps = [*gaps, *self._untold()]
        items = [("read", key, one) for key, one in self.reads.items()]
        items += [("write", key, one) for key, one in self.writes.items()]
        *parts, last = [
            items[at : at + DATASETS_AT_ONCE]
            for at in range(0, max(len(items), 1), DATASETS_AT_ONCE)
        ]
        event = self.event(state, at, only=_by_role(last), whole=True, gaps=gaps)
        if len(event) > EVENT_BYTES_MAX and last:
            parts, last = [*parts, last], []
            event = self.event(state, at, only={}, whole=True, gaps=gaps)
        for part in parts:
            yield from self._parts(part, at)
        yield event

    def _untold(self) -> Iterator[str]:
        for (_, name), one in self.writes.items():
            count = len(one.said.get("inputs") or ())
            if count > ENTRIES_MAX:
                yield f"{name} came from {count:,} datasets (limit: {ENTRIES_MAX:,} told exactly)"

    def _parts(self, items: list[Item], at: int) -> Iterator[bytes]:
        event = self.event("RUNNING", at, only=_by_role(items), whole=True)
        if len(event) > EVENT_BYTES_MAX and len(items) > 1:
            half = len(items) // 2
            yield from self._parts(items[:half], at)
            yield from self._parts(items[half:], at)
        else:
            yield event

    def event(
        self,
        state: str,
        at: int,
        *,
        only: dict[str, dict[Key, _Mention]] | None = None,
        whole: bool = False,
        gaps: list[str] | None = None,
    ) -> bytes:
        """Write an event: of mentions `only` these, with all that is known of them if `whole`."""
        reads, writes = (only or {}).get("read", {}), (only or {}).get("write", {})
        full = not self.joined and (gaps is not None or state == "START")
        event = {
            "eventTime": iso(at),
            "eventType": state,
            "producer": facets.PRODUCER,
            "schemaURL": facets.CORE,
            "run": {"runId": self.id, "facets": self._run_facets(gaps or []) if full else {}},
            "job": {
                "namespace": self.job[0],
                "name": self.job[1],
                "facets": self._job_facets() if full else {},
            },
            "inputs": [self._input(key, one) for key, one in reads.items()],
            "outputs": [self._output(key, one, whole=whole) for key, one in writes.items()],
        }
        return json.dumps(event, separators=(",", ":"), allow_nan=False).encode("ascii")

    def _input(self, key: Key, mention: _Mention) -> dict[str, Any]:
        own = mention.own or self._is_read_back(key, mention)
        described = facets.dataset_facets(key[0], mention.said)
        if mention.digest is not None and not own:
            described |= facet("headwater_digest", **mention.digest)
        return {
            "namespace": key[0],
            "name": key[1],
            "facets": described,
            "inputFacets": facets.input_facets(mention.said, own=own),
        }

    def _is_read_back(self, key: Key, mention: _Mention) -> bool:
        written = self.writes.get(key)
        return written is not None and written.first < mention.first

    def _output(self, key: Key, mention: _Mention, *, whole: bool) -> dict[str, Any]:
        said = mention.said
        described = facets.dataset_facets(key[0], said)
        described |= facets.column_lineage(said.get("columns"), said.get("shaped_by"))
        if whole:
            inputs = said.get("inputs")
            if inputs is None:
                inputs = self._inputs_of(mention)
            if inputs is not None and len(inputs) <= ENTRIES_MAX:
                named = [{"namespace": n, "name": name, "type": "DATASET"} for n, name in inputs]
                described |= facet("lineage", inputs=named)
        if mention.digest is not None:
            described |= facet("headwater_digest", **mention.digest)
            is_state = mention.stated or self.end.get("kept")
            if whole and is_state and "value" in mention.digest:
                # A version by its own name: it is one before the run ends, and although it failed.
                state = f"{mention.digest['algorithm']}:{mention.digest['value']}"
                described |= facet("version", datasetVersion=state)
        return {
            "namespace": key[0],
            "name": key[1],
            "facets": described,
            "outputFacets": facets.output_facets(said, mention.digest),
        }

    def _inputs_of(self, output: _Mention) -> list[Key] | None:
        """What was read before a write; None where that is no more than what the run read.

        Where other processes may have read for this run, order in this one says nothing; nor does
        it where a file was opened to be written, and filled with what was read later.
        """
        if self.joined or self.inferred or self.end.get("shared") or output.said.get("draft"):
            return None
        before = [key for key, read in self.reads.items() if read.first <= output.last]
        outside = {
            key
            for key, read in self.reads.items()
            if not (read.own or self._is_read_back(key, read))
        }
        return None if set(before) == outside else before

    def _run_facets(self, gaps: list[str]) -> Facets:
        process = self._process
        begin = self._begin
        found: Facets = {}
        if begin.get("up"):
            found |= facet(
                "parent", **_link(begin["up"]), root=_link(begin.get("root") or begin["up"])
            )
        found |= facet("headwater_actor", **process.get("actor", {}))
        environment = dict(process.get("environment", {}))
        engine = environment.pop("implementation", "cpython")
        found |= facet(
            "processing_engine", name=engine, version=environment.get("python", "unknown")
        )
        if self.end.get("memory"):
            hardware = {**environment.get("hardware", {}), "peakMemoryBytes": self.end["memory"]}
            environment["hardware"] = hardware
        found |= facet("headwater_environment", **environment)
        code = process.get("code") or {}
        if code:
            found |= facet(
                "headwater_code", **{n: v for n, v in code.items() if n not in _LOCATION}
            )
        if process.get("variables"):
            variables = [{"name": n, "value": v} for n, v in process["variables"].items()]
            found |= facet("environmentVariables", environmentVariables=variables)
        if self._params:
            found |= facets.parameters(self._params)
        if begin.get("seeds"):
            found |= facet("headwater_parameters", seeds=begin["seeds"])
        if self._metrics:
            found |= facet("headwater_training", metrics=facets.metrics(self._metrics))
        for name, body in self._facets.items():
            known = found.get(name, {})
            found |= facet(name, **{**known, **facets.measured(name, body)})
        coverage: dict[str, Any] = {"code": process["gaps"]} if process.get("gaps") else {}
        coverage |= self.executed.coverage()
        if self._commands:
            coverage["commands"] = dict(sorted(self._commands.items()))
        gaps = [*gaps, *_counted(self._gaps), *self.executed.gaps()]
        doubts = {"exact": False} if self._is_doubtful() else {}
        found |= facet("headwater_capture", gaps=gaps, coverage=coverage, **doubts)
        found |= self.executed.facets()
        if self.end.get("error"):
            found |= facet("errorMessage", message=self.end["error"], programmingLanguage="PYTHON")
        if self.inferred:
            found |= facet("headwater_inferred", reason=DIED)
        return found

    def _is_doubtful(self) -> bool:
        """Whether something was captured of which nobody knows of which of several reads it is."""
        outside = [
            key for key, one in self.reads.items() if not (one.own or self._is_read_back(key, one))
        ]
        if len(outside) < 2:  # of a single one it is that
            return False
        return any(
            one.said.get("draft") and one.said.get("inputs") is None for one in self.writes.values()
        )

    def _job_facets(self) -> Facets:
        said = self._begin.get("say") or {}
        found = job_facet(
            "jobType", processingType="BATCH", integration="HEADWATER", jobType="TASK"
        )
        description = said.get("description") or self.end.get("description")
        if description:
            found |= job_facet("documentation", description=description)
        if said.get("owner"):
            found |= job_facet("ownership", owners=[{"name": said["owner"]}])
        only = self.executed.only(tables={*self.reads, *self.writes})
        if said.get("sql"):
            found |= job_facet("sql", query=said["sql"])
        elif only is not None:
            found |= job_facet("sql", query=only.sql, dialect=only.dialect)
        code = self._process.get("code") or {}
        if code.get("repository") and code.get("commit"):
            where = {
                "type": "git",
                "url": f"{code['repository'].removesuffix('.git')}/tree/{code['commit']}",
                "repoUrl": code["repository"],
                "version": code["commit"],
            }
            if code.get("entryPoint"):
                where["path"] = code["entryPoint"]
            found |= job_facet("sourceCodeLocation", **where)
        return found


def _counted(gaps: dict[str, int]) -> list[str]:
    """What was told several times is told once, with how often it was."""
    return [what if count == 1 else f"{what} ({count:,} times)" for what, count in gaps.items()]


_LOCATION: Final = frozenset({"repository"})


def _link(link: list[str]) -> dict[str, Any]:
    return {"run": {"runId": link[0]}, "job": {"namespace": link[1], "name": link[2]}}

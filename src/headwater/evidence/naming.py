"""Short names for what an answer speaks about.

A name is shown without its namespace as long as it means one thing in the answer, else as
`namespace::name`, the form that `headwater trace` takes back. Paths of local files are shown
relative to a base folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from headwater import refs
from headwater.errors import InvalidReference

Node = Mapping[str, Any]
Answer = Mapping[str, Any]

RUN_ID_SHOWN_CHARS = 8
DIGEST_SHOWN_CHARS = 12

_REFERENCE = re.compile(r"\b(?:version|artifact|run|job|column):[^\s\"'<>]+[^\s\"'<>.,;:)]")

_UNPRINTABLE = {
    code: f"\\u{code:04x}"
    for code in (
        *range(0x20),
        *range(0x7F, 0xA0),
        0xAD,
        0x61C,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
        *range(0xFFF9, 0xFFFC),
        *range(0xD800, 0xE000),
    )
} | {code: f"\\U{code:08x}" for code in range(0xE0000, 0xE0080)}
"""Control characters, and those that reorder text or are not seen: a name must not be able to draw
on a terminal, nor to pass for another."""


def printable(text: object) -> str:
    """Write `text` on one line with nothing in it that a terminal would obey."""
    return str(text).translate(_UNPRINTABLE)


class Names:
    """The names of artifacts and jobs, as short as they stay clear among `artifacts` and `jobs`.

    Both are (namespace, name) pairs. `base` is an absolute folder; names of `file://` namespaces
    below it are shown relative to it.
    """

    def __init__(
        self,
        artifacts: Iterable[tuple[str, str]],
        jobs: Iterable[tuple[str, str]] = (),
        *,
        base: str | None = None,
    ) -> None:
        self._base = None if base is None else base.rstrip("/") + "/"
        self.artifacts = sorted(set(artifacts))
        self.jobs = sorted(set(jobs))
        self._unclear = _repeated(self._relative(*pair) for pair in self.artifacts)
        self._unclear_jobs = _repeated(name for _, name in self.jobs)

    def artifact(self, namespace: str, name: str) -> str:
        """Name an artifact."""
        short = self._relative(namespace, name)
        return printable(f"{namespace}::{name}" if short in self._unclear else short)

    def job(self, namespace: str, name: str) -> str:
        """Name a job."""
        return printable(f"{namespace}::{name}" if name in self._unclear_jobs else name)

    def _relative(self, namespace: str, name: str) -> str:
        if self._base is not None and namespace.startswith("file://"):
            return name.removeprefix(self._base) or name
        return name


def _repeated(names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]


def names_of(answer: Answer, *, base: str | None = None) -> Names:
    """Collect what the nodes of an answer are called."""
    artifacts = []
    jobs = []
    for node in answer.get("nodes", ()):
        if node.get("artifact") is not None:
            artifacts.append((node["artifact"]["namespace"], node["artifact"]["name"]))
        if node.get("job") is not None:
            jobs.append((node["job"]["namespace"], node["job"]["name"]))
    return Names(artifacts, jobs, base=base)


def names_in(document: Any, *, base: str | None = None) -> Names:
    """Collect what the references anywhere in a document are called."""
    artifacts: set[tuple[str, str]] = set()
    jobs: set[tuple[str, str]] = set()
    waiting = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
        elif isinstance(item, str):
            for found in _REFERENCE.findall(item):
                _collect(_parsed(found), artifacts, jobs)
    return Names(artifacts, jobs, base=base)


def _collect(
    reference: refs.Reference | None, artifacts: set[tuple[str, str]], jobs: set[tuple[str, str]]
) -> None:
    match reference:
        case refs.Artifact():
            artifacts.add(reference)
        case refs.Job():
            jobs.add(reference)
        case refs.Run():
            jobs.add(reference.job)
        case refs.Version():
            artifacts.add(reference.artifact)
        case refs.Column():
            artifacts.add(reference.version.artifact)
        case _:
            pass


def with_labels(text: str, nodes: Mapping[str, Node], names: Names) -> str:
    """Write a sentence with the references in it as people call them."""
    label = _REFERENCE.sub(lambda found: label_of(found[0], nodes, names), text)
    return printable(label)


def _parsed(ref: str) -> refs.Reference | None:
    try:
        return refs.parse(ref)
    except InvalidReference:
        return None


def kind_of(node: Node) -> str:
    """Say what a node is in one word: `table`, `model`, …, `dataset` where nobody said more."""
    if node["kind"] in ("version", "artifact"):
        return printable((node.get("artifact") or {}).get("kind") or "dataset")
    return printable(node["kind"])


def version_label(version: Mapping[str, Any]) -> str:
    """Say which version: `v3`, `v3 =4711 sha256:91ab…`, `outside`, `attempted`."""
    parts = []
    if version.get("origin") == "outside":
        parts.append("outside")
    elif version.get("attempted"):
        parts.append("attempted")
    elif version.get("ordinal") is not None:
        parts.append(f"v{version['ordinal']}")
    if version.get("declared") not in (None, version.get("digest")):
        parts.append(f"={printable(version['declared'])}")
    if version.get("digest") is not None:
        parts.append(short_digest(version["digest"]))
    return " ".join(parts)


def short_digest(digest: str) -> str:
    """Cut a digest `<algorithm>:<hex>` to a length that people compare."""
    algorithm, colon, value = printable(digest).partition(":")
    if not colon:
        return algorithm[:DIGEST_SHOWN_CHARS]
    return f"{algorithm}:{value[:DIGEST_SHOWN_CHARS]}"


def short_run(run_id: str) -> str:
    """Cut a run id to the prefix that `headwater show` takes back.

    Ids that begin with a time (UUIDv7) are alike in front, so they keep more.
    """
    if len(run_id) == 36 and run_id[14] == "7":
        return run_id[:13]
    return printable(run_id[:RUN_ID_SHOWN_CHARS])


def label_of(ref: str, nodes: Mapping[str, Node], names: Names) -> str:
    """Name any reference in a few words, whether the answer has a node for it or not.

    `orders v3`, `orders outside`, `run 0193abcd of train`, `job train`, `orders v3 . amount`.
    """
    node = nodes.get(ref)
    parsed = _parsed(ref)
    match parsed:
        case refs.Version():
            version = (node or {}).get("version")
            said = _said(parsed) if version is None else version_label(version)
            return f"{names.artifact(*parsed.artifact)} {said}".rstrip()
        case refs.Run():
            return f"run {short_run(parsed.id)} of {names.job(parsed.namespace, parsed.name)}"
        case refs.Job():
            return f"job {names.job(*parsed)}"
        case refs.Artifact():
            return names.artifact(*parsed)
        case refs.Column():
            whole = label_of(str(parsed.version), nodes, names)
            return f"{whole} . {printable(parsed.path)}"
        case _:
            return printable(ref)


def _said(version: refs.Version) -> str:
    """Label a version by its identity alone: its number is known only where its node is."""
    origin = "outside" if version.outside else "run"
    label = version_label(
        {"origin": origin, "declared": version.declared, "digest": version.digest}
    )
    if version.run is not None and version.declared is None:
        return f"(run {short_run(version.run.id)})"
    return label


def by_ref(answer: Answer) -> dict[str, Node]:
    """Index the nodes of an answer by their references."""
    return {node["ref"]: node for node in answer.get("nodes", ())}


def edge_words(edge: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in words what makes an edge less than exact; nothing for an exact one."""
    words: list[str] = []
    if edge["kind"].startswith("declared"):
        words.append("declared")
    if edge["kind"] == "revised":
        carries = edge.get("carries")
        words.append("earlier state" if carries == "all" else f"earlier state, carries {carries}")
    if edge["kind"] == "same_content":
        words.append("same content")
    exactness = edge.get("exactness")
    if exactness not in (None, "exact"):
        candidates = edge.get("candidates") or ()
        of = f", 1 of {len(candidates)} candidates" if len(candidates) > 1 else ""
        words.append(f"{printable(exactness)}{of}")
    if edge.get("evidence") == "inferred" and "same content" not in words:
        words.append("inferred")
    return tuple(dict.fromkeys(words))


def sorted_edges(answer: Answer) -> Sequence[Mapping[str, Any]]:
    """Give the edges in the answer's own order, which is deterministic."""
    edges: Sequence[Mapping[str, Any]] = answer.get("edges", ())
    return edges


def drawn_edges(answer: Answer) -> list[Mapping[str, Any]]:
    """Give the edges that a drawing needs.

    Left out is what a drawing shows already: that a version derives from what its run used, unless
    that is less certain than the use.
    """
    edges = sorted_edges(answer)
    maker = {edge["from"]: edge["to"] for edge in edges if edge["kind"] == "generated"}
    used = {(edge["from"], edge["to"]): edge for edge in edges if edge["kind"] == "used"}

    def shown_by_run(edge: Mapping[str, Any]) -> bool:
        use = used.get((maker.get(edge["from"], ""), edge["to"]))
        return use is not None and set(edge_words(edge)) <= set(edge_words(use))

    return [edge for edge in edges if edge["kind"] != "derived" or not shown_by_run(edge)]

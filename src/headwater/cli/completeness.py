"""How complete an answer is, in sentences. Nothing that was left out is left unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headwater.cli.terminal import Terminal
from headwater.evidence.naming import Answer, Names, by_ref, label_of

NAMED_MAX = 8
"""Things named in one sentence; of more, the count is said."""


def sentences(answer: Answer, names: Names, *, more: str = "…") -> Iterator[str]:
    """Say what is missing from an answer and how to get it, one sentence each."""
    found = answer["completeness"]
    nodes = by_ref(answer)

    def listed(refs: Iterable[str]) -> str:
        every = list(refs)
        named = ", ".join(label_of(ref, nodes, names) for ref in every[:NAMED_MAX])
        return named if len(every) <= NAMED_MAX else f"{named}, {more} {len(every)} in all"

    if found.get("truncated") is not None:
        yield _truncated(found["truncated"])
    unknown = (found.get("origins") or {}).get("unknown") or ()
    if unknown and answer["ask"] != "impact":
        yield (
            f"{_count(len(unknown), 'origin is', 'origins are')} unknown: {listed(unknown)}. "
            "If it is a source, say so: headwater label NAME source=true."
        )
    left_out = found.get("revisions_left_out") or 0
    if left_out:
        yield (
            f"{_count(left_out, 'earlier state was', 'earlier states were')} left out, because "
            f"nothing says whether {'it carries' if left_out == 1 else 'they carry'} over: "
            "--revisions all follows."
        )
    if found.get("open_writers"):
        yield (
            "What was read may not have been finished; still open then: "
            f"{listed(found['open_writers'])}."
        )
    if found.get("capture_gaps"):
        yield (
            f"Capture could not see everything in {listed(found['capture_gaps'])}: "
            "headwater show RUN says what."
        )
    if answer.get("opaque"):
        yield (
            f"Nobody says how columns went on through {listed(answer['opaque'])}: "
            "headwater trace or impact of the version itself shows all that it could be."
        )
    if found.get("redacted") is not None:
        count = found["redacted"].get("count")
        yield f"Something is hidden from you{'' if count is None else f': {count} things'}."
    if found.get("erased") is not None:
        entries = found["erased"].get("entries") or ()
        size = entries if isinstance(entries, int) else len(entries)
        yield f"{_count(size, 'ledger entry was', 'ledger entries were')} erased."


def tell(answer: Answer, terminal: Terminal, names: Names) -> None:
    """Print how complete an answer is, and at which ledger size."""
    found = answer["completeness"]
    missing = list(sentences(answer, names, more=terminal.glyphs.more))
    size = answer["head"]["size"]
    at = terminal.style(f"Known at ledger size {size:,}. Times are UTC.", "dim")
    if found["complete"]:
        terminal.print("", f"{terminal.style('Complete.', 'green', 'bold')} {at}")
    else:
        terminal.print("", f"{terminal.style('Not complete.', 'yellow', 'bold')} {at}")
    if found.get("conservative"):
        count = _count(found["conservative"], "link is", "links are")
        missing.append(
            f"{count} conservative: possible, not proven. headwater why A B tells the reason."
        )
    for sentence in missing:
        terminal.print(*wrapped(sentence, terminal))


def wrapped(sentence: str, terminal: Terminal) -> Iterator[str]:
    """Break a sentence into the lines of a list item."""
    lead = f"  {terminal.glyphs.dot} "
    line, indent = lead, " " * len(lead)
    for word in sentence.split(" "):
        if terminal.width is not None and len(line) + len(word) > terminal.width and line.strip():
            yield line.rstrip()
            line = indent
        line += f"{word} "
    yield line.rstrip()


def _truncated(truncated: Mapping[str, Any]) -> str:
    reason = truncated.get("reason")
    if reason == "depth":
        return "Cut off at the asked depth: a larger --depth shows more."
    if reason in ("nodes", "limit"):
        return "Cut off at the limit of nodes: a larger --limit shows more."
    return f"Cut off: {reason}."


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"

"""An answer as a tree that a person reads from top to bottom.

Each thing is opened once; where it comes again, one line points up to it. Where a line does not fit
the terminal, its least telling pieces go first and its name is cut last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import east_asian_width

from headwater.cli.links import Link, Links
from headwater.cli.terminal import Glyphs, Terminal
from headwater.cli.times import readable
from headwater.evidence.naming import (
    Answer,
    Names,
    Node,
    kind_of,
    label_of,
    printable,
    short_run,
    version_label,
)

INDENT_LEVELS_MAX = 24
"""Deeper lines begin again at the left, under a line that names where they belong."""


class Piece(NamedTuple):
    """A part of a line. The greater `spare`, the earlier it goes where room is short."""

    text: str
    styles: tuple[str, ...] = ()
    spare: int = 0


class Row(NamedTuple):
    """A line of the tree: how each level above ends, what is on it."""

    lasts: tuple[bool, ...]
    pieces: tuple[Piece, ...]


def draw(
    answer: Answer, terminal: Terminal, *, upstream: bool, names: Names, unknown: frozenset[str]
) -> Iterator[str]:
    """Yield the lines of an answer's tree; `unknown` are the references of unknown origin."""
    tree = _Tree(
        answer,
        terminal.glyphs,
        width=terminal.width,
        upstream=upstream,
        names=names,
        unknown=unknown,
    )
    for row in tree.rows(answer["root"]):
        yield _fit(row, terminal)


class _Tree:
    def __init__(
        self,
        answer: Answer,
        glyphs: Glyphs,
        *,
        width: int | None,
        upstream: bool,
        names: Names,
        unknown: frozenset[str],
    ) -> None:
        self.links = Links(answer, upstream=upstream)
        self.glyphs = glyphs
        self.names = names
        self.unknown = unknown
        self.sourceless = frozenset(answer.get("sourceless") or ())
        self.upstream = upstream
        self.levels = INDENT_LEVELS_MAX if width is None else _levels(width)
        self._shown: set[str] = set()

    def rows(self, root: str) -> Iterator[Row]:
        """Walk depth first without recursion: a chain may be 100,000 versions long."""
        begin_again = deque([Link(root, ())])
        while begin_again:
            first = begin_again.popleft()
            stack: list[tuple[Link, tuple[bool, ...]]] = [(first, ())]
            while stack:
                link, lasts = stack.pop()
                if link.ref in self._shown:
                    yield Row(lasts, self._repeated(link))
                    continue
                below = list(self.links.under(link.ref))
                if below and len(lasts) >= self.levels:
                    begin_again.append(Link(link.ref, ()))
                    yield Row(
                        lasts, (*self._line(link), Piece(f"{self.glyphs.more} continued below"))
                    )
                    continue
                self._shown.add(link.ref)
                if link is first and first.ref != root:
                    yield Row((), ())
                yield Row(lasts, self._line(link))
                for place, under in reversed(list(enumerate(below))):
                    stack.append((under, (*lasts, place == len(below) - 1)))

    def _repeated(self, link: Link) -> tuple[Piece, ...]:
        label = label_of(link.ref, self.links.nodes, self.names)
        return (
            Piece(label, ("dim",)),
            *self._marks(link),
            Piece(f"{self.glyphs.up} shown above", ("dim",)),
        )

    def _line(self, link: Link) -> tuple[Piece, ...]:
        node = self.links.nodes.get(link.ref)
        if node is None or node["kind"] not in ("version", "run"):
            kind = "" if node is None else kind_of(node)
            label = label_of(link.ref, self.links.nodes, self.names).removeprefix(f"{kind} ")
            pieces = (*_kind(kind), Piece(label, ("bold",)), *self._marks(link))
            if link.ref in self.sourceless:
                return (*pieces, Piece("[made of no column]", ("green",)))
            return pieces
        if node["kind"] == "run":
            return (*self._run(node), *self._marks(link))
        return (*self._version(link, node), *self._marks(link), *self._origin(link, node))

    def _version(self, link: Link, node: Node) -> Iterator[Piece]:
        artifact = node["artifact"]
        yield from _kind(kind_of(node))
        yield Piece(self.names.artifact(artifact["namespace"], artifact["name"]), ("bold",))
        label = version_label(node["version"])
        head, _, tail = label.partition(" sha256:")
        if head:
            yield Piece(head, ("cyan",))
        if tail:
            yield Piece(f"sha256:{tail}", ("dim",), spare=3)
        if node.get("time") is not None:
            yield Piece(readable(node["time"]), ("dim",), spare=2)
        maker = self.links.nodes.get(self.links.maker.get(link.ref, ""))
        if maker is not None:
            job = maker["job"]
            yield Piece(f"by {self.names.job(job['namespace'], job['name'])}", spare=1)
            yield Piece(f"run {short_run(maker['id'])}", ("dim",), spare=4)
        elif link.ref in self.links.declarer:
            declared = label_of(self.links.declarer[link.ref], self.links.nodes, self.names)
            yield Piece(f"by {declared}", spare=1)

    def _run(self, node: Node) -> Iterator[Piece]:
        yield from _kind("run")
        yield Piece(self.names.job(node["job"]["namespace"], node["job"]["name"]), ("bold",))
        yield Piece(short_run(node["id"]), ("cyan",))
        yield Piece(printable(node["state"]).lower())
        when = node.get("ended") or node.get("started")
        if when is not None:
            yield Piece(readable(when), ("dim",), spare=2)
        if not self.upstream and self.links.ends(node["ref"]):
            yield Piece("read it; nothing follows", ("dim",), spare=1)

    def _marks(self, link: Link) -> Iterator[Piece]:
        if link.words:
            yield Piece(f"[{'; '.join(link.words)}]", ("yellow",))
        if link.transformations:
            yield Piece("; ".join(link.transformations).replace("_", " "), ("dim",), spare=1)
        if link.read_as is not None:
            yield Piece(f"read as {self.names.artifact(*link.read_as)}", ("dim",), spare=1)

    def _origin(self, link: Link, node: Node) -> Iterator[Piece]:
        if node.get("owners"):
            owners = ", ".join(printable(owner) for owner in node["owners"])
            yield Piece(f"owned by {owners}", ("dim",), spare=1)
        if link.ref in self.unknown:
            yield Piece("[origin unknown]", ("yellow",))
        elif (
            self.upstream
            and node["version"].get("origin") == "outside"
            and self.links.ends(link.ref)
        ):
            yield Piece("[source]", ("green",))
        if node["version"].get("attempted"):
            yield Piece("[never finished]", ("yellow",))


def _kind(kind: str) -> Iterator[Piece]:
    if kind:
        yield Piece(kind, ("dim",), spare=1)


def _levels(width: int) -> int:
    """Leave half of a narrow terminal, and more of a wide one, to what is on the line."""
    return max(3, min(INDENT_LEVELS_MAX, (width - 24) // 4))


def width_of(text: str) -> int:
    """Count the terminal columns that `text` takes."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def cut_middle(text: str, columns: int, more: str) -> str:
    """Cut `text` to `columns`, keeping both ends: a path tells most there."""
    if width_of(text) <= columns:
        return text
    room = max(columns - len(more), 2)
    head = room // 3
    return f"{text[:head]}{more}{text[len(text) - (room - head) :]}"


def _fit(row: Row, terminal: Terminal) -> str:
    glyphs = terminal.glyphs
    bars = "".join("   " if last else glyphs.pipe for last in row.lasts[:-1])
    lead = bars + (glyphs.last if row.lasts[-1] else glyphs.branch) if row.lasts else ""
    pieces = list(row.pieces)
    if terminal.width is not None:
        room = terminal.width - width_of(lead)
        for spare in (4, 3, 2, 1):
            if _columns(pieces) <= room:
                break
            pieces = [piece for piece in pieces if piece.spare != spare]
        longest = max(range(len(pieces)), key=lambda at: len(pieces[at].text), default=None)
        over = _columns(pieces) - room
        if over > 0 and longest is not None:
            piece = pieces[longest]
            text = cut_middle(piece.text, max(width_of(piece.text) - over, 8), glyphs.more)
            pieces[longest] = piece._replace(text=text)
    line = "  ".join(terminal.style(piece.text, *piece.styles) for piece in pieces)
    return f"{terminal.style(lead, 'dim')}{line}"


def _columns(pieces: list[Piece]) -> int:
    return sum(width_of(piece.text) + 2 for piece in pieces) - 2

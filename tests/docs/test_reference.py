"""The reference pages say what the code does: every command, limit, facet, table and member."""

from __future__ import annotations

import argparse
import inspect
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import headwater
from headwater import errors
from headwater.capture.adapting import ADAPTERS
from headwater.cli.commands import SUMMARIES
from headwater.cli.label import KNOWN_KEYS
from headwater.cli.running import parser
from headwater.client.embedded import Embedded
from headwater.client.remote import Remote
from headwater.evidence import verify_bundle
from headwater.ingest import admit, admit_label
from headwater.ledger import leaf, tile
from headwater.openlineage import limits
from headwater.openlineage.facets import GRAPH_FACETS
from headwater.query import grounds
from headwater.query.gateway import Gateway
from headwater.store import open_store, schema
from headwater.store.reading import REJECTED_KEPT
from headwater.store.writing import EXCERPT_BYTES_MAX

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ADRS = sorted((DOCS / "adr").glob("*.md"))
PAGES = [*ROOT.glob("*.md"), *sorted(DOCS.rglob("*.md"))]
SHOP = DOCS / "tutorial" / "shop.ndjson"

_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


@cache
def page(name: str) -> str:
    """The text of a reference page."""
    return (DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """What stands under a heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {title!r}"
    return found[1]


def arguments_said(text: str) -> set[str]:
    """The arguments in the first column of a section's table."""
    cells = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    return {code for cell in cells for code in _CODE.findall(cell)}


def commands() -> dict[str, argparse.ArgumentParser]:
    """Every command's parser."""
    actions = parser()._actions
    found = next(action for action in actions if isinstance(action, argparse._SubParsersAction))
    return dict(found.choices)


def arguments_of(command: argparse.ArgumentParser) -> set[str]:
    """A command's own arguments, as usage writes them."""
    found: set[str] = set()
    for action in command._actions:
        if action.choices is not None:
            value = f" {{{','.join(action.choices)}}}"
        else:
            value = f" {action.metavar}" if action.metavar else ""
        if action.option_strings:
            found |= {f"{option}{value}" for option in action.option_strings}
        else:
            found.add(str(action.metavar))
    return found


def common() -> set[str]:
    """The arguments of every command."""
    return set.intersection(*(arguments_of(command) for command in commands().values()))


def test_every_command_has_a_section() -> None:
    """The reference has a section for each command, in the order of help, and no other."""
    titles = re.findall(r"^## headwater (\S+)$", page("command-line"), re.MULTILINE)
    assert titles == list(SUMMARIES)


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_argument_of_a_command_is_said(name: str) -> None:
    """A command's table has exactly its own arguments, with values and choices as in usage."""
    said = arguments_said(section(page("command-line"), f"headwater {name}"))
    assert said == arguments_of(commands()[name]) - common()


def test_the_arguments_of_all_commands_are_said_once() -> None:
    """What every command takes stands under `Everywhere`, with what only the top takes."""
    said = arguments_said(section(page("command-line"), "Everywhere"))
    codes = {code for code in said if not code.isdigit()}
    assert codes == common() | {"--version"}


def test_every_exit_code_is_said() -> None:
    """The table of exit codes has those that errors carry."""
    text = section(page("command-line"), "Everywhere")
    said = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert said == {0, errors.EXIT_FAILED, errors.EXIT_USAGE, errors.EXIT_STORE, 130}


def test_the_keys_of_labels_are_said() -> None:
    """The section on `label` names every key that the command knows."""
    text = section(page("command-line"), "headwater label")
    assert all(f"`{key}`" in text for key in KNOWN_KEYS)


def test_every_limit_is_said_with_its_value() -> None:
    """The table of limits is the module of limits."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([\d,]+) \|", page("openlineage"), re.MULTILINE)
    said = {name: int(value.replace(",", "")) for name, value in rows}
    assert said == {name: value for name, value in vars(limits).items() if name.isupper()}


def test_every_facet_that_the_graph_reads_is_said() -> None:
    """The table of facets names each one that the graph reads, and no other."""
    text = section(page("openlineage"), "Facets that the graph reads")
    cells = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    assert {code for cell in cells for code in _CODE.findall(cell)} == GRAPH_FACETS


def own_facets() -> Iterator[tuple[str, set[str]]]:
    """Our own facets and their members, the newest minor of each last."""
    folder = resources.files("headwater.openlineage") / "schemas" / "headwater"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        document = json.loads(file.read_text("utf-8"))
        yield document["title"], {name for name in document["properties"] if name[0] != "_"}


def test_every_facet_of_our_own_is_said_with_its_members() -> None:
    """The table of our facets is what their schemas say."""
    text = section(page("openlineage"), "Headwater's own facets")
    rows = re.findall(r"^\| `(headwater_\w+)` \|[^|]*\|[^|]*\| (.*) \|$", text, re.MULTILINE)
    values = {"append", "overwrite", "upsert", "delete"}
    said = {
        name: {code for code in _CODE.findall(cell) if not code.isupper()} - values
        for name, cell in rows
    }
    assert said == dict(own_facets())


def test_every_table_of_a_store_is_said_with_its_columns() -> None:
    """The table of tables is the schema of a store."""
    rows = re.findall(
        r"^\| `(\w+)` \| (`.*?`) \|", section(page("store-layout"), "Tables"), re.MULTILINE
    )
    said = {name: _CODE.findall(columns) for name, columns in rows}
    made = {}
    for kind, name, sql in schema.expected():
        if kind == "table":
            lines = (sql or "").splitlines()[1:-1]
            words = [line.split()[0] for line in lines]
            made[name] = [word for word in words if word.islower()]
    assert said == made


def test_every_environment_variable_is_said() -> None:
    """Each HEADWATER_ variable that the code reads is in the reference, and no other."""
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "examples").rglob("*.py")]
    read = {
        name
        for source in sources
        for name in re.findall(r"""["'](HEADWATER_[A-Z_]+)["']""", source.read_text("utf-8"))
    }
    assert set(re.findall(r"^\| `(HEADWATER_\w+)`", page("store-layout"), re.MULTILINE)) == read


def test_the_numbers_of_the_formats_are_those_of_the_code() -> None:
    """Sizes in the pages on formats are those of the constants."""
    text = page("ledger-format")
    assert f"at most {leaf.LEAF_BYTES_MAX:,} bytes" in text
    assert f"at most {leaf.KIND_CHARS_MAX} characters" in text
    assert f"{leaf.SALT_BYTES} random bytes" in text
    assert f"up to {tile.TILE_HASHES} hashes" in text
    assert f"the last {REJECTED_KEPT:,} rejected" in page("store-layout")
    assert f"{EXCERPT_BYTES_MAX:,} bytes of each" in page("store-layout")


def test_every_limit_of_a_bundle_is_said_with_its_value() -> None:
    """The table of limits has those of the checker and of what is gathered."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([\d,]+) \|", page("bundle"), re.MULTILINE)
    said = {name: int(value.replace(",", "")) for name, value in rows}
    made = {
        name: value
        for module in (grounds, verify_bundle)
        for name, value in vars(module).items()
        if re.fullmatch(r"(ENTRIES|SIGNATURES|[A-Z]+_BYTES)_MAX", name)
    }
    assert said == made
    assert grounds.ENTRIES_MAX == verify_bundle.ENTRIES_MAX


def members(value: Any) -> Iterator[str]:
    """Every member of a document, except in what was received or is keyed by names."""
    if isinstance(value, list):
        for item in value:
            yield from members(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            if key not in {"facets", "labels", "by_kind", "said"}:
                yield from members(item)


def test_every_member_of_an_answer_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in the answers about the tutorial's shop is in the reference."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    where = tmp_path / "store"
    with open_store(where, mode="write", create=True) as writer:
        admit(writer, SHOP.read_bytes().splitlines())
        admit_label(writer, "artifact:s3%3A%2F%2Freports/forecast.csv", key="owner", value="me")
    with open_store(where) as store:
        ask = Gateway(store)
        answers = [
            ask.trace("forecast.csv", columns=True, facets=True, revisions="all"),
            ask.trace("orders#amount"),
            ask.impact("orders/2026-11-01.json"),
            ask.paths("orders@v1", "forecast.csv"),
            *(ask.show(what) for what in ("orders", "orders@v2", "05d1e5a0", "job:train")),
            ask.show("orders#amount"),
            ask.diff("forecast.csv@v1", "forecast.csv@v2"),
            ask.diff("@3", "@5"),
            ask.search("forecast"),
            ask.why("forecast.onnx", "orders@v1"),
        ]
    said = set(_CODE.findall(page("json-answers")))
    assert {name for answer in answers for name in members(answer)} - said == set()


def test_the_shop_is_what_the_tutorial_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`shop.ndjson`, which other pages use, is made by the tutorial's own script."""
    monkeypatch.chdir(tmp_path)
    text = (DOCS / "tutorial" / "first-trace.md").read_text("utf-8")
    script = re.search(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert script
    exec(compile(script[1], "pipeline.py", "exec"), {"__name__": "__main__"})  # noqa: S102
    assert (tmp_path / "shop.ndjson").read_bytes() == SHOP.read_bytes()


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(text)
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_links_of_this_page_lead_somewhere(path: Path) -> None:
    """Each relative link names a file that is there, and a heading in it."""
    for link in _LINK.findall(path.read_text("utf-8")):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text("utf-8")), link


def test_the_index_has_every_page() -> None:
    """docs/README.md links to every page of the documentation."""
    index = DOCS / "README.md"
    linked = {(DOCS / link).resolve() for link in _LINK.findall(index.read_text("utf-8"))}
    assert {path.resolve() for path in DOCS.rglob("*.md")} - linked == {index.resolve()}


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)
def test_a_decision_record_has_its_parts(path: Path) -> None:
    """Records are numbered without gaps, and have context, decision and consequences, in order."""
    text = path.read_text("utf-8")
    number = ADRS.index(path) + 1
    assert path.name.startswith(f"{number:04}-")
    assert text.startswith(f"# {number} ")
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    parts = [title for title in titles if title in {"Context", "Decision", "Consequences"}]
    assert parts == ["Context", "Decision", "Consequences"]


def parameters(function: Any) -> set[str]:
    """The names of a function's parameters, without `self`."""
    return set(inspect.signature(function).parameters) - {"self"}


def test_every_public_name_of_the_python_api_is_said() -> None:
    """Each name that `import headwater` gives is in the reference."""
    text = page("python-api")
    names = set(headwater.__all__) - {"__version__"}
    assert {name for name in names if f"headwater.{name}" not in text} == set()


@pytest.mark.parametrize(
    ("title", "function"),
    [
        ("headwater.run", headwater.Run),
        ("run.read", headwater.Run.read),
        ("run.write", headwater.Run.write),
        ("run.model", headwater.Run.model),
        ("headwater.task", headwater.task),
        ("headwater.table", headwater.table),
        ("headwater.open", headwater.open),
    ],
)
def test_every_parameter_of_the_python_api_is_said(title: str, function: Any) -> None:
    """The table of a function has exactly its parameters."""
    text = section(page("python-api"), title).partition("| method |")[0]
    assert arguments_said(text) == parameters(function) - {"function"}


def test_every_method_of_a_lineage_is_said() -> None:
    """The table of methods is the interface, and both who answer have it."""
    rows = re.findall(
        r"^\| `(\w+)` \|(.*)\|$", section(page("python-api"), "headwater.open"), re.MULTILINE
    )
    said = {name: set(_CODE.findall(cell)) for name, cell in rows if name != "where"}
    methods = {name for name in vars(headwater.Lineage) if name.islower() and name[0] != "_"}
    assert said == {name: parameters(getattr(headwater.Lineage, name)) for name in methods}
    for kind in (Embedded, Remote):
        own = {name for name in vars(kind) if name.islower() and name[0] != "_"}
        assert own - {"of_environment"} == {"close"}
        assert not kind.__abstractmethods__


def test_every_method_of_a_run_is_said() -> None:
    """Every public method of a run has a section, but for those that adapters call."""
    methods = {
        name
        for name, value in vars(headwater.Run).items()
        if not name.startswith(("_", "record_")) and inspect.isfunction(value)
    }
    for_adapters = {"begin", "chain", "end", "has_written", "leave"}
    titles = set(re.findall(r"^## run\.(\w+)$", page("python-api"), re.MULTILINE))
    assert titles == methods - for_adapters


def test_every_adapter_is_in_the_table_of_capture() -> None:
    """Module by module, in the order in which they are listed, and no others."""
    table = page("capture").partition("\n## ")[0]
    assert re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE) == list(ADAPTERS)


def test_the_limit_of_candidates_is_documented() -> None:
    """A longer search is told as a gap."""
    from headwater.capture.adapters.sklearn import CANDIDATES_MAX

    assert f"{CANDIDATES_MAX:,} (`CANDIDATES_MAX`)" in page("capture")


def test_the_limit_of_sums_is_documented() -> None:
    """A larger array counts as changed."""
    from headwater.capture.contents import SUMMED_BYTES_MAX

    assert f"{SUMMED_BYTES_MAX // 1024**2} MiB (`SUMMED_BYTES_MAX`)" in page("capture")


def test_the_limits_of_repeats_are_documented() -> None:
    """How often an operation is recorded, and how many datasets an event has."""
    from headwater.capture.repeats import REPEATS_MAX, TOLD_MAX
    from headwater.shipping.events import DATASETS_AT_ONCE

    assert REPEATS_MAX == 100
    assert f"of up to {TOLD_MAX:,} operations" in page("capture")
    assert f"{DATASETS_AT_ONCE:,}\n(`DATASETS_AT_ONCE`)" in page("capture")

"""Finds in source files the calls that capture cannot see. Reads them; executes nothing of them."""

from __future__ import annotations

import ast
import os
import shlex
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from headwater.coverage import calls, naming
from headwater.coverage.notebooks import Cell, cells
from headwater.coverage.watched import Adapters

IGNORE: Final = "headwater: ignore"
"""A comment on the line of a call that is not to be reported."""
SUFFIXES: Final = (".py", ".pyw", ".ipynb")
_LEFT_OUT: Final = ("__pycache__", "node_modules", "site-packages", "build", "dist")

_STARTS: Final = frozenset({
    "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
    "subprocess.Popen", "subprocess.getoutput", "subprocess.getstatusoutput", "os.system",
    "os.popen", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell",
    "asyncio.subprocess.create_subprocess_exec", "asyncio.subprocess.create_subprocess_shell",
})  # fmt: skip
_HARMLESS: Final = frozenset({
    "git", "pip", "pip3", "uv", "conda", "which", "where", "uname", "hostname", "whoami", "id",
    "nvidia-smi", "rocm-smi", "lscpu", "lsof", "ps", "kill", "pkill", "ls", "pwd", "echo", "true",
    "false", "sleep", "mkdir", "chmod", "chown", "date", "env", "ldconfig", "gcc", "cc", "clang",
    "nvcc", "make", "cmake", "cython", "open", "xdg-open", "clear", "cls", "stty", "tput", "sysctl",
    "docker", "apt", "apt-get", "brew", "ruff", "black", "mypy", "headwater", "cd", "export", "set",
    "free", "df", "du", "reset", "sw_vers", "getconf", "ulimit", "xcrun", "rm",
    "pgrep", "taskkill", "pbcopy", "pbpaste", "xclip", "xsel",
})  # fmt: skip
"""Programs of which nobody expects data."""
_SPLITS: Final = ("&&", "||", ";", "|", "&")


class Finding(NamedTuple):
    """A call that capture cannot see: where, what, why, and what to do about it."""

    path: str
    cell: int | None
    line: int
    column: int
    call: str
    kind: str
    why: str
    remedy: str


class Report:
    """What came of looking at files."""

    def __init__(self) -> None:
        self.files = 0
        self.findings: list[Finding] = []
        self.unread: list[tuple[str, str]] = []
        self.adapters = Adapters()

    def document(self) -> dict[str, Any]:
        """Write it for `--json`."""
        return {
            "ask": "lint",
            "files": self.files,
            "findings": [one._asdict() for one in self.findings],
            "unread": [{"path": path, "why": why} for path, why in self.unread],
            "not_installed": sorted(self.adapters.not_installed),
            "not_captured": self.adapters.broken,
        }


def examine(paths: Iterable[str]) -> Report:
    """Look at files, and at all files of Python and notebooks in folders."""
    report = Report()
    try:
        for path in paths:
            for file in _files(path):
                _examine(file, report)
    finally:
        report.adapters.close()
    return report


def _files(path: str) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
        return
    for folder, inside, names in os.walk(path):
        inside[:] = sorted(
            one
            for one in inside
            if not one.startswith(".")
            and one not in _LEFT_OUT
            and not os.path.exists(os.path.join(folder, one, "pyvenv.cfg"))
        )
        for name in sorted(names):
            if name.endswith(SUFFIXES):
                yield os.path.join(folder, name)


def _examine(path: str, report: Report) -> None:
    try:
        with open(path, "rb") as file:
            found = cells(path, file.read())
        trees = [(cell, ast.parse(cell.source, path)) for cell in found]
    except (OSError, SyntaxError, ValueError, RecursionError) as error:
        report.unread.append((path, str(getattr(error, "msg", None) or error)))
        return
    report.files += 1
    scope = naming.Scope()
    for cell, tree in trees:
        visitor = _Visitor(path, cell, scope, report)
        for line, words in cell.commands:
            visitor.command(words, "!", line, 0)
        visitor.visit(tree)


class _Visitor(ast.NodeVisitor):
    """Goes through a tree in the order of the text, with the names that are known there."""

    def __init__(self, path: str, cell: Cell, scope: naming.Scope, report: Report) -> None:
        self._path = path
        self._cell = cell
        self._scope = scope
        self._report = report
        self._lines = cell.source.splitlines()
        self._exports = report.adapters.exports

    def visit_Import(self, node: ast.Import) -> None:
        naming.bind_imports(node, self._scope)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        naming.bind_imports(node, self._scope)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._scope.bind(node.name, None)
        for one in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if one is not None:
                self.visit(one)
        outer, self._scope = self._scope, self._scope.inner()
        given = node.args
        for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs,
                         given.vararg, given.kwarg):  # fmt: skip
            if argument is not None:
                self._scope.bind(argument.arg, None)
        for statement in node.body:
            self.visit(statement)
        self._scope = outer

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 (names of ast)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._scope.bind(node.name, None)
        outer, self._scope = self._scope, self._scope.inner()
        for one in ast.walk(node):  # attributes are known in every method
            if isinstance(one, ast.Assign) and len(one.targets) == 1:
                name = naming.key(one.targets[0])
                if name is not None and name.startswith("self."):
                    self._scope.bind(name, self._name(one.value))
        self.generic_visit(node)
        self._scope = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self._assign(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._assign(node.target, node.value)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self._assign(item.optional_vars, item.context_expr)
        for statement in node.body:
            self.visit(statement)

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._forget(node.target)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        dotted = self._name(node.func)
        if dotted is not None:
            self._look(dotted, node)
        self.generic_visit(node)

    def _name(self, node: ast.expr) -> str | None:
        return naming.dotted_name(node, self._scope, self._exports)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        name = naming.key(target)
        if name is not None:
            self._scope.bind(name, self._name(value))
        else:
            self._forget(target)

    def _forget(self, target: ast.expr) -> None:
        for one in ast.walk(target):
            if isinstance(one, ast.Name):
                self._scope.bind(one.id, None)

    def _look(self, dotted: str, node: ast.Call) -> None:
        if dotted in _STARTS:
            self._started(dotted, node)
            return
        if dotted == "fsspec.filesystem" and _first(node) in _LOCAL:
            return
        known = calls.find(dotted)
        if known is not None and not self._report.adapters.sees(dotted, known):
            self._tell(node.lineno, node.col_offset, dotted, known.kind, known.why)

    def _started(self, dotted: str, node: ast.Call) -> None:
        words = _words(node)
        if words is not None:
            self.command(words, dotted, node.lineno, node.col_offset)

    def command(self, words: list[str], dotted: str, line: int, column: int) -> None:
        """Report the programs of a command that do something with data unseen."""
        for program, arguments in _programs(words):
            if program.startswith("python"):
                if "-S" in arguments[:3]:
                    why = "starts Python with -S, which capture does not reach"
                    self._tell(line, column, dotted, calls.PROCESS, why)
            elif program not in _HARMLESS:
                why = f"starts {program}, which is no Python"
                self._tell(line, column, dotted, calls.PROCESS, why)

    def _tell(self, line: int, column: int, dotted: str, kind: str, why: str) -> None:
        if IGNORE in (self._lines[line - 1] if line <= len(self._lines) else ""):
            return
        self._report.findings.append(
            Finding(
                self._path,
                self._cell.number,
                line,
                column + 1,
                dotted,
                kind,
                why,
                calls.REMEDIES[kind],
            )
        )


_LOCAL: Final = ("file", "local", "memory")
"""What fsspec calls file systems that Python opens itself."""


def _first(node: ast.Call) -> object:
    given = node.args[0] if node.args else None
    return given.value if isinstance(given, ast.Constant) else None


def _words(node: ast.Call) -> list[str] | None:
    """Give the words of a command, as far as they stand in the text; None if the first does not."""
    given = node.args[0] if node.args else next(
        (one.value for one in node.keywords if one.arg in ("args", "cmd", "command")), None
    )  # fmt: skip
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        if len(node.args) > 1 and all(isinstance(one, ast.Constant) for one in node.args):
            return [str(one.value) for one in node.args if isinstance(one, ast.Constant)]
        try:
            return shlex.split(given.value)
        except ValueError:
            return given.value.split()
    if isinstance(given, ast.JoinedStr) and given.values:
        first = given.values[0]
        text = first.value if isinstance(first, ast.Constant) else ""
        return str(text).split()[:1] or None
    if isinstance(given, (ast.List, ast.Tuple)) and given.elts:
        words = [str(one.value) if isinstance(one, ast.Constant) else "" for one in given.elts]
        if ast.unparse(given.elts[0]) == "sys.executable":
            words[0] = "python"
        return words if words[0] else None
    return None


def _programs(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Give the programs of a command line, each with its words."""
    part: list[str] = []
    for word in [*words, ";"]:
        if word not in _SPLITS:
            part.append(word)
            continue
        while part and ("=" in part[0] or part[0] in ("sudo", "time", "nohup", "exec", "env")):
            part.pop(0)
        if part and part[0] in ("bash", "sh") and part[1:2] in (["-c"], ["-lc"], ["-ec"]):
            yield from _programs(" ".join(part[2:]).split())
        elif part:
            yield os.path.basename(part[0]), part[1:]
        part = []

"""What is known of this process without asking anybody: who, where, with what code and seeds.

Everything is read from the interpreter, the environment and a few files; no process is started.
What cannot be told is left out, never guessed.
"""

from __future__ import annotations

import os
import sys

from headwater.capture import datasets, hashing, location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final, TypeAlias


LOCKS: Final = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "conda-lock.yml", "pixi.lock",
    "requirements.lock", "requirements.txt",
)  # fmt: skip
"""Files that pin dependencies, the first that is there counts."""
_KERNELS: Final = ("ipykernel", "ipykernel_launcher")
"""Modules that are started for a notebook."""
LOCK_BYTES_MAX: Final = 16 * 1024 * 1024
VARIABLES: Final = (
    "CI", "CUDA_VISIBLE_DEVICES", "GITHUB_ACTIONS", "GITHUB_ACTOR", "GITHUB_REF",
    "GITHUB_REPOSITORY", "GITHUB_RUN_ATTEMPT", "GITHUB_RUN_ID", "GITHUB_SHA", "GITHUB_WORKFLOW",
    "GITLAB_CI", "CI_COMMIT_SHA", "CI_JOB_ID", "CI_PIPELINE_ID", "CI_PROJECT_PATH", "BUILD_NUMBER",
    "BUILD_TAG", "JOB_NAME",
    "BUILDKITE", "BUILDKITE_BUILD_ID", "BUILDKITE_PIPELINE_SLUG", "CIRCLECI", "CIRCLE_BUILD_NUM",
    "CIRCLE_PROJECT_REPONAME", "CONDA_DEFAULT_ENV", "OMP_NUM_THREADS", "PYTHONHASHSEED",
)  # fmt: skip
"""Variables whose values are recorded; of all others, not even the names."""

Said: TypeAlias = "dict[str, Any]"

DESCRIPTION_CHARS_MAX: Final = 1_024


def process(root: str) -> Said:
    """Describe this process, for the head of its first segment. `root` is the store."""
    from headwater.capture import git  # needed once, and not by programs that never record

    project = location.project(os.getcwd())
    script = entry_script()
    code, gaps = git.describe(project)
    if script is not None:
        code["entryPoint"] = _relative(script, project)
        digest = _digest(script, LOCK_BYTES_MAX)
        if digest is not None:
            code["entryDigest"] = digest
    return {
        "host": datasets.host(),
        "namespace": job_namespace(root),
        "code": code,
        "environment": environment(project),
        "actor": actor(),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
        "gaps": gaps,
    }


def job_namespace(root: str) -> str:
    """Name the jobs' namespace: `OPENLINEAGE_NAMESPACE`, else the project's folder."""
    named = os.environ.get("OPENLINEAGE_NAMESPACE")
    above, name = os.path.split(root)
    project = above if name == location.DIRECTORY else location.project(os.getcwd())
    return named or os.path.basename(project) or "default"


def script_name() -> str:
    """Name what runs: the script without its suffix, the module, or how Python was started."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    name = "" if spec is None else str(spec.name)
    if name not in ("", "__main__") and name.partition(".")[0] not in _KERNELS:
        return name.removesuffix(".__main__")
    option, word = started(sys.orig_argv)
    if "ipykernel" in sys.modules or word.partition(".")[0] in _KERNELS:
        return _notebook() or "notebook"
    if option == "-m":
        return word.removesuffix(".__main__")
    script = entry_script()
    if script is None:
        return "python"
    return os.path.splitext(os.path.basename(script))[0]


def _notebook() -> str | None:
    """Name the notebook that this process is the kernel of, as far as that is said to it."""
    main = sys.modules.get("__main__")
    named = getattr(main, "__vsc_ipynb_file__", None) or os.environ.get("JPY_SESSION_NAME", "")
    if isinstance(named, str) and named.endswith(".ipynb"):
        return os.path.splitext(os.path.basename(named))[0]
    return None


def script_description() -> str | None:
    """Give the first paragraph of the script's docstring; None without one, and for notebooks."""
    text = getattr(sys.modules.get("__main__"), "__doc__", None)
    if not isinstance(text, str) or "IPython" in sys.modules:
        return None
    return " ".join(text.strip().partition("\n\n")[0].split())[:DESCRIPTION_CHARS_MAX] or None


def entry_script() -> str | None:
    """Find the script that was started; None for `-c`, standard input and notebooks."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if not isinstance(file, str):
        # So early in the start of Python nobody has set it yet.
        option, file = started(sys.orig_argv)
        if option:
            return None
    if "ipykernel" in sys.modules or os.path.basename(file).startswith(_KERNELS):
        return None
    path = os.path.realpath(file)
    return path if os.path.isfile(path) else None


def started(words: list[str]) -> tuple[str, str]:
    """Tell what Python was given on its command line.

    `("", script)`, `("-m", module)`, `("-c", code)`; `("-", "")` is standard input, or the prompt.
    """
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-") or word == "-":
            return ("-", "") if word == "-" else ("", word)
        if word.startswith("--"):
            if word == "--check-hash-based-pycs":
                next(rest, None)
            continue
        for place, letter in enumerate(word[1:], start=2):
            if letter in "cm":
                return f"-{letter}", word[place:] or next(rest, "")
            if letter in "WX":
                if not word[place:]:
                    next(rest, None)
                break
    return "-", ""


def command_name(words: Sequence[str]) -> str:
    """Name a command: its program, and the script or module that an interpreter is given."""
    program = os.path.basename(words[0])
    if program.startswith(("python", "pypy")):
        option, word = started(list(words))
        if option in ("", "-m") and word:
            return f"{program} {os.path.basename(word)}"
    return program


def environment(project: str) -> Said:
    """Describe interpreter and machine."""
    said: Said = {
        "python": sys.version.partition(" ")[0],
        "implementation": sys.implementation.name,
        "platform": sys.platform,
        "node": datasets.host(),
        "hardware": {"cpus": os.cpu_count()},
    }
    if hasattr(os, "uname"):
        machine = os.uname()
        said["platform"] = f"{machine.sysname} {machine.release} {machine.machine}"
        said["hardware"]["machine"] = machine.machine
    gpus = _gpus()
    if gpus:
        said["hardware"]["gpus"] = gpus
    for name in LOCKS:
        digest = _digest(os.path.join(project, name), LOCK_BYTES_MAX)
        if digest is not None:
            said["lockDigest"] = f"sha256:{digest}"
            break
    return said


def actor() -> Said:
    """Name who acts, as this environment asserts: a CI job, else the user of this process."""
    environ = os.environ
    if environ.get("GITHUB_ACTIONS") == "true":
        return {
            "issuer": environ.get("GITHUB_SERVER_URL", "https://github.com"),
            "subject": f"repo:{environ.get('GITHUB_REPOSITORY')}"
            f":run:{environ.get('GITHUB_RUN_ID')}:actor:{environ.get('GITHUB_ACTOR')}",
            "kind": "service",
        }
    if environ.get("GITLAB_CI") == "true":
        return {
            "issuer": environ.get("CI_SERVER_URL", "https://gitlab.com"),
            "subject": f"project_path:{environ.get('CI_PROJECT_PATH')}"
            f":job:{environ.get('CI_JOB_ID')}",
            "kind": "service",
        }
    return {"issuer": f"host:{datasets.host()}", "subject": _user(), "kind": "person"}


def seeds() -> Said:
    """Tell the seeds of the generators that this process has imported, or digests of their states.

    `random` and numpy do not keep their seed: the digest of the state says whether two runs began
    alike. torch does keep it.
    """
    found: Said = {}
    modules = sys.modules
    if "random" in modules:
        found["random"] = {"state": _state(modules["random"].getstate())}
    numpy = modules.get("numpy.random")
    if numpy is not None:
        name, keys, *rest = numpy.get_state()
        found["numpy"] = {"state": _state((name, keys.tobytes(), rest))}
    torch = modules.get("torch")
    if torch is not None and hasattr(torch, "initial_seed"):
        found["torch"] = int(torch.initial_seed())
    return found


def peak_memory_bytes() -> int | None:
    """Tell the most memory that this process held so far, where the system counts it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) * (1 if sys.platform == "darwin" else 1024)


def _state(state: object) -> str:
    return f"sha256:{hashing.sha256(repr(state).encode())}"


def _user() -> str:
    for variable in ("USER", "LOGNAME", "USERNAME"):
        if os.environ.get(variable):
            return os.environ[variable]
    return f"uid:{os.getuid()}" if hasattr(os, "getuid") else "unknown"


def _gpus() -> list[str]:
    """The models of NVIDIA's cards, from what their driver says under /proc."""
    found = []
    folder = "/proc/driver/nvidia/gpus"
    try:
        for card in sorted(os.listdir(folder)):
            with open(os.path.join(folder, card, "information"), encoding="utf-8") as lines:
                found += [x.partition(":")[2].strip() for x in lines if x.startswith("Model:")]
    except OSError:
        return []
    return found


def _digest(path: str, bytes_max: int) -> str | None:
    try:
        with open(path, "rb") as file:
            data = file.read() if os.fstat(file.fileno()).st_size <= bytes_max else None
    except OSError:
        return None
    return None if data is None else hashing.sha256(data)


def _relative(path: str, project: str) -> str:
    real = os.path.realpath(project)
    inside = path.startswith(os.path.join(real, ""))
    return os.path.relpath(path, real) if inside else os.path.basename(path)

"""Comparing the contents of a large ledger in several processes, each with a range of entries.

The shares only say whether they are sound. Where one is not, the whole is compared again in one
pass, which alone can tell a moved entry from a changed one: damage is rare and may cost time.

    python -m headwater.store.sharing ROOT FIRST END
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from headwater.store import database, inspecting
from headwater.store.comparing import CHUNK_ENTRIES, Comparison
from headwater.store.projecting import Progress
from headwater.store.report import Findings

SHARED_ENTRIES_MIN = 5_000
"""Below this, starting processes costs more than they save: about a second's work."""
WORKERS_MAX = 8
_POLL_SECONDS = 0.1


class Shares:
    """The ranges of a ledger and the processes that compare them."""

    def __init__(self, root: Path, begin: int, end: int) -> None:
        """Start a process for each range; none where it is not worth it."""
        self._shares: list[_Share] = []
        self._size = end
        self._begin = begin
        workers = min(os.cpu_count() or 1, WORKERS_MAX)
        if workers < 2 or end - begin < SHARED_ENTRIES_MIN:
            return
        step = -(-(end - begin) // workers // CHUNK_ENTRIES) * CHUNK_ENTRIES
        for first in range(begin, end, step):
            self._shares.append(_Share(root, first, min(first + step, end)))

    def __len__(self) -> int:
        return len(self._shares)

    def finish(self, progress: Progress | None = None) -> Mapping[str, int] | None:
        """Wait for all; what was checked, or None when not everything was found sound."""
        for share in self._shares:
            while share.thread.is_alive():
                share.thread.join(_POLL_SECONDS)
                if progress is not None:
                    done = sum(one.done for one in self._shares)
                    progress(self._begin + done, self._size)
        checked: Counter[str] = Counter()
        for share in self._shares:
            if share.checked is None:
                return None
            checked.update(share.checked)
        return checked


class _Share:
    """One process, and a thread that listens to it."""

    def __init__(self, root: Path, first: int, end: int) -> None:
        command = [sys.executable, "-m", "headwater.store.sharing", str(root)]
        self.done = 0
        self.checked: dict[str, int] | None = None
        self._process = subprocess.Popen(  # noqa: S603
            [*command, str(first), str(end)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        last = ""
        with self._process as process:
            for line in process.stdout or ():
                last = line
                if line.strip().isdigit():
                    self.done = int(line)
        if process.returncode == 0:
            self.checked = json.loads(last)


def compare_share(root: Path, first: int, end: int, progress: Progress | None = None) -> Findings:
    """Compare the entries from `first` to `end` with all that stands beside them."""
    findings = Findings()
    connection = database.connect_reader(root)
    try:
        frame = inspecting.read_frame(connection, findings)
        state = frame.state._replace(size=end, root=b"")
        frame = frame._replace(state=state, spare=[])
        comparison = Comparison(connection, frame, findings, begin=first, contents=lambda _: True)
        comparison.run(progress)
    finally:
        connection.close()
    return findings


def main(root: str, first: str, end: str) -> int:
    """Print how many entries are done, then what was checked; 1 unless all of it is sound."""

    def tell(done: int, _: int) -> None:
        sys.stdout.write(f"{done - int(first)}\n")
        sys.stdout.flush()

    report = compare_share(Path(root), int(first), int(end), tell).report()
    sys.stdout.write(json.dumps(dict(report.checked)) + "\n")
    return 0 if report.sound else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

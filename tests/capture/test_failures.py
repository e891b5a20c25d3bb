"""Whatever goes wrong with recording, users' programs do not notice; and it is said once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headwater.capture import runtime, segments, spool
from headwater.capture.runtime import WAITING_BYTES_MAX, Recorder
from headwater.capture.spool import DESCRIPTOR_MIN, RECORD_BYTES_MAX, SEGMENT_BYTES_MAX
from headwater.shipping import quarantine, status
from headwater.shipping.shipping import Shipping
from headwater.shipping.streams import streams
from tests.capture.conftest import Script, environment, events, last, names, records
from tests.capture.test_runs import TRAIN


def test_a_folder_that_cannot_be_written_costs_one_line(script: Script, project: Path) -> None:
    """The program runs as ever; one line on standard error says what is missing."""
    (project / ".headwater").write_text("no folder")
    done = script(TRAIN + "\nprint('here')\n")
    assert (done.returncode, done.stdout) == (0, "here\n")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("headwater: not all lineage is recorded: ")


def test_nonsense_costs_one_line_and_nothing_else(script: Script, project: Path) -> None:
    """Arguments that make no sense are told of once, and never raised."""
    done = script("""
import headwater
with headwater.run("r") as run:
    assert run.read(7) == 7
    assert run.write(("only one",)) == ("only one",)
    run.read("")
    run.params({"ok": object(), "nan": float("nan")})
    run.write("out.csv", inputs=[None])
    run.read("a.csv")
run.read("b.csv")
with run:
    pass
""")
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1)
    end = last(project, "r")
    assert (end["eventType"], names(end["inputs"])) == ("COMPLETE", ["a.csv"])


def test_nothing_is_recorded_when_that_is_asked(script: Script, project: Path) -> None:
    """HEADWATER_DISABLE leaves no trace."""
    done = script(TRAIN, HEADWATER_DISABLE="1")
    assert (done.returncode, done.stderr, (project / ".headwater").exists()) == (0, "", False)


def test_a_file_that_changes_is_missed_and_not_wrong(script: Script, project: Path) -> None:
    """No digest is better than that of other bytes; the reason is said."""
    script("""
import headwater
with headwater.run("r") as run:
    run.read("a.csv")
    run.read("not-there.csv")
    open("a.csv", "a").write("more")
""")
    said = [one["facets"]["headwater_digest"]["missed"] for one in last(project, "r")["inputs"]]
    assert said == ["it was changed after that", "it is not there"]


def test_a_large_file_is_hashed_by_the_shipper_as_it_was(script: Script, project: Path) -> None:
    """Until it is shipped nothing may change; what changed is missed."""
    code = """
import headwater
for name in ("same.bin", "other.bin"):
    open(name, "wb").truncate(1024 * 1024)
with headwater.run("r") as run:
    run.write("same.bin")
    run.write("other.bin")
"""
    script(code)
    put_off = [one["digest"] for one in records(project) if one["k"] == "digest"]
    assert all("later" in one for one in put_off)
    (project / "other.bin").write_bytes(b"changed")
    digests = [one["facets"]["headwater_digest"] for one in last(project, "r")["outputs"]]
    assert digests[0]["size"] == 1024 * 1024
    assert "changed" in digests[1]["missed"]
    (project / "same.bin").write_bytes(b"changed")
    again = [one["facets"]["headwater_digest"] for one in last(project, "r")["outputs"]]
    assert again == digests  # what was hashed once stays


def test_a_folder_has_the_digest_of_its_manifest(script: Script, project: Path) -> None:
    """A copy of a folder has the digest of the folder; another file in it gives another one."""
    (project / "parts" / "x").mkdir(parents=True)
    (project / "parts" / "x" / "1").write_text("1")
    (project / "parts" / "2").write_text("2")
    shutil.copytree(project / "parts", project / "copy")
    shutil.copytree(project / "parts", project / "more")
    (project / "more" / "3").write_text("3")
    script("""
import headwater
with headwater.run("r") as run:
    for name in ("parts", "copy", "more"): run.write(name)
""")
    digests = [one["facets"]["headwater_digest"] for one in last(project, "r")["outputs"]]
    assert [one["of"] for one in digests] == ["manifest"] * 3
    assert digests[0]["value"] == digests[1]["value"] != digests[2]["value"]


class Disk:
    """os.write of a disk that is full at times."""

    def __init__(self) -> None:
        self.full = False
        self.partly = 0

    def write(self, descriptor: int, data: bytes) -> int:
        """Write all, a part, or raise."""
        if self.full:
            if self.partly:
                return REAL_WRITE(descriptor, data[: self.partly])
            raise OSError(28, "No space left on device")
        return REAL_WRITE(descriptor, data)


REAL_WRITE = os.write


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk that can be full; and nobody was told of anything yet."""
    found = Disk()
    monkeypatch.setattr("headwater.capture.spool.os.write", found.write)
    monkeypatch.setattr(runtime, "_complaints", set())
    return found


def kinds(root: Path) -> list[str]:
    """The records in a spool."""
    held = segments.held(str(root / "spool"))
    found = [one for segment in held for one in segments.read(segment.path)]
    assert all(isinstance(one, segments.Read) for one in found)
    return [one.record["k"] for one in found if isinstance(one, segments.Read)]


@pytest.mark.parametrize("partly", [0, 5])
def test_a_full_disk_loses_nothing_for_a_while(
    tmp_path: Path, disk: Disk, capsys: pytest.CaptureFixture[str], partly: int
) -> None:
    """Records wait in memory while the disk is full, and are whole when there is room again."""
    recorder = Recorder(str(tmp_path))
    recorder.append({"k": "one"})
    disk.full, disk.partly = True, partly
    recorder.append({"k": "two"})
    recorder.append({"k": "three"})
    disk.full = False
    recorder.append({"k": "four"})
    recorder.close()
    assert kinds(tmp_path) == ["process", "one", "two", "three", "four"]
    assert capsys.readouterr().err.count("\n") == 1


def test_what_is_too_much_to_keep_is_counted(tmp_path: Path, disk: Disk) -> None:
    """Beyond WAITING_BYTES_MAX records are lost, and their number is recorded."""
    recorder = Recorder(str(tmp_path))
    recorder.append({"k": "one"})
    disk.full = True
    large = {"k": "large", "x": "x" * (WAITING_BYTES_MAX // 4)}
    for _ in range(6):
        recorder.append(large)
    disk.full = False
    recorder.flush()
    recorder.close()
    assert kinds(tmp_path) == ["process", "one", "large", "large", "large", "lost"]


def test_what_a_full_disk_swallowed_is_known_when_the_program_was_killed(
    tmp_path: Path, disk: Disk
) -> None:
    """Nobody could write down what was lost; that something was has room."""
    recorder = Recorder(str(tmp_path))
    recorder.append({"k": "begin", "at": 1, "r": "r", "job": ["n", "job"]})
    disk.full = True
    recorder.append({"k": "read", "at": 2, "r": "r", "d": ["ns", "a"]})
    assert recorder._segment is not None
    recorder._segment.close()
    why = "some records could not be written: No space left on device"
    assert status.dropped(tmp_path) == [f"{why} (process {os.getpid()})"]
    (stream,) = streams(tmp_path / "spool")
    *_, last = stream.events()
    assert why.encode() in last
    stream.remove()
    assert list((tmp_path / "spool").iterdir()) == []


def test_what_could_be_written_after_all_is_not_missed(tmp_path: Path, disk: Disk) -> None:
    """Once there is room again, the number of what was lost says it all."""
    recorder = Recorder(str(tmp_path))
    recorder.append({"k": "begin", "at": 1, "r": "r", "job": ["n", "job"]})
    disk.full = True
    recorder.append({"k": "read", "at": 2, "r": "r", "d": ["ns", "a"]})
    disk.full = False
    recorder.flush()
    recorder.close()
    assert status.dropped(tmp_path) == []


def test_a_process_that_could_record_nothing_is_told_of(tmp_path: Path, disk: Disk) -> None:
    """By the status, and in quarantine once the rest was shipped."""
    disk.full = True
    Recorder(str(tmp_path)).append({"k": "one"})
    assert len(status.dropped(tmp_path)) == 1
    disk.full = False
    Shipping(tmp_path, lambda _: []).pass_over()
    assert status.dropped(tmp_path) == []
    (kept,) = quarantine.kept(tmp_path)
    assert "No space left on device" in kept.reason


def test_a_spool_that_is_removed_is_begun_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was recorded until that was noticed is gone, which is said; what comes is recorded."""
    monkeypatch.setattr(runtime, "_complaints", set())
    monkeypatch.setattr(runtime, "LOOK_SECONDS", 0)
    recorder = Recorder(str(tmp_path / ".headwater"))
    recorder.append({"k": "one"})
    shutil.rmtree(tmp_path / ".headwater")
    recorder.append({"k": "two"})
    recorder.append({"k": "three"})
    recorder.close()
    assert kinds(tmp_path / ".headwater") == ["process", "lost", "two", "three"]
    assert "it was removed" in capsys.readouterr().err


def test_a_spool_that_was_removed_is_noticed_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a second of its removal nobody has looked yet; the end of the process does."""
    monkeypatch.setattr(runtime, "_complaints", set())
    recorder = Recorder(str(tmp_path / ".headwater"))
    recorder.append({"k": "one"})
    recorder.append({"k": "two"})
    shutil.rmtree(tmp_path / ".headwater")
    recorder.append({"k": "three"})
    recorder.flush()
    recorder.close()
    assert kinds(tmp_path / ".headwater") == ["process", "lost"]
    assert "it was removed" in capsys.readouterr().err


def test_a_descriptor_that_the_program_closed_is_not_written_to(tmp_path: Path) -> None:
    """Its number may be of a file of the program's: another segment is begun."""
    recorder = Recorder(str(tmp_path))
    recorder.append({"k": "one"})
    assert recorder._segment is not None
    number = recorder._segment._descriptor
    with (tmp_path / "mine").open("wb") as mine:
        os.dup2(mine.fileno(), number)
        recorder.append({"k": "two"})
        recorder.close()
        assert (tmp_path / "mine").read_bytes() == b""
        os.close(number)
    assert kinds(tmp_path) == ["process", "one", "process", "two"]


def test_descriptors_are_out_of_the_way(tmp_path: Path) -> None:
    """Files of the program have the numbers that they would have without us."""
    recorder = Recorder(str(tmp_path))
    recorder.append({"k": "one"})
    assert recorder._segment is not None
    assert recorder._segment._descriptor >= DESCRIPTOR_MIN
    recorder.close()


def test_segments_are_rotated_and_read_as_one(tmp_path: Path) -> None:
    """No segment is larger than SEGMENT_BYTES_MAX; a process stays alive from one to the next."""
    recorder = Recorder(str(tmp_path))
    record = {"k": "x", "x": "x" * (RECORD_BYTES_MAX - 100)}
    for _ in range(20):
        recorder.append(record)
    held = segments.held(str(tmp_path / "spool"))
    sizes = [Path(one.path).stat().st_size for one in held]
    assert len(held) == 3
    assert max(sizes) <= SEGMENT_BYTES_MAX
    assert [segments.is_live(one.path) for one in held] == [False, False, True]
    recorder.close()
    assert kinds(tmp_path).count("x") == 20


def test_a_record_has_a_limit() -> None:
    """A record of RECORD_BYTES_MAX is taken, one byte more is not."""
    empty = len(spool.frame({"x": ""})) - spool.HEADER_BYTES
    text = "x" * (RECORD_BYTES_MAX - empty)
    assert len(spool.frame({"x": text})) == RECORD_BYTES_MAX + spool.HEADER_BYTES
    with pytest.raises(ValueError, match="RECORD_BYTES_MAX"):
        spool.frame({"x": text + "x"})


@pytest.mark.slow
def test_a_small_disk_fills_up(tmp_path: Path) -> None:
    """On a real file system that is full, the program goes on and what was said before is whole."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("no tmpfs can be mounted here: needs root with CAP_SYS_ADMIN")
    try:
        code = """
import headwater
for number in range(1000):
    with headwater.run("r") as run:
        run.read(("ns", f"a{number}"))
print("here")
"""
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env=environment(tmp_path), text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (0, "here\n")
        assert len(done.stderr.splitlines()) == 1
        assert sum(one["eventType"] == "COMPLETE" for one in events(folder)) > 20
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_service_that_is_down_is_not_waited_for(script: Script, project: Path) -> None:
    """The program ends as fast as ever, and the records wait in the spool."""
    script(TRAIN)
    alone = timed(script, HEADWATER_SHIP="no")
    # RFC 5737: nobody answers there, and nobody says so.
    beside = timed(script, HEADWATER_SHIP="yes", HEADWATER_URL="http://192.0.2.1:9")
    assert beside - alone < 2.0  # a connection would take ten
    assert len([one for one in records(project) if one["k"] == "end"]) == 3


def timed(script: Script, **more: str) -> float:
    """Seconds that a program takes."""
    began = time.monotonic()
    assert script(TRAIN, **more).returncode == 0
    return time.monotonic() - began

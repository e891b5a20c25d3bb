"""Scripts as data engineers write them, and what each of their files came from, written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capture.conftest import Launch
from tests.capture.lineage import Output, Recorded

pytestmark = pytest.mark.slow  # each test imports pandas in a process of its own


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with sales, stores and rates."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sales.csv").write_text(
        "day,store,kind,qty,price\n"
        "2024-01-01,1,a,2,1.5\n2024-01-02,2,b,3,2.5\n2024-01-05,1,a,4,3.5\n2024-01-06,3,c,5,4.5\n"
    )
    (folder / "stores.csv").write_text("store,city\n1,Ulm\n2,Bonn\n3,Ulm\n")
    (folder / "rates.csv").write_text("day,rate\n2024-01-01,1.1\n2024-01-04,1.2\n")
    return folder


def outputs(project: Path) -> dict[str, Output]:
    """What is said of each file that the script wrote."""
    return Recorded(project / ".headwater").outputs("job")


def test_keys_of_groups_that_stay_columns_come_from_their_columns(
    launch: Launch, project: Path
) -> None:
    """One column that is aggregated by groups, whose keys are no labels (`as_index=False`)."""
    launch("""
        import pandas as pd
        s = pd.read_csv("sales.csv")
        s.groupby(["store", "kind"], as_index=False)["qty"].sum().to_csv("o.csv", index=False)
    """)
    assert outputs(project)["o.csv"] == Output(
        ["sales.csv"],
        {
            "store": ["sales.csv.store IDENTITY"],
            "kind": ["sales.csv.kind IDENTITY"],
            "qty": ["sales.csv.qty AGGREGATION"],
        },
        ["sales.csv.kind GROUP_BY", "sales.csv.store GROUP_BY"],
    )


def test_a_member_of_an_archive_is_read_from_the_archive(launch: Launch, project: Path) -> None:
    """Whatever else has the member's name, and through whatever else it is read."""
    launch("""
        import bz2, io, lzma, tarfile, zipfile
        import pandas as pd
        with zipfile.ZipFile("z.zip", "w") as z:
            z.writestr("stores.csv", "x\\n1\\n")
        with tarfile.open("t.tar.gz", "w:gz") as t:
            member = tarfile.TarInfo("sales.csv")
            member.size = 4
            t.addfile(member, io.BytesIO(b"x\\n1\\n"))
        with bz2.open("b.bz2", "wt") as f:
            f.write("x\\n1\\n")
        with lzma.open("l.xz", "wb") as f:
            f.write(b"x\\n1\\n")
        with zipfile.ZipFile("z.zip") as z, z.open("stores.csv") as f:
            pd.read_csv(f).to_csv("a.csv", index=False)
        with zipfile.ZipFile("z.zip") as z, z.open("stores.csv") as f:
            pd.read_csv(io.TextIOWrapper(f)).to_csv("b.csv", index=False)
        with tarfile.open("t.tar.gz") as t:
            pd.read_csv(t.extractfile("sales.csv")).to_csv("c.csv", index=False)
        with bz2.open("b.bz2", "rt") as f:
            pd.read_csv(f).to_csv("d.csv", index=False)
        with lzma.open("l.xz") as f:
            pd.read_csv(f).to_csv("e.csv", index=False)
    """)
    found = outputs(project)
    sources = {"a": "z.zip", "b": "z.zip", "c": "t.tar.gz", "d": "b.bz2", "e": "l.xz"}
    for name, source in sources.items():
        assert found[f"{name}.csv"] == Output([source], {"x": [f"{source}.x IDENTITY"]}, [])


def test_what_is_read_in_chunks_is_of_the_file(launch: Launch, project: Path) -> None:
    """Chunks one by one, a part, and all of them put together."""
    launch("""
        import pandas as pd
        parts = [c.groupby("store")["qty"].sum() for c in pd.read_csv("sales.csv", chunksize=3)]
        pd.concat(parts).groupby(level=0).sum().to_csv("sums.csv")
        with pd.read_csv("stores.csv", iterator=True) as reader:
            reader.get_chunk(2)[["city"]].to_csv("head.csv", index=False)
        pd.concat(pd.read_csv("stores.csv", chunksize=2)).to_csv("all.csv", index=False)
    """)
    found = outputs(project)
    assert found["sums.csv"] == Output(
        ["sales.csv"],
        {"store": ["sales.csv.store IDENTITY"], "qty": ["sales.csv.qty AGGREGATION"]},
        ["sales.csv.store GROUP_BY"],
    )
    assert found["head.csv"] == Output(["stores.csv"], {"city": ["stores.csv.city IDENTITY"]}, [])
    assert found["all.csv"] == Output(["stores.csv"], {}, [])


def test_a_column_that_was_read_as_labels_comes_from_its_column(
    launch: Launch, project: Path
) -> None:
    """Written as it is, as a column again, and where rows meet by it."""
    launch("""
        import pandas as pd
        r = pd.read_csv("rates.csv", index_col="day")
        r["before"] = r["rate"].shift(1)
        r.to_csv("o.csv")
        r.reset_index()[["day"]].to_csv("d.csv", index=False)
    """)
    found = outputs(project)
    assert found["o.csv"].columns == {
        "day": ["rates.csv.day IDENTITY"],
        "rate": ["rates.csv.rate IDENTITY"],
        "before": ["rates.csv.rate TRANSFORMATION"],
    }
    assert found["d.csv"].columns == {"day": ["rates.csv.day IDENTITY"]}


def test_a_part_of_the_array_of_a_column_is_of_the_column(launch: Launch, project: Path) -> None:
    """Of that of a frame it is of nothing exactly: nobody knows which columns are in it."""
    launch("""
        import numpy as np, pandas as pd
        s = pd.read_csv("sales.csv")
        X, y = s[["qty", "price"]].values, s["store"].values
        np.save("x.npy", X[:2])
        pd.DataFrame({"x": X[:, 1]}).to_csv("x.csv", index=False)
        pd.DataFrame({"y": y[2:]}).to_csv("y.csv", index=False)
    """)
    found = outputs(project)
    assert found["x.npy"].inputs is None
    assert found["x.csv"].inputs is None
    assert found["y.csv"] == Output(["sales.csv"], {"y": ["sales.csv.store IDENTITY"]}, [])

"""Twenty lines from a CSV file to a traced model: `python examples/hello_lineage.py`."""

import csv
import json
import tempfile
from pathlib import Path

import headwater

folder = Path(tempfile.mkdtemp())
data, model = folder / "flights.csv", folder / "delay.json"
data.write_text("carrier,delay\nUA,12\nAA,3\nUA,20\n")

with headwater.run("train", params={"per": "carrier"}) as run:
    with run.read(data, source=True).open() as file:
        rows = [(row["carrier"], float(row["delay"])) for row in csv.DictReader(file)]
    delays = {name: [d for n, d in rows if n == name] for name, _ in rows}
    means = {name: sum(found) / len(found) for name, found in delays.items()}
    run.write(model, kind="model", metrics={"carriers": len(means)}).write_text(json.dumps(means))

with headwater.open() as lineage:
    for node in lineage.trace(model)["nodes"]:
        print(node["kind"], node["ref"])

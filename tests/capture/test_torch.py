"""PyTorch: from data to tensors, through training, into files, and out of them again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.capture import apart
from tests.capture.conftest import environment, events, last, names
from tests.capture.test_launching import command, lineage
from tests.capture.test_pandas import inputs, written
from tests.capture.test_sklearn import project, training

__all__ = ["project"]

pytestmark = [
    pytest.mark.slow,
    apart.needs("torch"),
]  # each test imports PyTorch in a process of its own


def run(project: Path, code: str, name: str = "job.py") -> None:
    """Capture a script that uses PyTorch."""
    apart.run("torch", project, code, name)


LOAD = """
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split
torch.manual_seed(7)
a, other = pd.read_csv("a.csv"), pd.read_csv("b.csv")
X = torch.tensor(a[["x", "z"]].to_numpy(copy=True), dtype=torch.float32)
y = torch.from_numpy(a["late"].to_numpy(copy=True)).float().reshape(-1, 1)
Q = torch.as_tensor(other[["x", "z"]].to_numpy(copy=True)).to(torch.float32)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(2, 4), nn.Linear(4, 1)
    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))
model = Net()
"""
FIT = """
loss = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
loader = DataLoader(TensorDataset(X, y), batch_size=8, shuffle=True)
for epoch in range(3):
    for inside, truth in loader:
        optimizer.zero_grad()
        loss(model(inside), truth).backward()
        optimizer.step()
"""


def test_a_model_is_followed_from_data_to_predictions(project: Path) -> None:
    """Trained on batches of a file, saved, loaded elsewhere, and asked about another file."""
    run(project, f'{LOAD}{FIT}torch.save(model.state_dict(), "m.pt")\n', "train.py")
    assert lineage(project, "train") == (["a.csv", "b.csv"], ["m.pt"])
    (output,) = last(project, "train")["outputs"]
    facets = output["facets"]
    assert names(facets["lineage"]["inputs"]) == ["a.csv"]
    assert facets["datasetType"]["datasetType"] == "MODEL"
    told = facets["headwater_training"]
    assert told["estimator"] == "__main__.Net"
    assert told["hyperparameters"].items() >= {
        "optimizer": "torch.optim.SGD", "lr": 0.01, "momentum": 0.9,
    }.items()  # fmt: skip
    assert told["seeds"] == {"torch": 7}
    assert told["metrics"] == {"steps": 15, "epochs": 3}
    run(
        project,
        f'{LOAD}model.load_state_dict(torch.load("m.pt"))\n'
        'with torch.no_grad():\n    torch.save(model(Q), "p.pt")\n'
        '    np.save("p.npy", model(Q).softmax(1).argmax(1).numpy())\n'
        '    np.save("q.npy", torch.cat([model(Q[:1]), model(Q[1:])]).numpy())\n'
        'with torch.inference_mode():\n    torch.save(model(Q), "i.pt")\n',
    )
    for name in ("p.pt", "p.npy", "q.npy", "i.pt"):
        assert inputs(project, name) == ["b.csv", "m.pt"], name
    made = facets["headwater_digest"]["value"]
    (read,) = [one for one in last(project, "job")["inputs"] if one["name"].endswith("m.pt")]
    assert read["facets"]["headwater_digest"]["value"] == made


def test_a_model_without_batches_is_followed_too(project: Path) -> None:
    """All rows at once; the whole module in a file, and another optimizer afterwards."""
    run(
        project,
        f"{LOAD}loss = nn.MSELoss()\n"
        "for kind in (torch.optim.Adam, torch.optim.SGD):\n"
        "    optimizer = kind(model.parameters(), lr=0.5)\n"
        "    for _ in range(4):\n"
        "        value = loss(model(X), y)\n        value.backward()\n        optimizer.step()\n"
        'torch.save(model, "m.pt")\ntorch.save(model.hidden, "part.pt")\n',
        "train.py",
    )
    (output,) = [o for o in last(project, "train")["outputs"] if o["name"].endswith("/m.pt")]
    assert names(output["facets"]["lineage"]["inputs"]) == ["a.csv"]
    told = output["facets"]["headwater_training"]
    assert told["metrics"] == {"steps": 8}
    assert told["hyperparameters"]["optimizer"] == "torch.optim.Adam"
    assert told["hyperparameters"]["optimizer1__optimizer"] == "torch.optim.SGD"
    run(
        project,
        "import torch\nfrom torch import nn\n"
        "class Net(nn.Module):\n    def forward(self, x):\n"
        "        return self.out(torch.relu(self.hidden(x)))\n"
        'model = torch.load("m.pt", weights_only=False)\ntorch.save(model, "again.pt")\n',
    )
    assert inputs(project, "again.pt") == ["m.pt"]


UNKNOWN = {
    "a loss of the program's own": "(model(X) - y).pow(2).mean().backward()",
    "a target of unknown origin": "loss(model(X), y * 2).backward()",
    "data of unknown origin": "loss(model(X + 1), y).backward()",
    "data that was written into": "X[0] = 3.0; loss(model(X), y).backward()",
    "an array that was written into": "a_.fill(1); loss(model(X), t).backward()",
    "gradients of the program's own": "[p.grad.fill_(0.1) for p in model.parameters()]",
}


def test_what_cannot_be_followed_is_said_of_nothing_exactly(project: Path) -> None:
    """Tensors that were computed may have come from anything, and so may what they train."""
    steps = "".join(
        f"model, X, y = Net(), X.clone(), y.clone()\n"
        "a_ = a['late'].to_numpy(copy=True).astype('f4'); a_ = np.load('l.npy')\n"
        "t = torch.from_numpy(a_)\n"
        "optimizer = torch.optim.SGD(model.parameters())\n"
        "for p in model.parameters():\n    p.grad = torch.zeros_like(p)\n"
        f'{how}\noptimizer.step()\ntorch.save(model.state_dict(), "{place}.pt")\n'
        for place, how in enumerate(UNKNOWN.values())
    )
    run(
        project,
        f"{LOAD}np.save('l.npy', a['late'].to_numpy(dtype='f4').reshape(-1, 1))\n"
        f"loss = nn.MSELoss()\n{steps}"
        "model = Net()\noptimizer = torch.optim.SGD(model.parameters())\n"
        "t = torch.from_numpy(np.load('l.npy'))\n"
        "loss(model(torch.tensor(a[['x', 'z']].to_numpy(dtype='f4'))), t).backward()\n"
        'optimizer.step()\ntorch.save(model.state_dict(), "known.pt")\n',
    )
    assert inputs(project, "known.pt") == ["a.csv", "l.npy"]
    for place, how in enumerate(UNKNOWN):
        assert "lineage" not in written(project, f"{place}.pt"), how
    assert training(project, "0.pt")["metrics"] == {"steps": 1}


def test_a_prediction_that_is_overwritten_is_of_nothing_exactly(project: Path) -> None:
    """In the tensor, in an array of its memory, in inference mode."""
    run(
        project,
        f"{LOAD}with torch.no_grad():\n"
        '    p = model(Q); p[0] = X[0, 0]; torch.save(p, "0.pt")\n'
        '    p = model(Q).numpy(); p[0] = 1; np.save("1.pt", p)\n'
        '    p = model(Q); np.asarray(p)[:] = 1; np.save("2.pt", np.asarray(p))\n'
        '    p = model(Q); p.numpy()[:] = 1; torch.save(p, "5.pt")\n'
        "with torch.inference_mode():\n"
        '    p = model(Q); p[0] = X[0, 0]; torch.save(p, "3.pt")\n'
        '    p = model(Q); torch.save(p, "4.pt")\n',
    )
    for name in ("0.pt", "1.pt.npy", "2.pt.npy", "3.pt", "5.pt"):
        assert "lineage" not in written(project, name), name
    assert inputs(project, "4.pt") == ["b.csv"]


def test_datasets_read_while_they_are_asked(project: Path) -> None:
    """What is read for a batch is its source; of what workers read nothing exact is said."""
    run(
        project,
        f"{LOAD}for i in range(4):\n    np.save(f'part{{i}}.npy', np.ones((2, 2), 'f4'))\n"
        "class Parts(Dataset):\n"
        "    def __init__(self):\n        self.files = [f'part{i}.npy' for i in range(4)]\n"
        "    def __len__(self):\n        return 4\n"
        "    def __getitem__(self, i):\n        return torch.from_numpy(np.load(self.files[i]))\n"
        "class Text(Dataset):\n"
        "    def __len__(self):\n        return 1\n"
        "    def __getitem__(self, i):\n"
        "        return torch.tensor(float(len(open('b.csv').read())))\n"
        'for batch in DataLoader(Parts(), batch_size=4):\n    torch.save(batch, "0.pt")\n'
        'for batch in DataLoader(Text()):\n    torch.save(batch, "1.pt")\n'
        "for batch in DataLoader(Parts(), batch_size=4, num_workers=2):\n"
        '    torch.save(batch, "2.pt")\n',
    )
    (end,) = [
        one
        for one in events(project)
        if (one["job"]["name"], one["eventType"]) == ("job", "COMPLETE")
    ]
    said = {
        names([one])[0]: one["facets"].get("lineage", {}).get("inputs") for one in end["outputs"]
    }
    assert sorted(names(said["0.pt"])) == [f"part{i}.npy" for i in range(4)]
    assert names(said["1.pt"]) == ["b.csv"]
    assert said["2.pt"] is None


def test_splits_and_checkpoints_are_told(project: Path) -> None:
    """A part of a dataset, the steps until each file, and a state that was copied."""
    run(
        project,
        f"{LOAD}import copy\n"
        "parts = random_split(TensorDataset(X, y), [30, 10], torch.Generator().manual_seed(3))\n"
        "loss, optimizer = nn.MSELoss(), torch.optim.SGD(model.parameters())\n"
        "for epoch in range(2):\n"
        "    for inside, truth in DataLoader(parts[0], batch_size=10):\n"
        "        optimizer.zero_grad()\n"
        "        loss(model(inside), truth).backward()\n        optimizer.step()\n"
        "    with torch.no_grad():\n"
        "        for inside, truth in DataLoader(parts[1]):\n            model(inside)\n"
        '    torch.save({"epoch": epoch, "model": model.state_dict(),\n'
        '                "optimizer": optimizer.state_dict()}, f"{epoch}.pt")\n'
        'torch.save(copy.deepcopy(model.state_dict()), "copy.pt")\n',
    )
    assert training(project, "0.pt")["metrics"] == {"steps": 3, "epochs": 1}
    told = training(project, "1.pt")
    assert told["metrics"] == {"steps": 6, "epochs": 2}
    assert told["splits"] == {
        "part": "0", "method": "random_split", "sizes": [30, 10], "seed": 3,
    }  # fmt: skip
    assert "lineage" not in written(project, "1.pt")  # nobody knows what the number is of
    assert written(project, "copy.pt")["datasetType"]["datasetType"] == "MODEL"


def test_safetensors_carry_states(project: Path) -> None:
    """Written by Rust, read by it, and opened part by part."""
    run(
        project,
        f"{LOAD}{FIT}from safetensors.torch import save_file, save_model\n"
        'save_file(model.state_dict(), "m.safetensors")\nsave_model(model, "n.safetensors")\n',
        "train.py",
    )
    for output in last(project, "train")["outputs"]:
        assert names(output["facets"]["lineage"]["inputs"]) == ["a.csv"]
        assert output["facets"]["headwater_training"]["metrics"] == {"steps": 15, "epochs": 3}
    run(
        project,
        f"{LOAD}from safetensors import safe_open\n"
        "from safetensors.torch import load_file, load_model\n"
        'state = load_file("m.safetensors")\nmodel.load_state_dict(state)\n'
        'torch.save(model(Q).detach(), "0.pt")\n'
        'model = Net()\nload_model(model, "n.safetensors")\ntorch.save(model(Q).detach(), "1.pt")\n'
        'with safe_open("m.safetensors", framework="pt") as f:\n'
        "    state = {name: f.get_tensor(name) for name in f.keys()}\n"
        'model = Net()\nmodel.load_state_dict(state)\ntorch.save(model(Q).detach(), "2.pt")\n',
    )
    assert inputs(project, "0.pt") == ["b.csv", "m.safetensors"]
    assert inputs(project, "1.pt") == ["b.csv", "n.safetensors"]
    assert inputs(project, "2.pt") == ["b.csv", "m.safetensors"]


FELT = """
import inspect, pickle, traceback, warnings
import numpy as np
import torch
from torch import nn
torch.manual_seed(1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = nn.Linear(2, 2)
    def forward(self, x):
        return self.part(x.float().to(torch.float32)).softmax(1) * torch.tensor(2.0)
model, x = Net(), torch.ones(3, 2)
loss = nn.CrossEntropyLoss()(model(x), torch.tensor([0, 1, 0]))
loss.backward()
torch.optim.Adam(model.parameters()).step()
for how in (
    lambda: torch.compile(model, backend="eager", fullgraph=True)(x),
    lambda: torch.compile(lambda x: torch.cat([model(x), torch.as_tensor(x)]), backend="aot_eager",
                          fullgraph=True)(x),
    lambda: torch.jit.trace(model, x)(x),
    lambda: torch.jit.script(model)(x),
    lambda: torch.fx.symbolic_trace(model)(x),
    lambda: torch.export.export(model, (x,)).module()(x),
    lambda: torch.func.vmap(model)(x.reshape(3, 1, 2)),
):
    print(how().sum().item())
with warnings.catch_warnings():
    warnings.simplefilter("always")
    still = np.arange(3)
    still.flags.writeable = False
    print(torch.from_numpy(still), inspect.currentframe().f_lineno)
for function in (torch.save, torch.load, nn.Module.__call__, torch.Tensor.float, torch.tensor):
    print(function.__name__, function.__qualname__, function.__doc__)
for function in (torch.save, torch.load):
    print(inspect.signature(function), pickle.loads(pickle.dumps(function)) is function)
class Own(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        print(function in (torch.cat, torch.stack, torch.concat, torch.vstack, torch.Tensor.to))
        return super().__torch_function__(function, types, args, kwargs or {})
own = x.as_subclass(Own)
torch.cat([own, own]), torch.stack([own]), torch.concat([own]), torch.vstack([own, own])
print(len(pickle.dumps(model)), vars(model).keys(), repr(model))
for call in (lambda: model(torch.ones(3, 5)), lambda: torch.load("nowhere.pt"),
             lambda: model.load_state_dict({}), lambda: torch.from_numpy(3),
             lambda: torch.ones(2).to("nowhere")):
    try:
        call()
    except Exception:
        traceback.print_exc()
"""


def test_nothing_is_felt(project: Path) -> None:
    """Results, compiled, traced and scripted ones too; names, signatures, pickles, tracebacks."""
    (project / "job.py").write_text(FELT)
    alone, captured = (
        subprocess.run(
            words,
            cwd=project,
            env=environment(project.parent, PYTHONWARNINGS="ignore"),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        for words in ([apart.python("torch"), "job.py"], command(apart.python("torch"), "job.py"))
    )
    assert captured.stdout == alone.stdout
    assert captured.stderr == alone.stderr
    assert captured.returncode == alone.returncode == 0

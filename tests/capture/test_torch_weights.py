"""Weights of PyTorch: followed from one module into another, into copies and into files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capture.apart import needs
from tests.capture.conftest import came_from, last, names
from tests.capture.test_pandas import inputs, written
from tests.capture.test_torch import project, run

__all__ = ["project"]

pytestmark = [pytest.mark.slow, needs("torch")]

LOAD = """
import copy
import numpy as np
import pandas as pd
import torch
from torch import nn
a, b = pd.read_csv("a.csv"), pd.read_csv("b.csv")
X, Q = (torch.tensor(f[["x", "z"]].values, dtype=torch.float32) for f in (a, b))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
        self.decoder = nn.Linear(2, 2)
    def forward(self, x):
        return self.decoder(self.encoder(x))
model, loss = Net(), nn.MSELoss()
def fit(model, *data):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss(model(data[0]), data[1]).backward()
    optimizer.step()
def ask(model, name):
    with torch.no_grad():
        np.save(name, model(Q).numpy())
"""


def test_weights_are_followed_wherever_they_lie(project: Path) -> None:
    """In a part of a module, in copies of it and of its state, compiled, and within another."""
    run(
        project,
        f"{LOAD}random, average = Net(), copy.deepcopy(model)\nfit(model, X, X)\n"
        'ask(model.encoder, "part.npy")\nask(copy.deepcopy(model), "copy.npy")\n'
        "again = Net()\nagain.load_state_dict(copy.deepcopy(model.state_dict()))\n"
        'ask(again, "state.npy")\nask(torch.jit.script(model), "script.npy")\n'
        'ask(random, "random.npy")\nask(nn.Sequential(random, again.encoder), "whole.npy")\n'
        "with torch.no_grad():\n"
        "    for mine, new in zip(average.parameters(), model.parameters()):\n"
        "        mine.data.mul_(0.9).add_(new.data, alpha=0.1)\n"
        'ask(average, "average.npy")\n'
        'torch.save(model.encoder.state_dict(), "encoder.pt")\n'
        "random.decoder.weight.data.copy_(X[:2])\n"
        'np.save("put.npy", random.decoder.weight.detach().numpy())\n',
    )
    for name in ("part", "copy", "state", "script", "whole"):
        assert inputs(project, f"{name}.npy") == ["a.csv", "b.csv"], name
    assert inputs(project, "random.npy") == ["b.csv"]
    assert inputs(project, "encoder.pt") == inputs(project, "put.npy") == ["a.csv"]
    assert "lineage" not in written(project, "average.npy")


def test_a_part_that_was_loaded_is_part_of_what_is_trained_on(project: Path) -> None:
    """A backbone from a file, within a classifier: of that file too, and of the new data."""
    run(project, f'{LOAD}fit(model, X, X)\ntorch.save(model.state_dict(), "m.pt")\n', "train.py")
    run(
        project,
        f'{LOAD}model.load_state_dict(torch.load("m.pt"))\n'
        "whole = nn.Sequential(model.encoder, nn.Linear(2, 2))\n"
        'fit(whole, Q, Q)\ntorch.save(whole.state_dict(), "tuned.pt")\n',
    )
    assert inputs(project, "tuned.pt") == ["b.csv", "m.pt"]


def test_what_the_program_trains_by_itself_is_of_nothing_exactly(project: Path) -> None:
    """With gradients and no optimizer: a new module, one of a file; gradients alone do nothing."""
    run(
        project,
        f'{LOAD}fit(model, X, X)\ntorch.save(model.state_dict(), "m.pt")\n'
        "hand, other, adding = Net(), Net(), Net()\n"
        "for _ in range(2):\n"
        "    loss(hand(X), X).backward()\n"
        "    with torch.no_grad():\n"
        "        for one in hand.parameters(): one -= 0.1 * one.grad\n"
        "    hand.zero_grad()\n"
        'ask(hand, "hand.npy")\nask(hand.encoder, "part.npy")\n'
        "for one, by in zip(other.parameters(), torch.autograd.grad(\n"
        "    loss(other(X), X), list(other.parameters()))): one.data.sub_(by)\n"
        'ask(other, "other.npy")\n'
        'other.load_state_dict(torch.load("m.pt"))\n'
        "loss(other(X), X).backward()\n"
        'ask(other, "asked.npy")\n'
        "for one in other.parameters(): one.data -= 0.1 * one.grad.data\n"
        'ask(other, "tuned.npy")\n'
        'other.load_state_dict(torch.load("m.pt"))\n'
        'ask(other, "again.npy")\n',
    )
    for name in ("hand", "part", "other", "tuned"):
        assert "lineage" not in written(project, f"{name}.npy"), name
    assert inputs(project, "asked.npy") == inputs(project, "again.npy") == ["b.csv", "m.pt"]


def test_gradients_of_several_losses_are_of_what_each_is_of(project: Path) -> None:
    """Added up by two backward passes before one step."""
    run(
        project,
        f"{LOAD}optimizer = torch.optim.Adam(model.parameters())\n"
        "loss(model(X), X).backward()\nloss(model(Q), Q).backward()\noptimizer.step()\n"
        'torch.save(model.state_dict(), "m.pt")\n',
    )
    assert inputs(project, "m.pt") == ["a.csv", "b.csv"]


def test_processes_that_train_together_are_of_nothing_exactly(project: Path) -> None:
    """Each has gradients, and weights, of what the others have read."""
    run(
        project,
        "import os\nimport pandas as pd\nimport torch\nfrom torch import distributed, nn\n"
        "def work(rank, file):\n"
        '    os.environ["GLOO_SOCKET_IFNAME"] = "lo"\n'
        '    distributed.init_process_group("gloo", f"file://{file}", rank=rank, world_size=2)\n'
        '    rows = pd.read_csv(["a.csv", "b.csv"][rank])[["x"]].values\n'
        "    rows = torch.tensor(rows, dtype=torch.float32)\n"
        "    model = nn.parallel.DistributedDataParallel(nn.Linear(1, 1))\n"
        "    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "    nn.MSELoss()(model(rows), rows).backward()\n"
        "    optimizer.step()\n"
        "    if rank == 0:\n"
        '        torch.save(model.module.state_dict(), "m.pt")\n'
        "    distributed.barrier()\n"
        "    distributed.destroy_process_group()\n"
        'if __name__ == "__main__":\n'
        '    torch.multiprocessing.spawn(work, (os.path.abspath("group"),), nprocs=2)\n',
    )
    said = came_from(project)
    assert said["m.pt"] is None


def test_compiled_modules_are_written_and_read(project: Path) -> None:
    """By TorchScript, in C++: traced and scripted, with their code."""
    run(
        project,
        f"{LOAD}fit(model, X, X)\nmodel.eval()\n"
        'torch.jit.save(torch.jit.script(model), "s.pt")\n'
        'torch.jit.trace(model, Q).save("t.pt")\n',
        "train.py",
    )
    made = {one["name"].rpartition("/")[2]: one for one in last(project, "train")["outputs"]}
    for name in ("s.pt", "t.pt"):
        assert names(made[name]["facets"]["lineage"]["inputs"]) == ["a.csv"]
        assert made[name]["facets"]["datasetType"]["datasetType"] == "MODEL"
    run(
        project,
        f'{LOAD}ask(torch.jit.load("s.pt"), "s.npy")\nask(torch.jit.load("t.pt"), "t.npy")\n',
    )
    assert inputs(project, "s.npy") == ["b.csv", "s.pt"]
    assert inputs(project, "t.npy") == ["b.csv", "t.pt"]

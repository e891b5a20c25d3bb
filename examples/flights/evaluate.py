"""Compares the two models on months they have not seen; the better one becomes `delay.joblib`."""

from __future__ import annotations

import json
import shutil

import joblib
import pandas as pd
from places import CANDIDATES, DELAY, EVALUATION, SCIENCE, TEST
from sklearn.metrics import average_precision_score, roc_auc_score
from train import inputs_of

import headwater

if __name__ == "__main__":
    with headwater.run(
        "evaluate",
        owner=SCIENCE,
        description="Chooses the model with the greater area under the curve.",
    ) as run:
        frame = pd.read_parquet(run.read(TEST))
        results = {}
        for name, candidate in CANDIDATES.items():
            chance = joblib.load(run.read(candidate, kind="model")).predict_proba(inputs_of(frame))[
                :, 1
            ]
            results[name] = {
                "auc": round(float(roc_auc_score(frame["late"], chance)), 4),
                "average_precision": round(
                    float(average_precision_score(frame["late"], chance)), 4
                ),
            }
        chosen = max(results, key=lambda name: results[name]["auc"])
        report = {"chosen": chosen, "rows": len(frame), "results": results}
        EVALUATION.parent.mkdir(parents=True, exist_ok=True)
        EVALUATION.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        run.write(EVALUATION, owner=SCIENCE, inputs=[*CANDIDATES.values(), TEST])
        # The bytes are those of one candidate; that it was this one follows from the report.
        shutil.copyfile(CANDIDATES[chosen], DELAY)
        run.model(
            DELAY,
            owner=SCIENCE,
            metrics=results[chosen],
            splits={"test": len(frame)},
            inputs=[CANDIDATES[chosen], EVALUATION],
        )

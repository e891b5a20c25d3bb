"""Compares the two models on months they have not seen; the better one becomes `delay.joblib`."""

from __future__ import annotations

import json
import shutil

import joblib
import pandas as pd
from places import CANDIDATES, DELAY, EVALUATION, HOME, TEST
from recorder import step
from sklearn.metrics import average_precision_score, roc_auc_score
from train import inputs_of

if __name__ == "__main__":
    with step(
        "evaluate",
        home=HOME,
        inputs=[*CANDIDATES.values(), TEST],
        outputs=[EVALUATION, DELAY],
        owner="delay-science",
        description="Chooses the model with the greater area under the curve.",
    ) as run:
        frame = pd.read_parquet(TEST.path)
        results = {}
        for name, candidate in CANDIDATES.items():
            chance = joblib.load(candidate.path).predict_proba(inputs_of(frame))[:, 1]
            results[name] = {
                "auc": round(float(roc_auc_score(frame["late"], chance)), 4),
                "average_precision": round(
                    float(average_precision_score(frame["late"], chance)), 4
                ),
            }
        chosen = max(results, key=lambda name: results[name]["auc"])
        report = {"chosen": chosen, "rows": len(frame), "results": results}
        EVALUATION.path.parent.mkdir(parents=True, exist_ok=True)
        EVALUATION.path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        shutil.copyfile(CANDIDATES[chosen].path, DELAY.path)
        run.say("headwater_training", metrics=results[chosen], splits={"test": len(frame)})
        run.wrote(EVALUATION, sources=[*CANDIDATES.values(), TEST])
        # The bytes are those of one candidate; that it was this one follows from the report.
        run.wrote(DELAY, sources=[CANDIDATES[chosen], EVALUATION])

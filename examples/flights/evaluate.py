"""Compares both models on months that they have not seen; the better one becomes `delay.joblib`."""

from __future__ import annotations

import json

import joblib
import pandas as pd
from places import CANDIDATES, DELAY, EVALUATION, TEST
from sklearn.metrics import average_precision_score, roc_auc_score
from train import inputs_of

if __name__ == "__main__":
    frame = pd.read_parquet(TEST)
    models = {name: joblib.load(path) for name, path in CANDIDATES.items()}
    results = {}
    for name, model in models.items():
        chance = model.predict_proba(inputs_of(frame))[:, 1]
        results[name] = {
            "auc": round(float(roc_auc_score(frame["late"], chance)), 4),
            "average_precision": round(float(average_precision_score(frame["late"], chance)), 4),
        }
    chosen = max(results, key=lambda name: results[name]["auc"])
    report = {"chosen": chosen, "rows": len(frame), "results": results}
    EVALUATION.parent.mkdir(parents=True, exist_ok=True)
    EVALUATION.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    joblib.dump(models[chosen], DELAY)

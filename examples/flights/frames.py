"""What lineage tells of a data frame."""

from __future__ import annotations

import pandas as pd


def fields(frame: pd.DataFrame) -> dict[str, str]:
    """Column → type, in the order of the frame."""
    return {str(name): str(kind) for name, kind in frame.dtypes.items()}

"""The same curve up to ten million events, bare ones of 0.7 KB, so that a usual disk holds them.

It takes half an hour and 25 GB, and is drawn only with HEADWATER_BENCH_LARGE=1. Broken off, it goes
on where it was.
"""

from __future__ import annotations

import os
import shutil

import _stores
from growth import draw_curve

EVENTS = 10_000_000

if __name__ == "__main__":
    if os.environ.get("HEADWATER_BENCH_LARGE"):
        draw_curve("growth_large", "grown_large", EVENTS, bare=True)
        shutil.rmtree(_stores.HOME / "grown_large")
    else:
        print("  SKIPPED: HEADWATER_BENCH_LARGE=1 has it drawn; the figures kept stay as they are")

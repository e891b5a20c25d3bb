"""Marquez's routes, all of them. None is in our OpenAPI description: Marquez has its own."""

from __future__ import annotations

from headwater.service.marquez import asking, browsing, refusing

HANDLERS = (*browsing.HANDLERS, *asking.HANDLERS, *refusing.HANDLERS)

"""The version graph: `resolve(claims)` and what can be asked of its result. Pure."""

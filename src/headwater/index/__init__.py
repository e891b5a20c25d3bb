"""The resolved graph compiled: a cache that answers exactly as `resolve` does, and fast."""

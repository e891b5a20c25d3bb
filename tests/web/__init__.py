"""The web interface in a real browser, before the real service."""

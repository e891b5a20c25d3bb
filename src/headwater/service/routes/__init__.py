"""The routes, one module a subject. Each has `HANDLERS`, which `app` lists."""

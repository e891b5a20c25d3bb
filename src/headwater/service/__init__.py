"""The service: the whole of Headwater over HTTP.

A module of routes has `HANDLERS`, which `app` lists. A handler finds the store's one writer and its
readers by `state.of(request)`, who asks by `access.caller(request)`, and answers questions through
`answering`, everything else by `replies`. Whatever it raises becomes problem+json in `problems`.

Trusted? Whoever controls it decides who may read and write. What it has written is proven by the
ledger all the same.
"""

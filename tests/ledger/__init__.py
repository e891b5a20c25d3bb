"""Tests of the ledger room, with a naive tree as oracle and small vectors of our own."""

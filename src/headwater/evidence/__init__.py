"""Answers in the forms that other tools read. Pure: an answer in, text or a document out.

Trusted? No more than the answer: whoever changes a rendering changes a picture, never the ledger.
"""

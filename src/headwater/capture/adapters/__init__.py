"""What each library does, said in reads, writes and origins: one file a library.

An adapter knows one library and nothing of the others: they meet in `origins`, by the objects that
users pass from one to the next.
"""

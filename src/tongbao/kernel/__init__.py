"""The kernel decides which transactions settle and, for those that do not, which one reason is given.

It is pure and deterministic: the same genesis and the same batches give the same statuses and the same state digest on every
machine. Time is the time written in the batch.
"""

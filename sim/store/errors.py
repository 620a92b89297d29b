"""Errors of the store."""


class StoreError(RuntimeError):
    """Results cannot be written or read; the message says where and why."""


class UnwrittenError(StoreError):
    """What was simulated could not be written."""

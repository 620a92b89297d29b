"""Errors of the store."""


class StoreError(RuntimeError):
    """Results cannot be written or read; the message says where and why."""


class UnwrittenError(StoreError):
    """Error raised if simulated results could not be written."""

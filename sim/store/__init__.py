"""Results on disk; the only room that writes."""

from sim.store.results import (
    StoredRun,
    StoreError,
    check_place,
    json_bytes,
    run_id,
    stored_runs,
    table_bytes,
    versions,
    write_new,
    write_run,
)

__all__ = [
    "StoreError",
    "StoredRun",
    "check_place",
    "json_bytes",
    "run_id",
    "stored_runs",
    "table_bytes",
    "versions",
    "write_new",
    "write_run",
]

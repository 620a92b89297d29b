"""Results on disk; the only room that writes."""

from sim.store.results import (
    StoreError,
    UnwrittenError,
    check_place,
    json_bytes,
    run_id,
    table_bytes,
    versions,
    write_new,
    write_run,
)
from sim.store.stored_results import StoredRun, stored_runs
from sim.store.worlds import write_world

__all__ = [
    "StoreError",
    "StoredRun",
    "UnwrittenError",
    "check_place",
    "json_bytes",
    "run_id",
    "stored_runs",
    "table_bytes",
    "versions",
    "write_new",
    "write_run",
    "write_world",
]

"""Processes of a lab, as the system lists them."""

import subprocess
from collections import defaultdict


def children(pid):
    """Processes that a process has started, and those that they have started in turn."""
    listed = subprocess.run(
        ["ps", "-eo", "ppid=,pid="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    below, found, left = defaultdict(list), [], [str(pid)]
    for line in listed:
        parent, child = line.split()
        below[parent].append(child)
    while left:
        own = below[left.pop()]
        found += own
        left += own
    return found

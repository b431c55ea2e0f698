"""What one submission may use."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Seconds, bytes and counts; nbgrader's own limit for a cell is 30 seconds too."""

    cell: float = 30.0  # seconds for one cell, the student's or a test
    total: float = 300.0  # seconds for the whole submission
    memory: int = 2 << 30  # bytes beyond what the warm process has
    processes: int = 256  # processes and threads together
    disk: int = 256 << 20  # bytes in all of the folders that can be written to
    output: int = 64 << 10  # characters of printed text that are kept of one cell

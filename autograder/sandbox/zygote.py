"""The program inside bubblewrap: imports what is slow to import, then forks a student's process for each submission.

Its arguments are a plan as JSON, `paths` (for sys.path), `modules` (to import) and `sandboxed`, and the number of the
control socket.
"""

import json
import socket
import sys


def main() -> None:
    """Serve until the parent hangs up."""
    plan, control = json.loads(sys.argv[1]), int(sys.argv[2])
    sys.path[:0] = plan["paths"]
    from autograder.forks import serve
    from autograder.sandbox import student
    from autograder.sandbox.watchdog import guard

    def handle(job: dict, fds: list[int]) -> None:
        guard({**job, "sandboxed": plan["sandboxed"]}, fds, student.serve)

    serve(socket.socket(fileno=control), plan["modules"], handle)


if __name__ == "__main__":
    main()

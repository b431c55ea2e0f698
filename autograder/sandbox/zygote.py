"""The program inside bubblewrap: imports what is slow to import, then forks a student's process for each submission.

Its arguments are a plan as JSON, `paths` (for sys.path), `modules` (to import) and `sandboxed`, and the number of the
control socket.
"""

import json
import socket
import sys
from typing import Any


def main() -> None:
    """Serve until the parent hangs up."""
    plan, control = json.loads(sys.argv[1]), int(sys.argv[2])
    sys.path[:0] = plan["paths"]
    from autograder.limits import Limits
    from autograder.sandbox import notebook_shell, student
    from autograder.sandbox.watchdog import guard
    from autograder.wire.forks import serve

    notebook_shell.shell()  # made once for all

    def handle(job: dict[str, Any], fds: list[int]) -> None:
        guard(Limits(**job["limits"]), fds, student.serve, sandboxed=plan["sandboxed"])

    serve(socket.socket(fileno=control), plan["modules"], handle)


if __name__ == "__main__":
    main()

"""Every empirical claim that a lesson makes, measured with several seeds: mean, spread and whether it holds.

    python benchmarks/claims.py                             # all lessons, seeds 0 to 4
    python benchmarks/claims.py 01-why-not-mlp --seeds 3

The claims stand in benchmarks/claimed/, one module a unit; a test compares their sentences with the lessons. Exits with
1 if a claim does not hold for every seed.
"""

import argparse
import math
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.claimed import Claim, all_claims


def main() -> None:
    """Measure the claims of the lessons named on the command line, or of all, and print the table."""
    claims = all_claims()
    lessons = sorted({claim.lesson for claim in claims})
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help=f"{', '.join(lessons)} (all)")
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, counted from 0")
    options = parser.parse_args()
    if unknown := set(options.lessons) - set(lessons):
        parser.error(f"no claims are listed for {', '.join(sorted(unknown))}; there are some for {', '.join(lessons)}")
    if options.seeds < 1:
        parser.error("at least one seed is needed")
    chosen = [claim for claim in claims if not options.lessons or claim.lesson in options.lessons]
    failed = report(chosen, options.seeds)
    sys.exit(1 if failed else 0)


def report(claims: Iterable[Claim], seeds: int) -> list[Claim]:
    """Measure the claims with seeds 0 to `seeds` - 1, print one block each, and return those that don't hold."""
    failed, lesson = [], ""
    for claim in claims:
        if claim.lesson != lesson:
            lesson = claim.lesson
            print(
                f"{lesson}\n      mean ± sd of {seeds} seeds     smallest   largest   bound           what is measured"
            )
        values = [float(claim.measure(seed)) for seed in range(seeds)]
        holds = claim.holds(values)
        failed += [] if holds else [claim]
        mean, spread = statistics.fmean(values), statistics.stdev(values) if seeds > 1 else 0.0
        print(
            f"  {'✓' if holds else '✗'} {mean:>10.4g} ± {spread:<10.2g} {min(values):>12.4g}{max(values):>10.4g}   "
            f"{bounds(claim):<15} {claim.quantity}\n      “{claim.sentence}” ({claim.cell})",
            flush=True,
        )
    print(f"{len(failed)} claims do not hold for every seed." if failed else "Every claim holds for every seed.")
    return failed


def bounds(claim: Claim) -> str:
    """The bounds in a few characters, e.g. "≥ 90" or "2 to 8"."""
    if math.isinf(claim.at_least):
        return f"≤ {claim.at_most:g}"
    if math.isinf(claim.at_most):
        return f"≥ {claim.at_least:g}"
    return f"{claim.at_least:g} to {claim.at_most:g}"


if __name__ == "__main__":
    main()

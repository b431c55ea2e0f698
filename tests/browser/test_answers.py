"""A quiz in a real JupyterLab: what a learner chooses or types ends up in the notebook's own cells."""

import pytest
from playwright.sync_api import expect

from companion import ask
from tests.browser.conftest import Show
from tests.browser.lab import Lab, painted

pytestmark = pytest.mark.browser

IMPORT = "from companion import answered, ask, ask_number"
SINGLE = 'ask("answer_1", answer_1, A="28 × 28", B="`26 × 26`", C="25 × 25")'
SEVERAL = 'ask("answer_2", answer_2, several=True, A="kernel", B="picture", C="filters")'
NUMBER = 'ask_number("answer_3", answer_3, unit="parameters")'
WRITTEN = "Written into the cell above. Ctrl+S saves the notebook."


@pytest.fixture
def quiz(lab: Lab) -> Lab:
    """A quiz of three unanswered questions, in cells 1 to 3, opened and run."""
    lab.write(
        "quiz.ipynb", IMPORT, f'answer_1 = ""\n{SINGLE}', f'answer_2 = ""\n{SEVERAL}', f"answer_3 = None\n{NUMBER}"
    )
    lab.open("quiz.ipynb")
    lab.run_all()
    for index in (3, 2, 1):
        lab.widget(index)
    return lab


def first_lines(lab: Lab) -> list[str]:
    return [source.splitlines()[0] for source in lab.saved("quiz.ipynb")[1:]]


def test_answers_given_by_mouse_are_in_the_saved_file_and_survive_a_restart_and_a_reload(quiz: Lab) -> None:
    quiz.output(1).get_by_text("26 × 26").click()
    expect(quiz.output(1).get_by_role("status")).to_have_text(WRITTEN)
    quiz.output(2).get_by_role("checkbox", name="C filters").check()
    quiz.output(2).get_by_role("checkbox", name="A kernel").check()
    quiz.output(3).get_by_role("textbox", name="Your answer answer_3 Your number parameters").fill("1,204")
    quiz.output(3).get_by_text("Your answer").click()
    expect(quiz.output(3).get_by_text("Python writes numbers without separators")).to_be_visible()
    quiz.save()

    assert first_lines(quiz) == ['answer_1 = "B"', 'answer_2 = "AC"', "answer_3 = 1204"]
    assert quiz.saved("quiz.ipynb")[1] == f'answer_1 = "B"\n{SINGLE}'

    def is_shown() -> None:
        expect(quiz.output(1).get_by_role("radio", checked=True)).to_have_value("B")
        expect(quiz.output(2).get_by_role("checkbox", checked=True)).to_have_count(2)
        expect(quiz.output(3).get_by_role("textbox")).to_have_value("1204")

    quiz.restart_and_run_all()
    is_shown()
    quiz.save()
    quiz.reload()
    is_shown()
    assert quiz.errors == []


def test_answers_can_be_given_by_keyboard_alone(quiz: Lab) -> None:
    keyboard = quiz.page.keyboard
    quiz.output(1).get_by_role("radio").first.focus()
    keyboard.press("Space")
    keyboard.press("ArrowDown")
    keyboard.press("b")  # would add a cell below if JupyterLab took it for a shortcut
    expect(quiz.output(1).get_by_role("radio", name="B")).to_be_focused()

    quiz.output(2).get_by_role("checkbox").first.focus()
    keyboard.press("Space")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Space")

    quiz.output(3).get_by_role("textbox").focus()
    keyboard.type("26.5")
    quiz.save()  # the number counts, although nobody pressed Enter

    assert first_lines(quiz) == ['answer_1 = "B"', 'answer_2 = "AC"', "answer_3 = 26.5"]
    assert quiz.errors == []


def test_shift_enter_in_a_question_runs_its_cell_with_what_was_just_typed(quiz: Lab) -> None:
    quiz.set_source(3, f"answer_3 = None\nprint(answer_3)\n{NUMBER}")
    quiz.output(3).get_by_role("textbox").press_sequentially("7")
    quiz.page.keyboard.press("Shift+Enter")

    expect(quiz.output(3).locator("pre").first).to_have_text("7")


def test_undo_in_the_cell_moves_the_choice_back_one_answer_at_a_time(quiz: Lab) -> None:
    chosen = quiz.output(1).get_by_role("radio", checked=True)
    quiz.output(1).get_by_role("radio", name="B").check()
    quiz.output(1).get_by_role("radio", name="C").check()

    quiz.cell(1).locator(".cm-line").first.click()
    quiz.page.keyboard.press("Control+z")
    expect(chosen).to_have_value("B")
    assert quiz.source(1).startswith('answer_1 = "B"\n')

    quiz.page.keyboard.press("Control+z")
    expect(chosen).to_have_count(0)
    expect(quiz.output(1).get_by_role("status")).to_have_text("No answer yet.")


def test_undo_on_a_choice_takes_it_back_and_redo_restores_it(quiz: Lab) -> None:
    chosen = quiz.output(1).get_by_role("radio", checked=True)
    quiz.output(1).get_by_role("radio", name="B").check()
    quiz.output(1).get_by_role("radio", name="C").check()

    quiz.page.keyboard.press("Control+z")
    expect(chosen).to_have_value("B")
    quiz.page.keyboard.press("Control+z")
    expect(chosen).to_have_count(0)
    quiz.page.keyboard.press("Control+Shift+z")
    expect(chosen).to_have_value("B")
    assert quiz.source(1) == f'answer_1 = "B"\n{SINGLE}'


def test_undo_while_typing_a_number_leaves_the_answers_alone(quiz: Lab) -> None:
    box = quiz.output(3).get_by_role("textbox")
    box.fill("25")
    box.press("Enter")
    box.press_sequentially("6")
    quiz.page.keyboard.press("Control+z")
    painted(quiz.page)

    assert quiz.source(3) == f"answer_3 = 25\n{NUMBER}"


def test_the_choice_follows_what_is_typed_into_the_cell(quiz: Lab) -> None:
    quiz.set_source(1, f"answer_1 = 'C'  # sure\n{SINGLE}")
    expect(quiz.output(1).get_by_role("radio", checked=True)).to_have_value("C")

    quiz.set_source(1, f'answer_1 = "Q"\n{SINGLE}')
    expect(quiz.output(1).get_by_role("radio", checked=True)).to_have_count(0)
    expect(quiz.output(1).get_by_role("status")).to_contain_text('The cell says answer_1 = "Q"')

    quiz.set_source(3, f"answer_3 = 3 * 3 * 8 + 8\n{NUMBER}")
    expect(quiz.output(3).get_by_role("textbox")).to_have_value("3 * 3 * 8 + 8")


def test_a_comment_behind_the_answer_and_the_rest_of_the_cell_are_kept(quiz: Lab) -> None:
    quiz.set_source(1, f'# my answer\nanswer_1   =  ""  # "#" is sure\nif True:\n    answer_1 == "A"\n{SINGLE}')
    quiz.output(1).get_by_role("radio", name="B").check()

    assert quiz.source(1) == f'# my answer\nanswer_1 = "B"  # "#" is sure\nif True:\n    answer_1 == "A"\n{SINGLE}'


def test_an_answer_can_be_cleared(quiz: Lab) -> None:
    quiz.output(1).get_by_role("radio", name="B").check()
    quiz.output(1).get_by_role("button", name="Clear answer").click()

    expect(quiz.output(1).get_by_role("radio", checked=True)).to_have_count(0)
    assert quiz.source(1) == f'answer_1 = ""\n{SINGLE}'
    expect(quiz.output(1).get_by_role("status")).to_have_text("Cleared: the cell above holds no answer now.")

    box = quiz.output(3).get_by_role("textbox")
    box.fill("26")
    box.press("Enter")
    box.fill("")
    box.press("Enter")
    assert quiz.source(3) == f"answer_3 = None\n{NUMBER}"


def test_an_entry_that_is_no_number_is_named_and_changes_nothing(quiz: Lab) -> None:
    box = quiz.output(3).get_by_role("textbox")
    box.fill("1,5")
    box.press("Enter")

    expect(box).to_have_attribute("aria-invalid", "true")
    expect(quiz.output(3).get_by_text("write the decimal point as a point, 1.5")).to_be_visible()
    assert quiz.source(3) == f"answer_3 = None\n{NUMBER}"


def test_a_cell_that_leaves_doubt_is_refused_with_the_reason(quiz: Lab) -> None:
    doubtful = {
        'answer_1 = ""\nanswer_1 = "A"': "this cell has 2 lines that start with “answer_1 =”; keep one.",
        'answer_2 = ""': "this cell has no line that starts with “answer_1 =”.",
        '  answer_1 = ""': "this cell has no line that starts with “answer_1 =”.",
        'answer_1 == ""': "this cell has no line that starts with “answer_1 =”.",
        'answer_1 = ("A"\n)': "the line “answer_1 =” holds more than one plain value.",
        'answer_1 = """A"""': "the line “answer_1 =” holds more than one plain value.",
        'answer_1 = ""; x = 1': "the line “answer_1 =” holds more than one plain value.",
        "answer_1 = \\\n1": "the line “answer_1 =” holds more than one plain value.",
    }
    for source, reason in doubtful.items():
        quiz.set_source(1, f'answer_1 = ""\n{SINGLE}')
        quiz.set_source(1, source)
        is_refused(quiz, reason)
        assert quiz.source(1) == source


def test_what_is_read_only_is_refused(quiz: Lab) -> None:
    panel = "window.jupyterapp.shell.currentWidget"
    quiz.page.evaluate(f"{panel}.content.widgets[1].model.setMetadata('editable', false)")
    is_refused(quiz, "this cell is locked.")

    quiz.page.evaluate(f"{panel}.context.model.readOnly = true")
    is_refused(quiz, "this notebook is read-only; save a copy of it first.")
    assert quiz.source(1) == f'answer_1 = ""\n{SINGLE}'


def is_refused(lab: Lab, reason: str) -> None:
    """Choosing B, then A, in cell 1 leads to `reason`."""
    lab.output(1).get_by_role("radio", name="B").check()
    lab.output(1).get_by_role("radio", name="A").check()
    expect(lab.output(1).get_by_role("status")).to_have_text(
        f'Not written: {reason} The line should say: answer_1 = "A"'
    )


def test_a_second_view_of_the_notebook_shows_the_same_answer(quiz: Lab) -> None:
    quiz.command("docmanager:clone")
    views = quiz.page.locator(".jp-NotebookPanel")
    expect(views).to_have_count(2)
    second = views.nth(1).locator('[data-windowed-list-index="1"]')
    expect(second.get_by_role("radio")).to_have_count(3)

    second.get_by_role("radio", name="C").check()
    expect(views.nth(0).locator('[data-windowed-list-index="1"]').get_by_role("radio", checked=True)).to_have_value("C")
    views.nth(0).locator('[data-windowed-list-index="1"]').get_by_role("radio", name="A").check()
    expect(second.get_by_role("radio", checked=True)).to_have_value("A")
    quiz.save()
    assert first_lines(quiz)[0] == 'answer_1 = "A"'


def test_a_busy_kernel_does_not_keep_anyone_from_answering(quiz: Lab) -> None:
    quiz.set_source(0, "import time\ntime.sleep(600)")
    quiz.page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0")
    quiz.command("notebook:run-cell", wait=False)
    quiz.page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'")
    quiz.output(1).get_by_role("radio", name="B").check()
    expect(quiz.output(1).get_by_role("status")).to_have_text(WRITTEN)
    quiz.save()

    assert first_lines(quiz)[0] == 'answer_1 = "B"'
    quiz.command("notebook:interrupt-kernel")


def test_without_the_extension_the_question_says_what_to_type(own_lab: Lab) -> None:
    own_lab.page.route("**/extensions/cnn-companion/**", lambda route: route.abort())
    own_lab.write("quiz.ipynb", IMPORT, f'answer_1 = ""\n{SINGLE}')
    own_lab.open("quiz.ipynb")
    own_lab.run_all()
    own_lab.output(1).get_by_role("radio", name="B").check()

    expect(own_lab.output(1).get_by_role("status")).to_have_text(
        'This editor can\'t write it for you. In the cell above, change the line to: answer_1 = "B"'
    )
    assert own_lab.source(1).startswith('answer_1 = ""')


def test_a_missing_answer_is_said_in_one_line(quiz: Lab) -> None:
    quiz.set_source(0, f'{IMPORT}\nanswered("answer_1", "", "ABC")')
    quiz.run_all()

    expect(quiz.output(0).locator("pre")).to_have_text(
        "answer_1 had no answer when this cell ran: choose from A, B, C in the cell above, then run both cells."
    )


def test_a_choice_before_the_first_report_of_the_cell_wins(show: Show) -> None:
    page = show(ask("answer_1", "", A="one", B="two"))
    page.evaluate("""async () => {
      let inCell = '""';
      const report = (target) => target.dispatchEvent(
        new CustomEvent("cnn-companion:source", { detail: { name: "answer_1", literal: inCell } }));
      document.addEventListener("cnn-companion:mount", ({ target }) => {
        report(target);
        window.reported = true;
      });
      document.addEventListener("cnn-companion:answer", ({ target, detail }) => {
        inCell = detail.literal;
        detail.outcome = { written: true };
      });
      const { default: widget } = await import("./widget.js");
      const el = document.createElement("div");
      widget.render({ model: window.model, el });
      document.getElementById("out").replaceChildren(el); // seen from the next frame on
      el.querySelectorAll("input")[1].click(); // as assistive software does it: nothing is touched before
    }""")
    page.wait_for_function("window.reported")
    painted(page)
    expect(page.get_by_role("status")).to_have_text(WRITTEN)
    expect(page.get_by_role("radio", checked=True)).to_have_value("B")


def test_a_number_that_is_being_typed_is_kept_when_its_output_goes(quiz: Lab) -> None:
    # Without the change event, which not every browser sends when it removes a field that is being typed into.
    quiz.output(3).get_by_role("textbox").evaluate("""(node) => {
      node.value = "26";
      window.jupyterapp.shell.currentWidget.content.widgets[3].model.outputs.clear();
    }""")
    quiz.page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.content.widgets[3].model.sharedModel.getSource().includes('26')"
    )
    assert quiz.source(3) == f"answer_3 = 26\n{NUMBER}"

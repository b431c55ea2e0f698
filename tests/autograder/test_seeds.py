"""Numbers that tests and students' functions draw are the same at each grading, and nobody's to foretell."""

import re

import numpy as np
import pytest

from autograder.engines.sandbox import Grader
from autograder.trusted.level import Level
from tests.attacks.conftest import sandboxed  # noqa: F401
from tests.autograder.handed_in import answer, assignment, given, outputs, released, submission, test, with_solution

DRAWS = """
import random
import numpy as np
def draw(): return float(np.random.rand())
def roll(): return random.getrandbits(40)
"""
KERAS = """
import keras
from keras import layers
def build():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dropout(0.5), layers.Dense(1)])
    model.compile(loss="mse")
    return model
"""


@pytest.fixture(scope="module")
def grader(sandboxed):  # noqa: F811
    with Grader() as grader:
        yield grader


def solved(code, *tests, before=()):
    return with_solution(assignment(*before, answer("a"), *tests), {"a": code})


def shown(grader, form, code):
    """What the last test printed of a submission's numbers."""
    result = grader.grade(form, released(form), submission(form, {"a": code}))
    assert not result.reasons
    (printed,) = outputs(result)[-1]
    return re.findall(r"[^][, \n]+", "".join(printed["text"]))


def twice(grader, source, code):
    """What two gradings of one submission show."""
    form = assignment(answer("a"), test("t", source, tags=(Level.APART.tag,)))
    return [shown(grader, form, code) for _ in range(2)]


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.random.seed(3)\nprint(draw(), draw())",
        "from numpy.random import seed\nseed(seed=3)\nprint(draw(), draw())",
        "import random\nrandom.seed('three')\nprint(roll(), roll())",
        "import numpy as np\ndef each(n):\n    np.random.seed(n)\n    return draw()\nprint(each(1), each(2))",
    ],
)
def test_a_seed_of_the_tests_makes_the_students_numbers_the_same_each_time(grader, source):
    first, second = twice(grader, source, f"{DRAWS}\nnp.random.seed()")  # as nobody can foretell
    assert first == second
    assert len(set(first)) == len(first)


def test_without_a_seed_they_are_the_same_each_time_too_and_so_are_the_tests_own(grader):
    source = "import random, numpy as np\nprint(roll(), draw(), random.random(), np.random.rand())"
    first, second = twice(grader, source, DRAWS)
    assert first == second
    assert len(set(first)) == len(first)


def test_what_one_test_draws_is_nothing_to_the_next(grader):
    first = test("t", "import random\nfor _ in range(count()):\n    random.random()")
    form = assignment(answer("a"), first, test("u", "import random\nprint(random.random())"))
    assert shown(grader, form, "def count(): return 0") == shown(grader, form, "def count(): return 5")


def test_what_is_drawn_can_be_foretold_only_by_whom_the_solution_is_known(grader):
    source = "import random\nprint(random.random(), roll())"
    first, second = (shown(grader, solved(f"{DRAWS}{more}", test("t", source)), DRAWS) for more in ("", "# other"))
    assert first != second


def test_the_first_numbers_of_a_student_who_seeds_nothing_are_of_no_seed_that_a_test_would_set(grader):
    ((drawn,), _) = twice(grader, "print(draw())", DRAWS)
    assert float(drawn) not in {np.random.RandomState(seed).rand() for seed in range(100)}


def test_a_seed_of_the_students_own_is_the_students(grader):
    ((drawn,), _) = twice(grader, "import random\nrandom.random()\nprint(draw())", f"{DRAWS}\nnp.random.seed(5)")
    assert float(drawn) == np.random.RandomState(5).rand()


def test_what_a_model_of_the_students_begins_with_and_learns_is_the_same_each_time(grader):
    source = """
import keras, numpy as np
keras.utils.set_random_seed(1)
print(build().get_weights()[0].ravel().tolist())
x = np.random.rand(40, 4)
print(build().fit(x, x[:, :1], epochs=2, verbose=0).history["loss"])
"""
    first, second = twice(grader, source, KERAS)
    assert first == second


def test_a_test_of_the_very_numbers_of_a_seed_runs_apart(grader):
    expected = np.random.RandomState(3).rand()
    form = solved(DRAWS, test("t", f"import numpy as np\nnp.random.seed(3)\nassert draw() == {expected!r}"))
    assert grader.probed(form, "quiz").levels == {"t": Level.WRITTEN_BACK}


def test_so_does_one_that_draws_the_same_itself(grader):
    source = "import random\nrandom.seed(7)\nmine = random.getrandbits(40)\nrandom.seed(7)\nassert roll() == mine"
    assert grader.probed(solved(DRAWS, test("t", source)), "quiz").levels == {"t": Level.WRITTEN_BACK}


def test_numbers_that_the_test_and_the_student_draw_in_turn_need_one_process(grader):
    source = "import random\nrandom.seed(7)\nrandom.random()\nassert roll() == "
    drawn = __import__("random").Random(7)
    drawn.random()
    form = solved(DRAWS, test("t", f"{source}{drawn.getrandbits(40)}"))
    assert grader.probed(form, "quiz").levels == {"t": Level.WITH_STUDENT}


def test_the_students_process_does_not_learn_what_a_test_that_runs_apart_draws(grader):
    source = "import numpy as np\nnp.random.seed(3)\nprint(draw(), np.random.rand())"
    (mine, theirs), _ = twice(grader, source, DRAWS)
    assert float(theirs) == np.random.RandomState(3).rand() != float(mine)


def test_a_seed_that_is_told_foretells_what_the_test_draws(grader):
    source = "import random\nrandom.seed(3)\nmine = roll()\nassert mine == random.getrandbits(40)"
    assert grader.probed(solved(DRAWS, test("t", source)), "quiz").levels == {"t": Level.WRITTEN_BACK}


def test_a_seed_is_told_once_so_that_the_student_does_not_draw_the_same_again(grader):
    source = "import numpy as np\nnp.random.seed(3)\nfirst = draw()\nassert first != draw()"
    assert grader.probed(solved(DRAWS, test("t", source)), "quiz").levels == {"t": Level.APART}


def test_a_seed_of_one_test_is_not_told_in_the_next(grader):
    code = f"{DRAWS}\nnp.random.seed(5)"
    seeds = test("s", "import numpy as np\nnp.random.seed(3)", tags=(Level.APART.tag,))
    form = assignment(answer("a"), seeds, test("t", "print(draw())", tags=(Level.APART.tag,)))
    assert shown(grader, form, code) == [str(np.random.RandomState(5).rand())]


def test_a_seed_of_the_courses_own_cell_is_the_cells_and_no_tests(grader):
    """It has been set in the student's process, and the student's cells have drawn since."""
    course = given("g", "import numpy as np\nnp.random.seed(5)\nsize = 3")
    code = f"np.random.rand(2)\n{DRAWS}"
    form = assignment(course, answer("a"), test("t", "assert size == 3\nprint(draw())", tags=(Level.APART.tag,)))
    drawn = np.random.RandomState(5)
    drawn.rand(2)
    assert shown(grader, form, code) == [str(drawn.rand())]


def test_a_seed_that_a_function_of_the_courses_sets_for_a_test_is_the_tests(grader):
    course = given("g", "import random\ndef prepare():\n    random.seed(5)")
    form = assignment(course, answer("a"), test("t", "prepare()\nprint(roll())", tags=(Level.APART.tag,)))
    assert shown(grader, form, DRAWS) == shown(grader, form, DRAWS)


def test_the_students_cells_run_as_if_the_test_had_not_begun(grader):
    """They are run when a test first asks for something."""
    code = f"{DRAWS}\nnp.random.seed(5)\nearly = draw()"
    form = assignment(answer("a"), test("t", "import numpy as np\nnp.random.seed(3)\nprint(early)"))
    assert shown(grader, form, code) == [str(np.random.RandomState(5).rand())]

"""Models of students: they arrive as layers and weights, or not at all, and only predictions count."""

# ruff: noqa: E501 (a cell's text stays in one string)

import importlib
import json

import numpy as np
import pytest

from autograder.trusted.level import Level
from autograder.wire import keras_configs, keras_models, keras_names, keras_training, keras_values
from autograder.wire.frames import Uncrossable, Violation
from tests.autograder.handed_in import (
    NAME,
    answer,
    assignment,
    given,
    released,
    scores,
    submission,
    test,
    with_solution,
)

SETUP = given("s", "import numpy as np\nimport keras\nfrom keras import layers\nkeras.utils.set_random_seed(1)")
TESTS = [
    test(
        "t",
        "assert isinstance(model, keras.Sequential)\nassert model.count_params() == 6\nassert model.layers[0].units == 2\n"
        "### BEGIN HIDDEN TESTS\nx = np.array([[1.0, 2.0], [3.0, 4.0]])\n"
        "assert (model.predict(x, verbose=0).argmax(axis=1) == [1, 1]).all()\n### END HIDDEN TESTS",
        points=2,
    ),
    test("u", "assert value == 1"),
]
GOOD = """
model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
model.set_weights([np.array([[0.0, 1.0], [0.0, 1.0]]), np.zeros(2)])
value = 1 + 0
"""
CELLS = [SETUP, answer("a"), *TESTS]


@pytest.mark.slow
def test_models_cross_by_configuration_and_weights_and_only_true_ones_score(attack):
    assert scores(attack(CELLS, {"a": GOOD})) == [2, 1]
    assert scores(attack(CELLS, {"a": GOOD.replace("[0.0, 1.0], [0.0, 1.0]", "[1.0, 0.0], [1.0, 0.0]")})) == [0, 1]
    liar = "class Liar(keras.Sequential):\n    def predict(self, x, **k):\n        return np.array([[0, 1], [0, 1]])\n    def count_params(self):\n        return 6\n"
    assert scores(
        attack(CELLS, {"a": liar + GOOD.replace("keras.Sequential(", "Liar(").replace("0.0, 1.0]", "1.0, 0.0]")})
    ) == [None, 1]
    own = "def relu(x): return -x\n" + GOOD.replace("layers.Dense(2)", "layers.Dense(2, activation=relu)")
    assert scores(attack(CELLS, {"a": own})) == [0, 1]  # as in a notebook, though its name is one of Keras's


@pytest.mark.slow
def test_models_and_tensors_pass_through_functions(attack):
    cells = [
        SETUP,
        answer("a"),
        test(
            "t",
            "model = build(3)\nassert parameters(model) == model.count_params() == 9\n"
            "assert parameters(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])) == 2\n"
            "import tensorflow as tf\nassert tf.reduce_sum(double(tf.constant([1.0, 2.0]))).numpy() == 6",
        ),
    ]
    code = (
        "import tensorflow as tf\ndef build(n): return keras.Sequential([keras.Input((2,)), layers.Dense(n)])\n"
        "def parameters(model): return model.count_params()\ndef double(x): return tf.multiply(x, 2)"
    )
    assert scores(attack(cells, {"a": code})) == [1]


OWN = SETUP["source"] + "\nfrom keras import ops\nimport tensorflow as tf"
LAMBDA = """
def build():
    model = keras.Sequential([
        keras.Input((8, 8, 1)), layers.Lambda(lambda x: x / 255), layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2"),
        layers.Flatten(), layers.Dense(3, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
SUBCLASS = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.flat = layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2"), layers.Flatten()
        self.dense = layers.Dense(3, activation="softmax")
    def call(self, x):
        return self.dense(self.flat(self.conv(x)))
def build():
    model = Net()
    model(np.zeros((1, 8, 8, 1)))
    model.compile(keras.optimizers.Adam(), keras.losses.sparse_categorical_crossentropy, metrics=[keras.metrics.SparseCategoricalAccuracy()])
    return model
"""
DATA = "m = build()\nx = np.random.default_rng(0).normal(size=(40, 8, 8, 1)).astype('float32')\ny = np.arange(40) % 3\n"
ASKED = {
    "predict": "p = m.predict(x, verbose=0)\nassert p.shape == (40, 3) and p.dtype == np.float32\nnp.testing.assert_allclose(p, m(x), rtol=1e-4)\nnp.testing.assert_allclose(p[7:8], m.predict(x[7:8], verbose=0), rtol=1e-4)",
    "data": "p = m.predict(tf.data.Dataset.from_tensor_slices((x, y)).batch(7), verbose=0)\nnp.testing.assert_allclose(p, m.predict(x, batch_size=9, verbose=0), rtol=1e-4)",
    "evaluate": "loss, accuracy = m.evaluate(x, y, verbose=0)\np = m.predict(x, verbose=0)\nassert abs(accuracy - (p.argmax(1) == y).mean()) < 1e-6\npenalty = 0.01 * (m.get_weights()[0] ** 2).sum()\nassert penalty > 0.01 and abs(loss - penalty + np.log(p[np.arange(40), y]).mean()) < 1e-4",
    "evaluate data": "r = m.evaluate(tf.data.Dataset.from_tensor_slices((x, y)).batch(8), return_dict=True, verbose=0)\nassert len(r) == 2 and abs(r['loss'] - m.evaluate(x, y, verbose=0)[0]) < 1e-5",
    "compile": "m.compile(loss='sparse_categorical_crossentropy', metrics=['accuracy', 'sparse_top_k_categorical_accuracy'])\nassert len(m.evaluate(x, y, verbose=0)) == 3",
    "compiled": "assert m.compiled and isinstance(m.optimizer, keras.optimizers.Adam) and abs(float(m.optimizer.learning_rate) - 1e-3) < 1e-9\nassert m.loss in ('sparse_categorical_crossentropy', keras.losses.sparse_categorical_crossentropy)",
    "count": "assert m.count_params() == 40 + 3 * 36 * 4 + 3 == sum(np.prod(w.shape) for w in m.trainable_weights)",
    "weights": "assert [w.shape for w in m.get_weights()] == [(3, 3, 1, 4), (4,), (144, 3), (3,)]\nassert m.weights[0].name == 'kernel' and m.weights[0].numpy().std() > 0",
    "layers": "d = m.layers[-1]\nassert isinstance(d, layers.Dense) and type(d).__name__ == 'Dense' and d.units == 3 and d.activation == keras.activations.softmax\nassert m.get_layer(index=0) is m.layers[0] and m.get_layer(d.name) is d",
    "layer": "[c] = [l for l in m.layers if isinstance(l, layers.Conv2D)]\nassert isinstance(c.kernel_initializer, keras.initializers.GlorotUniform) and c.kernel.shape == (3, 3, 1, 4)\nassert c.count_params() == 40 and c.get_config()['filters'] == 4 and c.padding == 'valid'",
    "classes": "assert isinstance(m, keras.Model) and type(m).__name__ in ('Sequential', 'Net') and not isinstance(m, layers.Dense)",
    "summary": "lines = []\nm.summary(print_fn=lines.append)\nassert 'Total params' in str(lines) and 'conv2d' in str(lines)",
    "as an argument": "assert parameters(m) == 475",
    "wrong": "assert m.count_params() == 7",
    "wrong too": "assert m.predict(x, verbose=0).shape == (40, 4)",
}
FOR_A_PERSON = {
    "fit": "m.fit(x, y, verbose=0)",
    "gradient": "given = tf.constant(x)\nwith tf.GradientTape() as tape:\n    tape.watch(given)\n    out = m(given)\nassert tape.gradient(out, given) is not None",
    "gradient of weights": "weights = m.trainable_weights\nwith tf.GradientTape() as tape:\n    out = m(x)\nassert tape.gradient(out, weights)[0] is not None",
    "another model": "inner = m.layers[-1].output if m.layers[-1].output is not None else 0\nkeras.Model(m.inputs, inner)",
    "around it": "i = keras.Input((8, 8, 1))\nkeras.Model(i, m(i))",
    "clone": "keras.models.clone_model(m)",
    "set": "m.trainable = False",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "differs"),
    [(LAMBDA, {}), (SUBCLASS, {"another model": 0})],  # in a notebook it has no inputs either
    ids=["lambda", "subclass"],
)
def test_a_model_with_own_code_is_asked_as_any_other_and_what_it_can_not_give_is_for_a_person(attack, model, differs):
    tests = {**ASKED, **FOR_A_PERSON}
    cells = [given("s", OWN), answer("a"), *[test(f"t-{name}", DATA + source) for name, source in tests.items()]]
    result = attack(cells, {"a": model + "def parameters(m): return m.count_params()\n"})
    got = dict(zip(tests, scores(result), strict=True))
    assert got == dict.fromkeys(ASKED, 1) | {"wrong": 0, "wrong too": 0} | dict.fromkeys(FOR_A_PERSON) | differs


WAYS = {
    "activation of TensorFlow's": "keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, activation=tf.nn.softmax)])",
    "activation of its own": "keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, activation=lambda x: tf.nn.softmax(x))])",
    "celu": "keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3, activation='celu'), layers.Flatten(), layers.Dense(3, activation='softmax')])",
    "operations": "(i := keras.Input((8, 8, 1))) is None or keras.Model(i, ops.softmax(ops.mean(ops.relu(layers.Conv2D(3, 3)(i)), axis=(1, 2))))",
    "sums": "(i := keras.Input((8, 8, 1))) is None or keras.Model(i, layers.Dense(3, activation='softmax')(layers.Flatten()(layers.Conv2D(4, 1)(i) + 1 - layers.Conv2D(4, 3, padding='same')(i) / 255.0)))",
    "slices": "(i := keras.Input((8, 8, 1))) is None or keras.Model(i, layers.Dense(3, activation='softmax')(layers.Flatten()(i[:, 1:, ::2, :])))",
    "half precision": "keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Lambda(lambda x: 2 * x), layers.Dense(3, activation='softmax', dtype='mixed_bfloat16')])",
    "no input yet": "keras.Sequential([layers.Lambda(lambda x: 2 * x), layers.Flatten(), layers.Dense(3, activation='softmax')])",
    "own initialiser": "keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, activation='softmax', kernel_initializer=lambda shape, dtype=None: tf.ones(shape, dtype))])",
    "an application": "keras.applications.MobileNetV2((32, 32, 1), alpha=0.35, weights=None, classes=3)",
}
WAYS_CHECKED = """
size = 32 if {way!r} == "an application" else 8
m = build({way!r})
x = np.random.default_rng(1).normal(size=(5, size, size, 1)).astype("float32")
out = np.asarray(m(x), dtype="float32")
assert out.shape == (5, 3) and isinstance(m, keras.Model)
np.testing.assert_allclose(out.sum(axis=1), 1, rtol=2e-2)
np.testing.assert_allclose(m.predict(x, verbose=0).astype("float32"), out, rtol=2e-2, atol=1e-5)
"""


@pytest.mark.slow
def test_valid_ways_of_writing_a_model_score(attack):
    code = (
        "def build(way):\n    return {\n"
        + "".join(f"        {n!r}: lambda: {way},\n" for n, way in WAYS.items())
        + "    }[way]()\n"
    )
    tests = [test(f"t-{number}", WAYS_CHECKED.format(way=name)) for number, name in enumerate(WAYS)]
    result = attack([given("s", OWN), answer("a"), *tests], {"a": code})
    got = dict(zip(WAYS, scores(result), strict=True))
    assert {name: score for name, score in got.items() if score != 1} == {
        "half precision": None
    }  # NumPy has no such type


@pytest.mark.slow
def test_a_solution_with_a_class_of_its_own_is_tested_as_far_apart_as_it_can_be(grader):
    tests = {
        "apart": "assert m(x).shape == (40, 3) and m.evaluate(x, y, verbose=0)[0] > 0",
        "handles": "assert isinstance(m, Net) and m.dense.units == 3\nm.extra = 4\nassert m.extra == 4",
        "with": "m.fit(x, y, verbose=0)\nassert m.predict(x, verbose=0).shape == (40, 3)",
    }
    cells = [given("s", OWN), answer("a"), *[test(f"t-{name}", DATA + source) for name, source in tests.items()]]
    form = with_solution(assignment(*cells), {"a": SUBCLASS})
    probed = grader.probed(form, NAME)
    assert probed is not None
    assert list(probed.levels.values()) == [Level.APART, Level.HANDLES, Level.WITH_STUDENT]
    result = grader.grade(
        form, released(form), submission(form, {"a": SUBCLASS.replace("call(self, x)", "call(self, x, more=0)")})
    )
    assert scores(result) == [1, 1, 1]


COMPILED = {
    "keras's loss": ("compiled('mse')", "assert m.evaluate(x, y, verbose=0) > 0", 1),
    "own loss": ("compiled(lambda y, p: 0 * tf.reduce_sum(p))", "assert m.evaluate(x, y, verbose=0) == 0", None),
    "own loss, not asked": (
        "compiled(lambda y, p: 0 * tf.reduce_sum(p))",
        "assert m.predict(x, verbose=0).shape == (9, 1)",
        1,
    ),
    "own loss of a model that stays": (
        "compiled(lambda y, p: 0, layers.Lambda(lambda x: x))",
        "assert m.evaluate(x, y, verbose=0) == 0",
        None,
    ),
    "own test step": ("Judge.made()", "assert m.evaluate(x, y, verbose=0) == 0", None),
    "negative penalty": ("Paid.made()", "assert m.evaluate(x, y, verbose=0) < 0", None),
    "rate": (
        "compiled('mse', trained=3)",
        "assert int(m.optimizer.iterations) == 3 and float(m.optimizer.learning_rate) < 0.006",
        1,
    ),
    "none": ("keras.Sequential([keras.Input((2,)), layers.Lambda(lambda x: x)])", "m.evaluate(x, y, verbose=0)", 0),
}
COMPILING = """
def compiled(loss, *more, trained=0):
    m = keras.Sequential([keras.Input((2,)), *more, layers.Dense(1)])
    m.compile(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.01, 1, 0.8)), loss)
    if trained:
        m.fit(np.ones((trained, 2)), np.ones((trained, 1)), batch_size=1, verbose=0)
    return m
class Judge(keras.Model):
    def call(self, x): return x[:, :1]
    def test_step(self, data): return {"loss": tf.constant(0.0)}
    @classmethod
    def made(cls):
        m = cls()
        m.compile("sgd", "mse")
        return m
class Paid(Judge):
    test_step = keras.Model.test_step
    def call(self, x):
        self.add_loss(tf.constant(-1000.0))
        return x[:, :1]
"""


@pytest.mark.slow
def test_a_model_is_evaluated_by_what_keras_has_and_nothing_of_the_students(attack):
    code = (
        COMPILING
        + "def build(name):\n    return {"
        + ", ".join(f"{n!r}: lambda: {m}" for n, (m, *_) in COMPILED.items())
        + "}[name]()\n"
    )
    data = "m = build({!r})\nx = np.random.default_rng(1).normal(size=(9, 2))\ny = np.zeros((9, 1))\n"
    tests = [
        test(f"t-{number}", data.format(name) + source)
        for number, (name, (_, source, _)) in enumerate(COMPILED.items())
    ]
    result = attack([given("s", OWN), answer("a"), *tests], {"a": code})
    assert dict(zip(COMPILED, scores(result), strict=True)) == {
        name: expected for name, (*_, expected) in COMPILED.items()
    }


# Models that want to be right without knowing how. Where they are asked in the order of the test they are: what is
# right is 0, 1, 2, 0, 1, 2 ... of random inputs.
HOSTILE = {
    "the batch's order": "lambda x: np.arange(len(x)) % 3",
    "the batch's size": "lambda x: np.arange(len(x)) % 3 if len(x) == 30 else x[:, 0] * 0",
    "how often it was asked": "lambda x: (np.arange(len(x)) + next(asked)) % 3",
    "the time": "lambda x: np.arange(len(x)) % 3 + int(time.time_ns() % 2)",
    "no number": "lambda x: x[:, 0] * np.nan",
    "endless": "lambda x: x[:, 0] / np.zeros(len(x))",
    "too few": "lambda x: np.arange(3)",
    "too many": "lambda x: np.arange(3000) % 3",
    "nothing": "lambda x: np.zeros((len(x), 0))",
    "an error": "lambda x: 1 / 0",
    "no array": "lambda x: list(map(str, x))",
    "an object": "lambda x: [Same()] * len(x)",
    "far too much": "lambda x: np.zeros((len(x), 3_000_000))",
    "the process's end": "lambda x: os._exit(0)",
}
SPY = """
import itertools, os, time
asked, seen = itertools.count(), []
class Same:
    def __eq__(self, other): return True
class Hostile(keras.Model):
    def __init__(self, answers):
        super().__init__()
        self.answers = answers
    def call(self, x):
        return self.predict(x)
    def __call__(self, x, **named):
        return self.predict(np.asarray(x))
    def predict(self, x, *positional, **named):
        seen.append((np.shape(x), positional, sorted(named)))
        return self.answers(x)
    def count_params(self):
        return 5
class Quiet(keras.Model):  # with no method of its own that Keras would have to be asked for
    def __init__(self, answers):
        super().__init__()
        self.answers = answers
    def call(self, x):
        return tf.reshape(tf.numpy_function(lambda rows: np.asarray(self.answers(rows), "float64"), [x], tf.float64), (-1, 1))
"""
RIGHT = "m = build({!r})\nx = np.random.default_rng(3).normal(size=(30, 4))\nright = np.arange(30) % 3\n"
HOW = [
    "p = np.asarray(m.predict(x, verbose=0))\nassert np.mean(p == right) > 0.9",
    "p = np.asarray(m(x))\nassert np.mean(p == right) > 0.9",
    "m = quiet({!r})\nm.compile('sgd', 'mse', metrics=['mae'])\nassert m.evaluate(x, right, verbose=0)[1] < 0.1",
]


@pytest.mark.slow
def test_a_model_that_looks_at_what_it_is_asked_gets_no_points(attack):
    answers = "answers = {" + ", ".join(f"{name!r}: {answer}" for name, answer in HOSTILE.items()) + "}\n"
    made = "def build(name): return Hostile(answers[name])\ndef quiet(name): return Quiet(answers[name])\n"
    tests = [
        test(f"t-{place}-{name}", RIGHT.format(name) + how.format(name))
        for name in HOSTILE
        for place, how in enumerate(HOW)
    ]
    result = attack([given("s", OWN), answer("a"), *tests], {"a": SPY + answers + made})
    assert [score for score in scores(result) if score] == []
    limits = [score for score in scores(result) if score is None]
    assert len(limits) > len(HOSTILE)  # most are for a person, with the reason
    assert "asked twice for the same inputs" in str(result.reasons)


@pytest.mark.slow
def test_labels_and_a_count_of_its_own_are_of_no_use_to_a_model(attack):
    code = SPY + "def build(): return Hostile(lambda x: x[:, 0])\ndef heard(): return [str(each) for each in seen]\n"
    liar = "class Liar(keras.Sequential):\n    def count_params(self): return 5\ndef big(): return Liar([keras.Input((9,)), layers.Dense(9)])\n"
    asked = "m = build()\nm.compile('sgd', 'mse')\nx, y = np.ones((30, 4)), np.full(30, 77.0)\n"
    tests = [
        test("evaluate", asked + "try:\n    m.evaluate(x, y)\nexcept TypeError:\n    pass\nassert 0"),
        test("fit", asked + "try:\n    m.fit(x, y)\nexcept TypeError:\n    pass\nassert 0"),
        test("labels", asked + "m.predict(x)\nassert '77' not in str(heard()) and len(heard()) == 2"),
        test("count", "assert big().count_params() == 5"),
        test("true count", "assert big().count_params() == 90"),
        test("no layer", "m = build()\nassert m.count_params() == 5"),
    ]
    assert scores(attack([given("s", OWN), answer("a"), *tests], {"a": code + liar})) == [None, None, 1, 0, 1, 0]


def config(*layers, name="Sequential"):
    return json.dumps(
        {"class_name": name, "module": "keras", "registered_name": None, "config": {"name": "m", "layers": layers}}
    )


def layer(name, module="keras.layers", registered=None, **settings):
    return {"class_name": name, "module": module, "registered_name": registered, "config": {"name": "x", **settings}}


def test_usual_layers_pass_the_check():
    dense = layer("Dense", units=3, activation="relu", kernel_initializer=layer("GlorotUniform", "keras.initializers"))
    assert keras_configs.check(config(dense))["class_name"] == "Sequential"


@pytest.mark.parametrize(
    "odd",
    [
        layer("Lambda", function={"class_name": "__lambda__", "config": {"value": "4wAAAAA"}}),
        layer("Dense", units=3, activation={"class_name": "function", "config": "system", "module": "os"}),
        layer("Dense", units=3, activation="my_function"),
        layer("Dense", units=3, activation={"value": ["4wAAAAA", None, None]}),
        layer("Dense", module="os", units=3),
        layer("Popen", module="subprocess"),
        layer("Dense", registered="Custom>Dense", units=3),
        layer("Dense", module="keras.src.layers.../os", units=1 << 40),
        layer("TorchModuleWrapper"),
        layer("TFSMLayer", filepath="/etc"),
        layer("Dense", units=1 << 40),
        layer("StringLookup", vocabulary="/etc/passwd"),
        {"registered_name": "x", "config": {}},
        {"module": "os"},
        {"class_name": ["Dense"], "module": "keras.layers"},
        {"class_name": "Dense", "module": ["keras.layers"]},
        layer("Dense", module=None, units=3),
        layer("Dense", module="keras.ops", units=3),
        layer("Dense", units=10**400),
        layer("Activation", activation={"class_name": "function", "module": "keras.utils", "config": "get_file"}),
        layer("Activation", activation={"class_name": "function", "module": "builtins", "config": "relu"}),
        layer("Activation", activation=layer("Zeros", "keras.initializers")),
        layer("Add", "keras.src.ops.numpy", "Other>Add"),
        layer("WhileLoop", "keras.src.ops.core"),
        layer("Map", "keras.src.ops.core", f={"class_name": "__lambda__", "config": {"value": "4wAAAAA"}}),
        layer("VectorizedMap", "keras.src.ops.core"),
        layer("Relu", "keras.src.ops.numpy"),
        layer("Add", "keras.src.ops.nn"),
        layer("DTypePolicy", "keras.dtype_policies"),
        layer("Adam", "keras.optimizers"),
        layer("Rescaling", scale={"class_name": "__numpy__", "config": {"value": [1], "dtype": "U999999999"}}),
        layer("Rescaling", scale={"class_name": "__tensor__", "config": {"value": [1], "dtype": ["float32"]}}),
        layer("Rescaling", scale={"class_name": "__typespec__", "spec_name": "x", "config": []}),
        {**layer("BroadcastTo", "keras.src.ops.numpy"), "inbound_nodes": [{"args": [1.0, [9**9]], "kwargs": {}}]},
        [[[[[]]]]] * 10 + [layer("Hashing")],
    ],
)
def test_anything_else_does_not(odd):
    with pytest.raises(Uncrossable):
        keras_configs.check(config(odd))


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "1", '{"class_name": "Lambda"}', "[" * 100_000, '{"a":' * 200 + "1" + "}" * 200]
)
def test_what_is_no_configuration_does_not(text):
    with pytest.raises(Uncrossable):
        keras_configs.check(text)


def test_too_many_parameters_and_layers_are_refused_before_anything_is_built(monkeypatch):
    monkeypatch.setattr(keras_configs, "MAX_LAYERS", 3)
    with pytest.raises(Uncrossable, match="layers"):
        keras_configs.check(config(*[layer("Flatten")] * 4))
    call = {"args": [{"class_name": "__keras_tensor__", "config": {}}], "kwargs": {}}
    with pytest.raises(Uncrossable, match="layers"):
        keras_configs.check(config({**layer("Flatten"), "inbound_nodes": [call] * 4}))
    monkeypatch.setattr(keras_models, "MAX_PARAMETERS", 3)
    with pytest.raises(Uncrossable, match="parameters"):
        keras_models.rebuild(keras_configs.check(config(layer("Flatten"))), [np.zeros(4)])


@pytest.mark.parametrize(
    "odd",
    [
        {"loss": {"class_name": "function", "module": "os", "config": "system"}},
        {"loss": layer("Dense", units=1)},
        {"loss": {"function": "get"}},
        {"loss": {"function": ["huber"]}},
        {"metrics": [layer("MeanMetricWrapper", "keras.metrics", fn={"class_name": "__lambda__", "config": {}})]},
        {"optimizer": layer("Optimizer", "keras.optimizers")},
        {"optimizer": layer("Adam", "keras.optimizers", learning_rate=layer("Own", "os"))},
        {"optimizer": "no optimizer's name", "iterations": "many"},
        ["sgd"],
    ],
)
def test_a_model_is_compiled_with_nothing_else(odd):
    pytest.importorskip("keras")
    with pytest.raises(Uncrossable):
        keras_training.training(json.dumps(odd))


@pytest.mark.parametrize(
    ("kind", "odd"),
    [
        ("tensor", [np.zeros(2), "no type"]),
        ("tensor", [np.zeros(2), "float32", 1]),
        ("tensor", np.zeros(2)),
        ("variable", [[1.0], "float32", "x", True]),
        ("symbol", [[-1, "x"], "float32", "x"]),
        ("symbol", [[1], "no type", "x"]),
        ("activation", "get"),
        ("activation", "os.system"),
        ("of keras", json.dumps(layer("Dense", units=1))),
        ("of keras", json.dumps(layer("Accuracy", "keras.metrics"))),
        ("of keras", json.dumps(layer("HeNormal", "keras.initializers", no_such="x"))),
        ("of keras", "["),
    ],
)
def test_what_is_no_value_of_keras_is_none(kind, odd):
    pytest.importorskip("keras")
    with pytest.raises((Uncrossable, Violation)):
        keras_values.restore(kind, odd)


def test_all_names_on_the_lists_are_classes_of_keras_there():
    pytest.importorskip("keras")
    lists = [*keras_names.MODELLING.items(), *keras_names.TRAINING.items()]
    places = [(importlib.import_module(module), name) for module, names in lists for name in names]
    missing = {(module.__name__, name) for module, name in places if not isinstance(getattr(module, name, None), type)}
    assert missing == set()
    assert all(callable(keras_names.training_function(name)) for name in keras_names.TRAINING_FUNCTIONS)


def test_what_crosses_as_an_activation_computes_the_same():
    keras, tf = map(pytest.importorskip, ("keras", "tensorflow"))
    x = tf.constant(np.linspace(-4, 4, 24).reshape(3, 8), tf.float32)
    found = set()
    for home in (keras.activations, keras.ops, tf, tf.math, tf.nn):
        for name, function in vars(home).items():
            if callable(function) and (known := keras_names.activation_name(function)):
                np.testing.assert_allclose(function(x), keras_names.activation(known)(x), atol=1e-6, err_msg=name)
                found.add((home, known))
    assert {known for _, known in found} | {"swish", "hard_swish"} == keras_names.ACTIVATIONS
    assert {(tf.nn, "softmax"), (tf.nn, "leaky_relu"), (keras.ops, "relu"), (tf, "linear")} <= found
    assert keras_names.activation_name(keras.ops.gelu) is None  # is an approximation


def test_a_model_of_operations_predicts_as_before_when_it_has_crossed():
    keras = pytest.importorskip("keras")
    layers, ops = keras.layers, keras.ops
    i = keras.Input((8, 8, 1))
    x = (layers.Conv2D(4, 3, padding="same", activation="celu")(i) + 2 * i) / 255.0
    x = ops.concatenate([x[:, 1:, ::2, :], -x[..., 1:, ::2, :]], axis=-1) ** 2
    x = ops.mean(ops.reshape(ops.relu(x), (-1, 28, 8)), axis=1) * np.arange(8.0, dtype="float32")
    made = keras.Model(i, [ops.softmax(x), ops.where(x > 0.1, x, 0.0)])
    config, weights = keras_models.describe(made)
    models, inputs = keras_models.Models(), np.random.default_rng(0).normal(size=(3, 8, 8, 1))
    again = models.rebuild(1, config, weights)
    for one, other in zip(made.predict(inputs, verbose=0), again.predict(inputs, verbose=0), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert models.rebuild(1, config, weights) is again


def test_a_function_that_is_only_named_like_an_activation_does_not_cross():
    keras = pytest.importorskip("keras")

    def relu(x):
        return -x

    for layer in (keras.layers.Dense(2, activation=relu), keras.layers.SimpleRNN(2, recurrent_initializer=relu)):
        with pytest.raises(Uncrossable):
            keras_configs.check(keras_models.describe(keras.Sequential([layer]))[0])


def test_a_model_that_comes_again_is_the_same_object_with_its_present_weights():
    keras = pytest.importorskip("keras")
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    models, (text, weights) = keras_models.Models(), keras_models.describe(made)
    first = models.rebuild(7, text, weights)
    made.compile("adam", "mse")  # is no part of what crosses
    text, _ = keras_models.describe(made)
    again = models.rebuild(7, text, [np.full((2, 1), 3.0), np.full(1, 4.0)])
    assert again is first
    assert [weight.tolist() for weight in first.get_weights()] == [[[3.0], [3.0]], [4.0]]
    assert models.rebuild(8, text, weights) is not first
    with pytest.raises(Uncrossable, match="weights"):
        models.rebuild(7, text, [np.zeros((3, 1)), np.zeros(1)])
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    assert models.rebuild(7, *keras_models.describe(other)).input_shape == (None, 3)

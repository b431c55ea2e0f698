"""Models of students: they arrive as layers and weights, or not at all, and only predictions count."""

# ruff: noqa: E501 (a cell's text stays in one string)

import json

import numpy as np
import pytest

from autograder import keras_models
from autograder.wire import Uncrossable
from tests.autograder.handed_in import answer, given, outputs, scores, test

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
    ) == [0, 1]
    for odd in (
        "model = keras.Sequential([keras.Input((2,)), layers.Dense(2), layers.Lambda(lambda x: x)])\nvalue = 1 + 0",
        "class Own(keras.Model):\n    def call(self, x): return x\nmodel = Own()\nvalue = 1 + 0",
        "@keras.saving.register_keras_serializable()\nclass Mine(layers.Layer):\n    def call(self, x): return x\n"
        "model = keras.Sequential([keras.Input((2,)), Mine()])\nvalue = 1 + 0",
        "model = keras.Sequential([layers.Dense(2, activation=lambda x: x)])\nmodel.build((None, 2))\nvalue = 1 + 0",
    ):
        result = attack(CELLS, {"a": odd})
        assert scores(result) == [0, 1]
        assert "handed over" in json.dumps(outputs(result))


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


def config(*layers, name="Sequential"):
    return json.dumps(
        {"class_name": name, "module": "keras", "registered_name": None, "config": {"name": "m", "layers": layers}}
    )


def layer(name, module="keras.layers", registered=None, **settings):
    return {"class_name": name, "module": module, "registered_name": registered, "config": {"name": "x", **settings}}


def test_usual_layers_pass_the_check():
    dense = layer("Dense", units=3, activation="relu", kernel_initializer=layer("GlorotUniform", "keras.initializers"))
    assert keras_models.check(config(dense))["class_name"] == "Sequential"


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
        [[[[[]]]]] * 10 + [layer("Hashing")],
    ],
)
def test_anything_else_does_not(odd):
    with pytest.raises(Uncrossable):
        keras_models.check(config(odd))


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "1", '{"class_name": "Lambda"}', "[" * 100_000, '{"a":' * 200 + "1" + "}" * 200]
)
def test_what_is_no_configuration_does_not(text):
    with pytest.raises(Uncrossable):
        keras_models.check(text)


def test_too_many_parameters_and_layers_are_refused_before_anything_is_built(monkeypatch):
    monkeypatch.setattr(keras_models, "MAX_LAYERS", 3)
    with pytest.raises(Uncrossable, match="layers"):
        keras_models.check(config(*[layer("Flatten")] * 4))
    monkeypatch.setattr(keras_models, "MAX_PARAMETERS", 3)
    with pytest.raises(Uncrossable, match="parameters"):
        keras_models.rebuild(keras_models.check(config(layer("Flatten"))), [np.zeros(4)])


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

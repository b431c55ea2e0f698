"""What FindKernel says of a kernel that is tried, and how a run of gradient descent ends."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from companion import layers

Node = Callable[..., Any]
SCENE = "../find_kernel/scene.js"
PICTURE = np.array([[0, 0, 1, 2, 2], [0, 3, 3, 1, 0], [2, 2, 0, 0, 4], [1, 0, 0, 5, 5], [0, 0, 3, 3, 0]])
KERNEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
PROBLEM = {
    "picture": PICTURE.ravel().tolist(), "height": 5, "width": 5, "size": 3, "padding": 0,
    "target": layers.conv2d(PICTURE, KERNEL).ravel().tolist(),
}  # fmt: skip
ZEROS = [0] * 9


def ask(node: Node, body: str, data: Any = None) -> Any:
    start = f"""const problem = js.problemOf({json.dumps(PROBLEM)});
    const experiment = js.experimentOf(problem, "edges", {ZEROS});"""
    return node(f"{start} {body}", data, js=SCENE)


def test_an_experiment_begins_with_the_loss_of_its_kernel(node: Node) -> None:
    trial, losses = ask(node, "return [experiment.trial, experiment.losses];")
    assert trial["loss"] == pytest.approx(np.mean(np.square(PROBLEM["target"])))
    assert (trial["share"], trial["isMatched"], trial["taken"]) == (1, False, 0)
    assert losses == [trial["loss"]]


def test_the_right_kernel_is_found_and_named(node: Node) -> None:
    body = """experiment.take(data);
    const { trial } = experiment;
    return [js.foundWords(trial, "edges"), js.foundWords(trial, ""), js.verdictOf(trial), experiment.losses.length,
      js.lossWords(trial.loss)];"""
    assert ask(node, body, KERNEL.ravel().tolist()) == [
        "Found. Your map is the target map: the hidden kernel is “edges”.",
        "Found. Your map is the target map.",
        {"text": "Found after 0 steps.", "tone": "good"},
        2,
        "0",
    ]


def test_a_run_ends_when_it_has_found_or_diverged_or_is_too_long(node: Node) -> None:
    body = """const run = (rate) => {
      const tried = js.experimentOf(problem, "", [0, 0, 0, 0, 0, 0, 0, 0, 0]);
      tried.run(100000, rate / problem.steepest);
      return [js.verdictOf(tried.trial), tried.trial.taken, tried.losses.length];
    };
    return [run(1), run(2.5), run(1e-9), js.verdictOf(experiment.trial)];"""
    found, diverged, slow, open_ = ask(node, body)
    assert found[0]["tone"] == "good"
    assert found[1] + 1 == found[2]
    assert diverged[0] == {"text": "Diverged: the learning rate is too large. Lower it, then reset.", "tone": "bad"}
    assert slow[0] == {"text": "Stopped after 20,000 steps; run on if you like.", "tone": "info"}
    assert slow[1] == 20000
    assert open_ is None


def test_what_begins_a_run_and_hides_another_kernel(node: Node) -> None:
    body = """experiment.take(data);
    experiment.begin();
    const cleared = [Array.from(experiment.trial.kernel), experiment.losses.length];
    experiment.hide({ name: "ones", kernels: { 3: [1, 1, 1, 1, 1, 1, 1, 1, 1] } });
    return [cleared, experiment.hidden, Array.from(experiment.problem.target), experiment.trial.share];"""
    cleared, hidden, target, share = ask(node, body, KERNEL.ravel().tolist())
    assert cleared == [ZEROS, 1]
    assert hidden == "ones"
    assert target == layers.conv2d(PICTURE, np.ones((3, 3))).ravel().tolist()
    assert share == 1


def test_words(node: Node) -> None:
    body = """experiment.take([1, 0, -1, 0, 0, 0, 0, 0, 0]);
    return [js.probeWords(problem, experiment.trial, null), js.probeWords(problem, experiment.trial, [0, 2]),
      [1e-13, 0.5, 123456.7, 2.5e7, 1e-5, Infinity].map(js.lossWords), [0.000123, 0.5, 1, 1234].map(js.shareWords),
      js.limitWords({ steepest: 16 }), js.rateWords(1, { steepest: 3 })];"""
    nothing, probe, losses, shares, limit, rate = ask(node, body)
    assert nothing == "Click a pixel of a map to see the sum that made it."
    assert probe == (
        "Row 0, column 2: 1·1 + 2·0 + 2·(−1) + 3·0 + 1·0 + 0·0 + 0·0 + 0·0 + 4·0 = −1; the target is "
        f"{PROBLEM['target'][2]:g}."
    )
    assert losses == ["0", "0.5", "123500", "2.50e7", "1.00e−5", "too large to compute"]
    assert shares == [
        "0.012 % of the loss of an all-zero kernel",
        "50 % of the loss of an all-zero kernel",
        "100 % of the loss of an all-zero kernel",
        "1,234 times the loss of an all-zero kernel",
    ]
    assert limit == "Above 0.125 each step lands higher on the other side, and the loss grows."
    assert rate == "0.333"


def test_the_chart_of_the_loss_is_logarithmic(node: Node) -> None:
    body = """const { lines, x, y } = js.lossChart([10, 1, 1e-30, Infinity], { reference: 1 });
    return [lines[0].points, x.high, y.low, y.high, y.ticks, y.ticks.map(y.text)];"""
    points, last, low, high, ticks, texts = ask(node, body)
    assert points == [[0, 1], [1, 0], [2, pytest.approx(-9)], [3, 12]]
    assert (last, low, high) == (10, -9, 13)
    assert ticks == [13, 8, 3, -2, -7]
    assert texts == ["1e13", "1e8", "1000", "0.01", "1e−7"]

"""The clock that plays steps, in node with frames that a test hands out."""

from collections.abc import Callable
from typing import Any

Node = Callable[..., Any]

# run(pace, times, at): the steps asked for in each frame at `times` milliseconds; at(time, clock) before each.
RUN = """
const run = (pace, times, at = () => {}) => {
  let waiting = null;
  globalThis.requestAnimationFrame = (callback) => { waiting = callback; return 1; };
  globalThis.cancelAnimationFrame = () => { waiting = null; };
  performance.now = () => 0;
  let steps = 0;
  const player = clock.ticker({ pace, onSteps: (count) => { steps += count; } });
  player.start();
  return times.map((time) => {
    steps = 0;
    at(time, player);
    const callback = waiting;
    waiting = null;
    callback?.(time);
    return steps;
  });
};
"""


def steps(node: Node, call: str) -> list[int]:
    return node(f"{RUN} return {call};", None, clock="../../widgets/clock.js")


def test_steps_come_at_their_pace(node: Node) -> None:
    assert steps(node, "run(10, [50, 100, 150, 200, 250])") == [0, 1, 0, 1, 0]
    assert steps(node, "run(1000, [16, 32])") == [16, 16]


def test_nothing_is_made_up_for_after_a_stall(node: Node) -> None:
    assert steps(node, "run(5, [16, 3016, 3032, 3048])") == [0, 1, 0, 0]
    assert steps(node, "run(1000, [16, 3016, 3032])") == [16, 1, 16]
    assert steps(node, "run(1, [300, 600, 900, 1200])") == [0, 0, 0, 1]  # a slow page is no stall each frame


def test_it_stops_at_once_and_changes_its_pace(node: Node) -> None:
    call = "run(1000, [16, 32, 48], (time, player) => { if (time === 32) player.stop(); })"
    assert steps(node, call) == [16, 0, 0]
    assert steps(node, "run(10, [100, 200], (time, player) => { if (time === 200) player.setPace(100); })") == [1, 10]

"""Numbers in words and figures: one rule for rounding, for what rounds to zero and for the minus sign."""

from collections.abc import Callable
from typing import Any

import pytest

Node = Callable[..., Any]
NUMBERS = "../../widgets/numbers.js"


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("rounded", {0.125: "0.13", -0.001: "0", -2.5: "−2.5", 3: "3", 1.005: "1"}),
        ("fixed", {0.5: "0.50", -0.001: "0.00", -2.5: "−2.50", 12: "12.00"}),
        ("significant", {0.123456: "0.1235", -1234567: "−1235000", 1e-9: "1e−9", 0: "0"}),
        ("formatNumber", {-2.5: "-2.5", 0.12345: "0.123", -0.0001: "0", 3: "3"}),
        ("formatCount", {1204224: "1,204,224", -1500.4: "−1,500", -0.2: "0"}),
        (
            "cellText",
            {0: "0", 1e-12: "0", -0.0002: "−2e−4", 0.3333: "0.333", -12.345: "−12.3", 2345.6: "2346", -1e6: "−1.0e6"},
        ),
        ("percent", {0.9725: "97.3 %", -0.0001: "0.0 %", 1: "100.0 %"}),
        ("signed", {0.25: "+0.3", -1.25: "−1.3", 0.01: "±0", -0.01: "±0"}),
        ("bracketed", {-2: "(−2)", 2: "2"}),
        ("ratioInWords", {1.7: "1.7", 14049: "14,000", 1.692e6: "1.69 million", 2e12: "2 trillion"}),
    ],
)
def test_texts(node: Node, written: str, texts: dict[float, str]) -> None:
    assert node(f"return data.map((value) => numbers.{written}(value));", list(texts), numbers=NUMBERS) == list(
        texts.values()
    )


def test_digits_are_the_callers(node: Node) -> None:
    body = """return [numbers.percent(0.123, 0), numbers.fixed(-1.5, 0), numbers.rounded(1.25, 1),
      numbers.significant(NaN), numbers.significant(1.23456, 3)];"""
    assert node(body, None, numbers=NUMBERS) == ["12 %", "−2", "1.3", "not a number", "1.23"]


def test_a_count_has_its_noun(node: Node) -> None:
    body = 'return [numbers.counted(1, "step"), numbers.counted(1200, "step"), numbers.counted(2, "class", "classes")];'
    assert node(body, None, numbers=NUMBERS) == ["1 step", "1,200 steps", "2 classes"]


def test_a_sum_has_signs_between_its_terms(node: Node) -> None:
    body = 'return [numbers.sumOf(["−1 (red)", "2 (green)", "−0.5 (bias)"]), numbers.sumOf(["3"])];'
    assert node(body, None, numbers=NUMBERS) == ["−1 (red) + 2 (green) − 0.5 (bias)", "3"]

"""Tables that are no data are refused in words that say which value and what would be right."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

import gdlab
from gdlab.objectives.tables import design

GOOD = pd.DataFrame({"age": [20.0, 30, 40], "size": [1.0, 0, 2], "price": [3.0, 5, 4]})
PLAIN = {"intercept": True, "standardise": False}


def write(folder, content):
    """The path of a table, which may be a file's bytes."""
    if isinstance(content, bytes):
        (folder / "table.csv").write_bytes(content)
        return folder / "table.csv"
    content.to_parquet(folder / "table.parquet")
    return folder / "table.parquet"


BAD = {
    "missing values": (GOOD.assign(age=[1, np.nan, np.nan]), "'age': 2 values are missing.* 2;"),
    "text": (b"age,price\n1,2\n?,3\n", r"column 'age' holds text \('\?' in row 2\).*columns="),
    "dates": (GOOD.assign(when=datetime.date(2020, 1, 1)), "column 'when' holds text|no numbers"),
    "an infinite value": (GOOD.assign(age=[1, np.inf, 2]), "'age' has an infinite value in row 2"),
    "a constant column": (GOOD.assign(size=3), "column 'size' is 3 in every row"),
    "an empty file": (b"", "table.csv is empty"),
    "names alone": (b"age,price\n", "table.csv has no rows, only the columns age, price"),
    "another separator": (b"age;price\n1;2\n", "price is no column.*commas, and this one ';'"),
    "an index": (GOOD.to_csv().encode(), "a column without a name.*index=False"),
    "the target alone": (b"price\n1\n2\n", "no column besides the target 'price'"),
    "another target": (b"age,prize\n1,2\n", r"no column of the table \(did you mean prize"),
    "no target somewhere": (GOOD.assign(price=[1, np.nan, 2]), "'price': 1 value is missing"),
    "another encoding": ("größe,price\n1,2\n".encode("latin1"), "cannot be read as a CSV file"),
    "no rectangle": (b"age,price\n1,2\n1,2,3,4\n", "cannot be read as a CSV file"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "says"), BAD.values(), ids=BAD.keys())
def test_a_bad_table_is_refused_by_what_is_wrong_with_it(content, says, tmp_path):
    with pytest.raises(ValueError, match=says) as refusal:
        gdlab.LeastSquares(write(tmp_path, content), "price")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1, 1, 1], "the target is 1 in every row; logistic regression needs two classes"),
        (["a", "b", "c"], r"3 different values \('a', 'b', 'c'\).*objective=least_squares"),
        (["a", None, "b"], "'kind': 1 value is missing, the first in row 2"),
    ],
    ids=["one class", "three", "one missing"],
)
def test_a_target_of_other_than_two_classes_is_refused(values, says):
    with pytest.raises(ValueError, match=says):
        gdlab.LogisticRegression(GOOD.assign(kind=values), "kind")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"data": 5}, "data=5 is neither the path of a table nor a DataFrame"),
        ({"data": "nowhere.csv"}, "data=nowhere.csv does not exist"),
        ({"data": "."}, "data=. cannot be read"),
        ({"ridge": -1}, "ridge=-1 is negative"),
        ({"ridge": "much"}, "ridge='much' is not a finite number"),
        ({"standardise": "no"}, "standardise='no' is neither true nor false"),
        ({"intercept": 1}, "intercept=1 is neither true nor false"),
        ({"columns": "age"}, "columns='age' is not a list of columns"),
        ({"columns": ["age", "sise"]}, r"columns=sise is no column.*did you mean size"),
        ({"columns": ["age", "price"]}, "target='price' is one of the columns"),
    ],
    ids=str,
)
def test_settings_that_fit_no_table_are_named(settings, says):
    with pytest.raises(ValueError, match=says):
        gdlab.LeastSquares(**{"data": GOOD, "target": "price"} | settings)


def test_a_broken_parquet_file_is_one_message(tmp_path):
    (tmp_path / "t.parquet").write_text("age,price\n1,2\n")
    with pytest.raises(ValueError, match=r"t\.parquet cannot be read as a Parquet file"):
        gdlab.LeastSquares(tmp_path / "t.parquet", "price")


def test_the_same_numbers_are_the_same_objective_in_any_file(tmp_path):
    GOOD.to_csv(tmp_path / "t.csv", index=False)
    made = [
        gdlab.LeastSquares(t, "price") for t in (GOOD, tmp_path / "t.csv", write(tmp_path, GOOD))
    ]
    assert made[0].identity == made[1].identity == made[2].identity
    other = gdlab.LeastSquares(GOOD.assign(age=[20, 30, 41]), "price")
    assert other.identity != made[0].identity


def test_columns_of_any_name_become_different_variables():
    names = ["mean radius", "mean-radius", "2nd", "größe", "%", "intercept"]
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(9, 7)), columns=[*names, "y"])
    made = design(table, "y", None, **PLAIN)
    assert made.variables == (
        *("mean_radius", "mean_radius_2", "_2nd", "größe", "column", "intercept", "intercept_2"),
    )
    assert design(table, "y", ["%", "2nd"], **PLAIN).variables == ("column", "_2nd", "intercept")


def test_truth_values_and_whole_numbers_are_numbers_and_a_column_of_ones_may_be_ones_own():
    table = GOOD.assign(new=[True, False, True], n=[1, 2, 4], one=1)
    made = design(table, "price", ["new", "n", "one"], intercept=False, standardise=False)
    assert made.matrix.tolist() == [[1, 1, 1], [0, 2, 1], [1, 4, 1]]


def test_a_standardised_column_has_mean_0_and_deviation_1_and_the_intercept_stays_1():
    made = design(GOOD, "price", None, intercept=True, standardise=True)
    assert made.matrix.mean(axis=0) == pytest.approx([0, 0, 1])
    assert made.matrix.std(axis=0) == pytest.approx([1, 1, 0])
    assert made.penalised.tolist() == [1, 1, 0]

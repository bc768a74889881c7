"""The comparison of what pages show with what commands print lets through what is left out, and nothing else."""

import pytest

from tests.docs.pages import ROOT, Block, is_as_shown


def shown(language: str, text: str) -> Block:
    return Block(ROOT / "page.md", 1, language, text)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ('{"a": 1}', '{"a":1}'),
        ('{"a": "..."}', '{"a": [1, 2]}'),
        ('{"a": 1, "...": "..."}', '{"a": 1, "b": 2, "c": 3}'),
        ('{"...": "..."}', '{"a": 1}'),
        ('[1, "..."]', "[1, 2, 3]"),
        ("[1.00001]", "[1.0]"),
    ],
)
def test_answers_as_shown(text: str, printed: str) -> None:
    assert is_as_shown(shown("json", text), printed)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ('{"a": 1}', '{"a": 2}'),
        ('{"a": 1}', '{"a": 1, "b": 2}'),
        ('{"a": 1, "b": 2}', '{"a": 1}'),
        ('{"a": "..."}', '{"b": 1}'),
        ('{"a": 1, "...": "..."}', '{"a": 1}'),
        ('{"a": 1, "...": "..."}', '{"b": 1}'),
        ('[1, "..."]', "[1]"),
        ('[1, "..."]', "[2, 3]"),
        ("[1]", "[1, 2]"),
        ("[1]", "[true]"),
        ("[1]", "[1.0]"),
        ("[1.001]", "[1.0]"),
        ("[]", "{}"),
    ],
)
def test_answers_not_as_shown(text: str, printed: str) -> None:
    assert not is_as_shown(shown("json", text), printed)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a\nb\n", "a\nb\n"),
        ("run ...: done\n", "run 17: done\n"),
        ("a\n...\n", "a\n"),
        ("a\n...\n", "a\nb\nc\n"),
        ("a\n...\nc\n", "a\nb\nc\n"),
        ("1.5 (x)\n", "1.5 (x)\n"),
        ("start\n", "start   \n"),
    ],
)
def test_lines_as_shown(text: str, printed: str) -> None:
    assert is_as_shown(shown("text", text), printed)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a\n", "a\nb\n"),
        ("a\n", " a\n"),
        ("a\nb\n", "a\n"),
        ("run ...: done\n", "run 17: failed\n"),
        ("run ...\n", "run 17\nand more\n"),
        ("...\nc\n", "a\nb\n"),
        ("1.5\n", "125\n"),
    ],
)
def test_lines_not_as_shown(text: str, printed: str) -> None:
    assert not is_as_shown(shown("text", text), printed)

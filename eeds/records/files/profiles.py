"""What files of readings look like: the words and profiles of profiles.toml, as plain words."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

IN_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*")


@dataclass(frozen=True)
class Profile:
    """A file of one kind: known by the `header` words, which may be more than `columns` says of. `fixed` is what it
    does not say itself, `above` the words behind which a field stands above the header."""

    name: str
    header: frozenset[str]
    columns: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    above: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """What is known of tables: the words that head the column of each field, in order of preference, what the cells of
    some fields say, and the profiles."""

    fields: Mapping[str, Sequence[str]]
    fuels: Mapping[str, str]  # interpretation by word
    estimated: Mapping[str, bool]
    sections: Mapping[str, str]  # interpretation by word
    profiles: Sequence[Profile]


@cache
def known_words() -> Words:
    """The words and profiles of the data file."""
    said = tomllib.loads(files("eeds.records.files").joinpath("profiles.toml").read_text("utf-8"))
    return words_of(said)


def words_of(said: Mapping[str, Any]) -> Words:
    """The words and profiles that a data file says; raises ValueError for a field that there is not."""
    fields = {name: [head_word(word) for word in words] for name, words in said["fields"].items()}
    profiles = [profile_of(each) for each in said["profile"]]
    for profile in profiles:
        unknown = {*profile.columns.values(), *profile.fixed, *profile.above} - {*fields, ""}
        if unknown:
            raise ValueError(f"The profile {profile.name} speaks of {', '.join(sorted(unknown))}, which is no field.")
    return Words(
        fields,
        {plain(word): code for code, words in said["fuels"].items() for word in words},
        {plain(word): value == "true" for value, words in said["estimated"].items() for word in words},
        said["sections"],
        profiles,
    )


def profile_of(said: Mapping[str, Any]) -> Profile:
    """A profile, its words made plain."""
    return Profile(
        said["name"],
        frozenset(map(head_word, said["header"])),
        {head_word(word): field for word, field in said.get("columns", {}).items()},
        said.get("fixed", {}),
        {name: [plain(word) for word in words] for name, words in said.get("above", {}).items()},
    )


def plain(text: str) -> str:
    """A word as it is compared: without capitals, underscores and hyphens, blanks around it and a colon behind it."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[_\-]", " ", text).strip(" :\t*").split())


def head_word(text: str) -> str:
    """The word of a column's head, without a unit in brackets."""
    return plain(IN_BRACKETS.sub(" ", text)) or plain(text)


def in_brackets(text: str) -> str:
    """What a head has in brackets, as its unit; else its last word, or nothing."""
    found = IN_BRACKETS.search(text)
    return found[1] if found else text.replace("_", " ").split()[-1] if text.strip() else ""

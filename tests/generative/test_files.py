"""Spoilt files of every kind end as a table or a sentence. `bench/fuzz_files.py` tries more."""

import random

import pytest

from bench.fuzz_files import outcome, seeds, spoilt

GOOD = seeds(office=False)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_good_file_is_read(name):
    contract, raw = GOOD[name]
    assert outcome(name, contract, raw) == "read"


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_spoilt_file_is_a_table_or_a_sentence(name):
    contract, raw = GOOD[name]
    chance = random.Random(name)
    for _ in range(40):
        outcome(name, contract, spoilt(raw, chance))

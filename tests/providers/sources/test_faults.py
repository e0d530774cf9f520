"""The fault matrix: every sample under every fault ends in rows or in a SourceError that says what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from providers.errors import Kind, SourceError
from providers.source import Answer
from providers.sources import sources
from tests.providers.sources.faulty import (
    FAULTS,
    Fault,
    every_sample,
    judge,
    outcome_of,
    outcome_under,
    rows_of,
)
from tests.providers.sources.loopback import Sample, serving
from tests.providers.sources.made_up import MADE_UP, MADE_UP_SAMPLES

SAMPLES = every_sample()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the trading days are kept: made once."""
    return tmp_path_factory.mktemp("calendars")


def name_of(value: Any) -> str:
    if isinstance(value, Sample):
        request = value.request
        return f"{value.source}-{request.dataset}-{request.subject.ticker}-{request.detail}".rstrip("-")
    return str(getattr(value, "name", value))


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_without_a_fault_a_sample_gives_its_rows(sample: Sample, home: Path) -> None:
    with serving(sample.behaviour()) as server:
        outcome = outcome_of(sample, server.url, home)
    assert isinstance(outcome, Answer), str(outcome)
    assert rows_of(outcome) == dict(sample.rows)


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_a_source_under_a_fault(sample: Sample, fault: Fault, home: Path) -> None:
    if not fault.fits(sample):
        pytest.skip("not a fault of such bodies")
    outcome = outcome_under(fault, sample, home)
    assert not (wrong := judge(fault, sample, outcome)), f"{name_of(sample)} under {fault.name!r}: {wrong}"


def test_every_source_has_a_sample() -> None:
    assert {sample.source for sample in SAMPLES} == set(sources())


# -- the matrix itself ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
@pytest.mark.parametrize("sample", MADE_UP_SAMPLES, ids=name_of)
def test_a_source_written_by_the_rules_passes(sample: Sample, fault: Fault, home: Path) -> None:
    if fault.fits(sample):
        assert judge(fault, sample, outcome_under(fault, sample, home, MADE_UP)) == ""


def test_what_breaks_the_rules_is_found() -> None:
    by_name = {fault.name: fault for fault in FAULTS}
    sample = MADE_UP_SAMPLES[0]
    empty = Answer({}, "hash")
    assert "taken for an answer" in judge(by_name["HTML"], sample, empty)
    assert "other rows" in judge(by_name["rows twice"], sample, empty)
    assert "not what this is" in judge(
        by_name["401"], sample, SourceError(Kind.TIMEOUT, "it took too long to answer")
    )
    key = SourceError(Kind.NEEDS_KEY, f"the key {sample.secrets['key']} is not known there")
    assert "with the key in it" in judge(by_name["401"], sample, key)
    assert "characters" in judge(by_name["401"], sample, SourceError(Kind.NEEDS_KEY, "401"))


def test_a_long_retry_after_reaches_the_caller(home: Path) -> None:
    fault = next(fault for fault in FAULTS if fault.name == "429 with Retry-After")
    outcome = outcome_under(fault, MADE_UP_SAMPLES[0], home, MADE_UP)
    assert isinstance(outcome, SourceError)
    assert outcome.retry_after == 3600

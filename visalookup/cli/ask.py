"""`visalookup ask`: ask a question on the command line."""

from __future__ import annotations

import click
import orjson

from visalookup.api.v1.lookup.responses.answers import lookup_result_json
from visalookup.cli.context import open_session
from visalookup.domain.date_phrases import describe_day, describe_partial
from visalookup.domain.entry_facts import CitedEntry
from visalookup.domain.entry_phrases import passport_phrase
from visalookup.domain.lookup import Answer
from visalookup.domain.sources import Source
from visalookup.domain.wording.answers import (
    answer_sentence,
    day_not_covered_sentence,
    describe_on,
    ended_sentence,
    needs_visa,
    pending_sentence,
)
from visalookup.services.clock import system_clock
from visalookup.services.lookup.answer_question import answer_question
from visalookup.services.lookup.questions import QuestionForm
from visalookup.services.lookup.rulebook_store import RulebookStore


@click.command()
@click.argument("passport")
@click.argument("destination")
@click.option("--also", "others", multiple=True, metavar="PASSPORT", help="Another passport held; may be repeated.")
@click.option("--on", metavar="DATE", help="Day of travel (2026-12-01) or instant (2026-12-01T09:00:00Z).")
@click.option("--as-of", metavar="INSTANT", help="Answer from what was known at this instant.")
@click.option("--document", metavar="TYPE", help="ordinary, diplomatic, service, ... [default: ordinary]")
@click.option("--stay-days", metavar="DAYS", help="How many days you plan to stay.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the JSON interface returns it.")
def ask(
    passport: str,
    destination: str,
    others: tuple[str, ...],
    on: str | None,
    as_of: str | None,
    document: str | None,
    stay_days: str | None,
    *,
    as_json: bool,
) -> None:
    """Ask: do I need a visa with PASSPORT for DESTINATION.

    Both may be codes or names: `visalookup ask KAZ Israel --on 2026-12-01`.
    """
    form = QuestionForm((passport, *others), destination, on, as_of, document, stay_days)
    with open_session() as session:
        result = answer_question(session, RulebookStore(), form, system_clock())
    if as_json:
        click.echo(orjson.dumps(lookup_result_json(result), option=orjson.OPT_INDENT_2).decode())
        return
    for answer, entry in zip(result.answers, result.entries, strict=True):
        _print_answer(answer)
        if entry is not None:
            _print_entry(entry)


def _print_answer(answer: Answer) -> None:
    click.secho(answer_sentence(answer), bold=True)
    click.echo(f"  On {describe_on(answer.question)}, as known at revision {answer.edition.revision}.")
    if answer.verdict.best:
        for condition in answer.verdict.best.rule.terms.conditions:
            click.echo(f"  Condition: {condition.text}")
    _print_sources(answer)
    destination = answer.question.destination
    for pending in answer.pending:
        click.echo(
            f"  Announced, not in force: {pending_sentence(pending, destination, needs_visa=needs_visa(answer))}"
        )
    for ended in answer.ended:
        click.echo(f"  No longer: {ended_sentence(ended, destination)}")
    if destination.authority:
        click.echo(f"  Ask: {destination.authority.name}, {destination.authority.url}")


def _print_entry(entry: CitedEntry) -> None:
    """What is asked of every visitor, each with who says so."""
    facts = entry.facts
    if facts.passport:
        asked = f"A passport must {passport_phrase(facts.passport)}."
        click.echo(f"  At check-in: {asked} {_said_by(entry.sources[facts.passport.source_key])}")
    for condition in facts.conditions:
        where = f" {condition.url}" if condition.url else ""
        click.echo(f"  At check-in: {condition.text}{where} {_said_by(entry.sources[condition.source_key])}")
    for way in facts.how_to_apply:
        click.echo(f"  Apply: {way.url} {_said_by(entry.sources[way.source_key])}")


def _said_by(source: Source) -> str:
    state = f", as it stood in {describe_partial(source.state_on)}" if source.state_on else ""
    return f"({source.publisher}{state})"


def _print_sources(answer: Answer) -> None:
    for source in answer.sources:
        published = f", {describe_partial(source.published_on)}" if source.published_on else ""
        state = f" (as it stood in {describe_partial(source.state_on)})" if source.state_on else ""
        click.echo(f"  Source: {source.publisher}{published}: {source.title}{state}\n          {source.url}")
    verification = answer.verification
    if verification is not None:
        day = verification.verified_on
        click.echo(f"  Checked: {verification.level}{f', {describe_day(day)}' if day else ''}")
    if not_covered := day_not_covered_sentence(answer):
        click.echo(f"  {not_covered}")

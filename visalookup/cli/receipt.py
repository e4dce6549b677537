"""`visalookup receipt`: verify signed answers, and manage the keys that sign them."""

from __future__ import annotations

from typing import Any, BinaryIO

import click
import orjson

from visalookup.api.v1.lookup.responses.answers import lookup_result_json
from visalookup.api.v1.receipts.responses import finding_detail, verified_json
from visalookup.cli.context import clear_errors, open_session
from visalookup.config import settings_from
from visalookup.domain.changes.answer_changes import MemberChange
from visalookup.domain.moments import format_instant
from visalookup.services.clock import system_clock
from visalookup.services.lookup.answer_question import answer_question
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.services.receipts.keys import PublicKey, ReceiptKeys, receipt_keys_of
from visalookup.services.receipts.verify import AnswerNow, ReceiptStatus, Verified, verify_receipt


@click.group()
def receipt() -> None:
    """Verify receipts, and manage the keys that sign them."""


@receipt.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print the result as the JSON interface returns it.")
def verify(file: BinaryIO, *, as_json: bool) -> None:
    """Verify the answer with its receipt in FILE, as it was given; `-` reads it from standard input.

    The exit status is 1 if the signature does not hold.
    """
    with open_session() as session:
        rulebook_store, now = RulebookStore(), system_clock()
        found = verify_receipt(
            file.read(), _keys(), lambda form: lookup_result_json(answer_question(session, rulebook_store, form, now))
        )
    if as_json:
        click.echo(orjson.dumps(verified_json(found), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(found)
    if found.finding is not ReceiptStatus.HOLDS:
        raise SystemExit(1)


@receipt.group()
def key() -> None:
    """Create a new key, and list the keys."""


@key.command("new")
def new_command() -> None:
    """Create a new key, which signs from now on.

    The public part of the previous key is kept, so that its receipts still verify; its private part is deleted.
    """
    with clear_errors():
        new_key = _keys().replace(system_clock())
    click.echo(f"{new_key.kid} signs from now on.")


@key.command("list")
def list_command() -> None:
    """List the keys, the one that signs first."""
    with clear_errors():
        first, *others = _keys().public_keys()
    click.echo(f"{first.kid} signs")
    for other in others:
        click.echo(f"{other.kid} {_retired(other)}")


def _keys() -> ReceiptKeys:
    return receipt_keys_of(settings_from().receipt_key_file)


def _retired(key: PublicKey) -> str:
    return f"retired {format_instant(key.retired_at)}" if key.retired_at else "only verifies"


def _print(found: Verified) -> None:
    click.secho(finding_detail(found.finding), bold=True)
    click.echo(f"  Key: {found.kid}{f' ({_retired(found.key)})' if found.key and found.key.retired_at else ''}")
    if found.answer is not None and found.today is not None:
        _print_receipt(found.answer)
        _print_comparison(found.today)


def _print_receipt(answer: dict[str, Any]) -> None:
    question = answer["receipt"]["question"]
    passports = ", ".join(question["passports"])
    click.echo(f"  Given at {answer['receipt']['given_at']}, from revision {answer['revision']}.")
    click.echo(
        f"  Asked: {passports} to {question['destination']} on {question['on']}, document {question['document']}."
    )
    for given in (answer, *answer.get("other_passports", ())):
        click.echo(f"  Answered: {given['sentence']}")


def _print_comparison(today: AnswerNow) -> None:
    if today.comparison is None or today.answer is None:
        click.echo(f"  Now: there is no answer. {today.refusal}")
        return
    click.echo(f"  Now, from revision {today.answer['revision']}: {today.comparison.sentence}")
    for difference in today.comparison.differences:
        _print_difference(difference)


def _print_difference(difference: MemberChange) -> None:
    then, now = (orjson.dumps(value).decode() for value in (difference.then, difference.now))
    click.echo(f"    {difference.passport} {difference.member}: {then} then, {now} now")

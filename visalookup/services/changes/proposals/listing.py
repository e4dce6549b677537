"""Find and list proposals."""

from __future__ import annotations

from sqlalchemy.orm import Session

from visalookup.domain.changes.proposals import Proposal
from visalookup.domain.errors import NotFound
from visalookup.storage.changes.proposals import read_proposal, read_proposals

MAX_LISTED = 200


def find_proposal(session: Session, proposal_id: int) -> Proposal:
    """Return one proposal; raise NotFound."""
    proposal = read_proposal(session, proposal_id)
    if proposal is None:
        raise NotFound(
            "proposal", proposal_id, f"There is no proposal {proposal_id}", "the list of proposals names them all"
        )
    return proposal


def list_proposals(session: Session, *, regime_id: str | None = None, is_open: bool | None = None) -> list[Proposal]:
    """Return the newest proposals, optionally of one regime, and only open or only decided ones."""
    return read_proposals(session, regime_id=regime_id, is_open=is_open, limit=MAX_LISTED)

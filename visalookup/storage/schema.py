"""Every table there is, for migrations and for tests that compare them with the database."""

from __future__ import annotations

from visalookup.storage import (
    account_models,
    agency_models,
    audit_models,
    comparison_models,
    proposal_models,
    webhook_models,
)
from visalookup.storage.models import Base

MODULES = (account_models, agency_models, audit_models, comparison_models, proposal_models, webhook_models)
"""The modules that add their tables to those of the ledger when they are imported."""

metadata = Base.metadata

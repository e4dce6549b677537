"""All tables, for migrations and for tests that compare them with the database."""

from __future__ import annotations

from visalookup.storage.accounts import models as accounts
from visalookup.storage.agencies import models as agencies
from visalookup.storage.audit import models as audit
from visalookup.storage.changes import models as changes
from visalookup.storage.datasets import models as datasets
from visalookup.storage.models import Base
from visalookup.storage.webhooks import models as webhooks

MODULES = (accounts, agencies, audit, changes, datasets, webhooks)
"""The modules whose import adds their tables to those of the ledger."""

metadata = Base.metadata

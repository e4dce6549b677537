"""The first version of the JSON interface; its names are fixed."""

from __future__ import annotations

from visalookup.api.v1.changes import decisions, staff, writing
from visalookup.api.v1.lookup.catalogue import catalogue
from visalookup.api.v1.lookup.requirements import requirements
from visalookup.api.v1.receipts.routes import receipts
from visalookup.api.v1.trips.routes import trips
from visalookup.api.v1.webhooks.routes import webhooks

modules_with_routes_of_staff = (decisions, staff)
blueprints = (requirements, trips, receipts, catalogue, webhooks, writing.staff)

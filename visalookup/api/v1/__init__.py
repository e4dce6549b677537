"""The first version of the JSON interface; its names are fixed."""

from __future__ import annotations

from visalookup.api.v1 import decisions, staff, writing
from visalookup.api.v1.catalogue import catalogue
from visalookup.api.v1.receipts import receipts
from visalookup.api.v1.requirements import requirements
from visalookup.api.v1.trips import trips
from visalookup.api.v1.webhooks import webhooks

modules_with_routes_of_staff = (decisions, staff)
blueprints = (requirements, trips, receipts, catalogue, webhooks, writing.staff)

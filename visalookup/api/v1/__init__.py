"""The first version of the JSON interface; its names are fixed."""

from __future__ import annotations

from visalookup.api.v1.catalogue import catalogue
from visalookup.api.v1.requirements import requirements
from visalookup.api.v1.staff import staff

blueprints = (requirements, catalogue, staff)

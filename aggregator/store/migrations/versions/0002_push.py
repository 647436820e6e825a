"""Webhooks, WebSub and what they need: tables alone, so that it takes no time on a large store."""

from alembic import op

from aggregator.store import jobs, schema

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables that are not there; a new store has got them with all others."""
    tables = [
        schema.webhooks,
        schema.dead_letters,
        schema.hub_pings,
        schema.subscriptions,
        schema.signing_keys,
        jobs.jobs,
    ]
    schema.metadata.create_all(op.get_bind(), tables=tables)

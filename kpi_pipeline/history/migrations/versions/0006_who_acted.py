"""Who paused an alert and why, in its log; who said whether a decision worked."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert_event", sa.Column("author", sa.String(128)))
    op.add_column("alert_event", sa.Column("reason", sa.Text))
    op.add_column("decision", sa.Column("outcome_by", sa.String(128)))


def downgrade() -> None:
    op.drop_column("decision", "outcome_by")
    op.drop_column("alert_event", "reason")
    op.drop_column("alert_event", "author")

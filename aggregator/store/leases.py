"""Who may ask which host now: rows that expire, so that a dead worker holds nobody up for long.

One owner a host. Times are the database's own clock (seconds since 1970), so that workers whose
clocks differ agree. Only PostgreSQL: a cluster needs it. Each call is one statement; rows are
locked in the order of their names, so that two callers never wait for each other in a circle.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Column, Connection, Float, Index, String, Table, Text, text

from aggregator.store import schema

leases = Table(
    "leases",
    schema.metadata,
    Column("host", Text, primary_key=True),
    Column("owner", String(100), nullable=False),
    #: seconds since 1970; a row whose time has passed means nothing any more
    Column("expires", Float(53), nullable=False),
    Index(None, "owner"),
)

_NOW = "extract(epoch FROM clock_timestamp())::float8"
_ACQUIRE = text(
    "INSERT INTO leases (host, owner, expires) "  # noqa: S608 (no outside text)
    f"SELECT host, :owner, {_NOW} + :seconds FROM unnest(CAST(:hosts AS text[])) AS host "
    "ORDER BY host "
    "ON CONFLICT (host) DO UPDATE SET owner = excluded.owner, expires = excluded.expires "
    f"WHERE leases.expires <= {_NOW} OR leases.owner = excluded.owner RETURNING host"
)
_RENEW = text(
    f"UPDATE leases SET expires = {_NOW} + :seconds "  # noqa: S608 (no outside text)
    f"WHERE owner = :owner AND expires > {_NOW} RETURNING host"
)
_RELEASE = text(
    f"UPDATE leases SET expires = {_NOW} + :seconds "  # noqa: S608 (no outside text)
    "WHERE owner = :owner AND host = :host"
)
_LIVE = text(f"SELECT host, owner FROM leases WHERE expires > {_NOW}")  # noqa: S608
_FORGET = text(f"DELETE FROM leases WHERE expires < {_NOW} - :seconds")  # noqa: S608


def acquire(
    connection: Connection, hosts: Iterable[str], owner: str, seconds: float
) -> frozenset[str]:
    """Return those of the hosts that the owner holds from now on, for so many seconds."""
    wanted = sorted(set(hosts))
    if not wanted:
        return frozenset()
    values = {"hosts": wanted, "owner": owner, "seconds": seconds}
    return frozenset(connection.execute(_ACQUIRE, values).scalars())


def renew(connection: Connection, owner: str, seconds: float) -> frozenset[str]:
    """Return the hosts that the owner still holds, all of them longer now.

    What has expired is not taken back: another one may have had it in between.
    """
    return frozenset(connection.execute(_RENEW, {"owner": owner, "seconds": seconds}).scalars())


def release(connection: Connection, owner: str, rests: Mapping[str, float]) -> None:
    """Let go of hosts; each stays untouched for its rest, the seconds a site asks for."""
    rows = [
        {"owner": owner, "host": host, "seconds": max(rest, 0.0)}
        for host, rest in sorted(rests.items())
    ]
    if rows:
        connection.execute(_RELEASE, rows)


def live(connection: Connection) -> dict[str, str]:
    """Return host → owner of all leases that hold now."""
    return {row.host: row.owner for row in connection.execute(_LIVE)}


def forget(connection: Connection, seconds: float) -> int:
    """Drop leases that ended so long ago; return how many."""
    return connection.execute(_FORGET, {"seconds": seconds}).rowcount

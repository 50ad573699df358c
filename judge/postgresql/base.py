"""Django's PostgreSQL backend, with connections that are checked before use and migrations that may take their time."""

from typing import Any, Self

import psycopg
from django.db.backends.postgresql import base, schema
from psycopg_pool import ConnectionPool


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Without the statement timeout: building an index may take minutes."""

    def __enter__(self) -> Self:
        super().__enter__()
        with self.connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        return self


class DatabaseWrapper(base.DatabaseWrapper):
    """Where one connection is found dead, others are: all in the pool are then checked, at once.

    The pool's own check pauses after each dead one, for up to seconds: after a restart of the server the first request
    would fail.
    """

    SchemaEditorClass = DatabaseSchemaEditor

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        if not self.pool:
            return connection
        try:
            ConnectionPool.check_connection(connection)
        except psycopg.OperationalError:
            self.pool.putconn(connection)
            self.pool.check()
            return super().get_new_connection(conn_params)
        return connection

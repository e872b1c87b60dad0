"""The only place with SQL: engines, queries, migrations, and one module per aggregate."""

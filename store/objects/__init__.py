"""A store on object storage: published from a folder, read by whoever has its address.

What is published: the immutable data files under the names that the catalog gives them, then a copy of the catalog
as of the snapshot without what is private, then, as the one act that makes all of it visible, a small document of
the snapshot that names the catalog by its SHA-256. Whoever opens the address keeps what it reads in a local folder,
checked against the catalog, and reads it there: nothing above knows the difference.

    store.json                     whose store it is
    data/<table>/<file>.parquet    immutable, put once
    catalogs/<seq>-<hash>.sqlite   the catalog as of a snapshot
    snapshots/<seq>.json           that a snapshot is there, with its catalog's SHA-256
    latest.json                    the newest of these documents
"""

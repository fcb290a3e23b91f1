"""The walk over botocore's models against the running server.

    walk.py --portico BINARY [--database URL] [--short] [--service NAME …] [--mode MODE …]

In strict and in relaxed mode, on SQLite and, given a database, on PostgreSQL: for every operation that is served, inputs that must be answered and
inputs that must be refused; every list while its rows come and go; what is not served; and the boundaries at which the modes part. Prints a line a
service, then each deviation in full, and exits non-zero when there is one.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "clients"))

import compat  # noqa: E402
import modes  # noqa: E402
import operations  # noqa: E402
import pages  # noqa: E402
import report  # noqa: E402
import server  # noqa: E402
import world  # noqa: E402

#: Worlds that are walked at a time.
SIDE_BY_SIDE = 2
#: Users of the quota that only the full form reaches; groups are half as many.
PEOPLE = 200_000


def served():
    """The operations served, by service: what `api/overlay.json` says, which `compat` holds against the server."""
    overlay = json.loads((server.ROOT / "api" / "overlay.json").read_text())
    return {service: sorted(sum(facts["resources"].values(), [])) for service, facts in overlay.items()}


def models(arguments, found, mode, database):
    """Every operation, in a world that begins small."""
    here = world.World(arguments.portico, mode, database)
    try:
        for service, names in served().items():
            if arguments.service and service not in arguments.service:
                continue
            found.to_its_end(service, "what is not served", lambda: compat.walk(here, found, service, names))
            pages.walk(here, found, service, names)
            for name in names:
                found.to_its_end(service, name, operations.Walk(here, found, service, name).run)
    finally:
        here.close()


def boundaries(arguments, found, mode, database):
    """Where the modes part."""
    people = 0 if arguments.short or database else PEOPLE
    modes.walk(arguments.portico, found, mode, database, people)


def part(walk, arguments, mode, url):
    """One part of the walk in a world of its own; what it found."""
    found = report.Report()
    found.where = f"{mode}, {'PostgreSQL' if url else 'SQLite'}"
    begun = time.monotonic()
    found.to_its_end(walk.__name__, "all of it", lambda: walk(arguments, found, mode, fresh_database(url, f"{walk.__name__}_{mode}")))
    hold, fail = sum(found.passed.values()), sum(found.failed.values())
    print(f"{found.where}: {walk.__name__}, {hold} hold, {fail} do not, {time.monotonic() - begun:.0f} s", flush=True)
    return found


def fresh_database(url, name):
    if not url:
        return None
    name = f"walk_{os.getpid()}_{name}"
    subprocess.run(["psql", url, "-qc", f"CREATE DATABASE {name}"], check=True)
    return url.replace("/postgres?", f"/{name}?")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--portico", required=True)
    parser.add_argument("--database")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--service", action="append")
    parser.add_argument("--mode", action="append")
    arguments = parser.parse_args()
    walks = [models] if arguments.service else [models, boundaries]
    urls = [None, arguments.database] if arguments.database else [None]
    total = report.Report()
    with concurrent.futures.ProcessPoolExecutor(SIDE_BY_SIDE) as pool:
        parts = [pool.submit(part, walk, arguments, mode, url) for walk in walks for url in urls for mode in arguments.mode or ["strict", "relaxed"]]
        for done in parts:
            total.merge(done.result())
    total.print()
    return 1 if total.deviations else 0


if __name__ == "__main__":
    sys.exit(main())

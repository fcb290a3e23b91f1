"""The walk over botocore's models against the running server.

    walk.py --portico BINARY [--database URL] [--short] [--service NAME …] [--mode MODE …]

For every operation that is served: inputs that must be answered and inputs that must be refused, in strict and in relaxed mode. Prints a line a
service, then each deviation in full, and exits non-zero when there is one.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "clients"))

import compat  # noqa: E402
import operations  # noqa: E402
import pages  # noqa: E402
import report  # noqa: E402
import server  # noqa: E402
import world  # noqa: E402


def served():
    """The operations served, by service: what `api/overlay.json` says, which `compat` holds against the server."""
    overlay = json.loads((server.ROOT / "api" / "overlay.json").read_text())
    return {service: sorted(sum(facts["resources"].values(), [])) for service, facts in overlay.items()}


def walk(arguments, mode, database):
    found = report.Report()
    found.where = f"{mode}, {'PostgreSQL' if database else 'SQLite'}"
    begun = time.monotonic()
    here = world.World(arguments.portico, mode, database)
    try:
        for service, names in served().items():
            if arguments.service and service not in arguments.service:
                continue
            compat.walk(here, found, service, names)
            pages.walk(here, found, service, names)
            for name in names:
                operations.Walk(here, found, service, name).run()
    finally:
        here.close()
    print(f"{found.where}: {time.monotonic() - begun:.0f} s", flush=True)
    return found


def fresh_database(url, mode):
    if not url:
        return None
    name = f"walk_{os.getpid()}_{mode}"
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
    total = report.Report()
    for mode in arguments.mode or ["strict", "relaxed"]:
        total.merge(walk(arguments, mode, None))
        if arguments.database:
            total.merge(walk(arguments, mode, fresh_database(arguments.database, mode)))
    total.print()
    return 1 if total.deviations else 0


if __name__ == "__main__":
    sys.exit(main())

"""What is not built says so: on the wire and on its page in `docs/compat`, which must agree with each other and with what is served."""
import re

import fits
import model
import server
import wire

ROW = re.compile(r"^\| (\w+) \| (yes|no: `UnknownOperationException`) \|$", re.MULTILINE)
ALLOWED = {"json": "UnknownOperationException", "rest-json": "UnknownOperationException", "query": "InvalidAction"}
#: Services of which the pages list what is served alone; what else they have is as unknown, and need not stand there.
PARTS = {"organizations", "iam", "sts", "cloudtrail"}


def walk(world, report, service, names):
    """Every operation of the model against the page and the server."""
    described = model.service(service)
    page = dict(ROW.findall((server.ROOT / "docs" / "compat" / f"{service}.md").read_text()))
    told = {name for name, answer in page.items() if answer == "yes"}
    report.check(service, "the page lists what is served", [] if told == set(names) else [f"the page says {sorted(told ^ set(names))} otherwise"])
    listed = set(names) if service in PARTS else set(described.operation_names)
    report.check(service, "the page lists every operation", [] if set(page) == listed else [f"{sorted(set(page) ^ listed)}"])
    for name in described.operation_names:
        operation = described.operation_model(name)
        answer = world.wire.exchange(described, operation, wire.plain(described, operation, {}), world.keys)
        unknown = answer.code == ALLOWED[described.metadata["protocol"]]
        if unknown != (name not in names):
            report.check(service, f"{name}: served as the page says", "unknown" if unknown else "answered as an operation that is served", {}, answer)
        elif unknown:
            wrong = [] if answer.status == 400 else [f"status {answer.status}"]
            report.check(service, f"{name}: unknown", wrong + fits.headers(described, answer), {}, answer)
        else:
            report.check(service, f"{name}: served as the page says", [])

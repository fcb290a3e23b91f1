"""What was looked at and what deviates: counts by service, and every deviation in full."""
import collections
import json
import traceback

import reviewed

#: Characters of a long text that are printed, of an answer, and of the title of what was stopped.
TEXT_SHOWN, ANSWER_SHOWN, TITLE_SHOWN = 80, 2_000, 300


def brief(value):
    """The value with its long texts and lists cut."""
    if isinstance(value, str):
        return value if len(value) <= TEXT_SHOWN else f"{value[:TEXT_SHOWN]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {name: brief(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [brief(inner) for inner in value[:3]] + ([f"… ({len(value)} items)"] if len(value) > 3 else [])
    return value


class Report:
    """Gathers checks; a deviation that is AWS's documented behaviour stands in `reviewed.py` with its reason."""

    def __init__(self):
        self.passed, self.failed = collections.Counter(), collections.Counter()
        self.deviations, self.explained = [], collections.Counter()
        self.where = ""

    def check(self, service, title, wrong, request=None, answer=None):
        """Counts one check; `wrong` is what is wrong with it, empty when nothing is."""
        reason = reviewed.reason(service, title, wrong) if wrong else None
        if reason:
            self.explained[reason] += 1
        if not wrong or reason:
            self.passed[service] += 1
            return
        self.failed[service] += 1
        lines = [f"{self.where}: {service} {title}", *(f"    {line}" for line in ([wrong] if isinstance(wrong, str) else wrong))]
        if request is not None:
            lines.append("    request: " + json.dumps(brief(request), ensure_ascii=False))
        if answer is not None:
            lines.append(f"    answer: {answer.status} {answer.body[:ANSWER_SHOWN].decode(errors='replace')}")
        self.deviations.append("\n".join(lines))

    def to_its_end(self, service, title, walk):
        """Walks; what stops it is told by its name and with where it happened, and hides nothing that comes after."""
        try:
            walk()
        except Exception as error:
            self.check(service, f"{title}: not walked to its end: {type(error).__name__}: {' '.join(str(error).split())}"[:TITLE_SHOWN], traceback.format_exc().splitlines()[-12:])

    def merge(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.explained += other.explained
        self.deviations += other.deviations

    def print(self):
        for service in sorted(set(self.passed) | set(self.failed)):
            print(f"{service:16} {self.passed[service]:6} hold, {self.failed[service]} do not")
        for reason, count in sorted(self.explained.items()):
            print(f"reviewed ({count}): {reason}")
        for deviation in self.deviations:
            print("\n" + deviation)
        print(f"\n{sum(self.passed.values())} passed, {sum(self.failed.values())} failed")

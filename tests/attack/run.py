"""The attacks over the network, against the real binary.

    run.py --portico BINARY [--short] [SUITE.NAME …]

Each test is an attack; `register.md` says what it is and by which standard it is known. Prints `ok   SUITE.py: NAME` or `FAIL …` for each, what was
measured below it, and in the end `N passed, M failed`.
"""
import argparse
import importlib
import resource
import sys
import time
import traceback
import unittest

import case

SUITES = ["sigv4", "messages", "oauth", "login", "pages", "guessing", "exhaustion"]


class Printed(unittest.TestResult):
    """One line for each test, when it ends."""

    passed = failed = 0

    def startTest(self, test):
        super().startTest(test)
        test.figures, self.begun, self.fault = [], time.monotonic(), None

    def addError(self, test, error):
        self.fault = self.fault or "".join(traceback.format_exception(*error))
        if not isinstance(test, unittest.TestCase):
            # A class that could not be set up.
            self.failed += 1
            print(f"FAIL {test}\n{self.fault}", flush=True)

    addFailure = addError

    def addSubTest(self, test, subtest, error):
        if error:
            self.addError(test, error)
            self.fault += f"\n{subtest._subDescription()}"

    def stopTest(self, test):
        name = f"{type(test).__module__}.py: {test._testMethodName.removeprefix('test_')}"
        good = self.fault is None
        self.passed, self.failed = self.passed + good, self.failed + (not good)
        print(f"{'ok  ' if good else 'FAIL'} {name}")
        for line in [*test.figures, *([] if good else self.fault.splitlines())]:
            print(f"       {line}")
        print(f"       {time.monotonic() - self.begun:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--portico", required=True)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("names", nargs="*")
    case.ARGUMENTS = parser.parse_args()
    # Ten thousand connections need as many descriptors, here and in the server.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = case.ARGUMENTS.names
    tests = unittest.TestSuite()
    for suite in SUITES:
        for cls in vars(importlib.import_module(suite)).values():
            if isinstance(cls, type) and issubclass(cls, unittest.TestCase) and cls.__module__ == suite:
                for name in unittest.defaultTestLoader.getTestCaseNames(cls):
                    if not wanted or any(f"{suite}.{name.removeprefix('test_')}".startswith(one) for one in wanted):
                        tests.addTest(cls(name))
    result = Printed()
    tests.run(result)
    print(f"{result.passed} passed, {result.failed} failed")
    sys.exit(1 if result.failed or not result.passed else 0)


main()

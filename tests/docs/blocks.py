"""The blocks of a page: what is between two fences, the word behind the first, and what a comment just above says to whoever runs it.

    <!-- tested: on the demo -->        at the top of the page: the blocks run while `scripts/demo` does; or `alone`: in an empty folder
    <!-- pages: URL -->                 below it: where people sign in, if not on the demo
    <!-- beside: PROGRAM as NAME -->     below it: an identity provider of tests/peers that runs meanwhile; the variable holds its metadata's address or issuer; or `slapd`: a directory
    <!-- not run: REASON -->            the block is left out
    <!-- file: PATH -->                 the block is what this file holds
    <!-- link for: NAME -->             who opens the link that the block prints, and chooses a password there
    <!-- signs in: NAME -->             who it is that signs in when a page is opened
    <!-- goes on until: URL answers --> the block goes on beside what follows, as in a terminal of its own
"""
import re
from dataclasses import dataclass, field

FENCE = re.compile(r"^```(.*)$")
SAYS = re.compile(r"^<!-- (tested|pages|beside|not run|file|link for|signs in|goes on until): (.+) -->$")


@dataclass
class Block:
    """One block and where it stands."""

    line: int
    tag: str
    text: str = ""
    says: dict = field(default_factory=dict)


def read(path):
    """The blocks of a page, and what is said of the page as a whole."""
    page, said, blocks, block = {}, {}, [], None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        fence = FENCE.match(line)
        if block is not None:
            if fence:
                block = None
            else:
                block.text += line + "\n"
        elif fence:
            block = Block(number, fence.group(1), says=said)
            blocks.append(block)
            said = {}
        elif says := SAYS.match(line):
            (page if says.group(1) in ("tested", "pages", "beside") else said)[says.group(1)] = says.group(2)
        elif line.strip():
            said = {}
    return page, blocks

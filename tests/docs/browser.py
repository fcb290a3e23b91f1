"""What stands in for a person's browser: the AWS CLI opens a page with it (`BROWSER="python browser.py %s &"`), and whom `PORTICO_PERSON`
names signs in there and agrees, or chooses a password where an invitation leads. `PORTICO_PEOPLE` holds their passwords, `PORTICO_PAGES` says where the pages are."""
import json
import os
import ssl
import sys

import person
import server

who = os.environ["PORTICO_PERSON"]
trusted = os.environ.get("AWS_CA_BUNDLE")
context = ssl.create_default_context(cafile=trusted) if trusted else None
visitor = person.Person(os.environ["PORTICO_PAGES"], context)
password = json.loads(os.environ["PORTICO_PEOPLE"])[who]
if "/invitation?" in sys.argv[1]:
    visitor.get(sys.argv[1])
    visitor.submit(visitor.form("token"), password=password, again=password)
    sys.exit("You have a new password" not in visitor.text)
server.Cli.approve(visitor, sys.argv[1], who, password)

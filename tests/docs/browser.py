"""What stands in for a person's browser: the AWS CLI opens a page with it (`BROWSER="python browser.py %s &"`), and whom `PORTICO_PERSON`
names signs in there and agrees. `PORTICO_PEOPLE` holds their passwords, `PORTICO_PAGES` says where the pages are."""
import json
import os
import ssl
import sys

import person
import server

who = os.environ["PORTICO_PERSON"]
trusted = os.environ.get("AWS_CA_BUNDLE")
context = ssl.create_default_context(cafile=trusted) if trusted else None
server.Cli.approve(person.Person(os.environ["PORTICO_PAGES"], context), sys.argv[1], who, json.loads(os.environ["PORTICO_PEOPLE"])[who])

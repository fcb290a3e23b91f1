#!/usr/bin/env bash
# SCIM: a group whose name has a quotation mark, or a backslash, is looked up by its name. Three of four parsers do not find it.
#
# One would guess: what a filter compares with is JSON (RFC 7644, 3.4.2.2), so that `displayName eq "The \"A\" team"` finds The "A" team and
# `displayName eq "CORP\\Admins"` finds CORP\Admins, the way Windows writes a name with its domain.
# What happens: scim2-filter-parser 0.7.0 and scimmy 1.3.5 take the escaped quotation mark for the end of the text and refuse the filter; the two backslashes stay
# two, and nobody is found. scim2-parse-filter 0.2.10 reads the quotation marks and not the backslash. scim2-models 0.12.3 reads both.
# Why it matters here: clients look for a group before they make it. Told that there is none, they make it again, and hear of a conflict each time they run. A server
# must read the text as JSON; a client that meets one that does not finds such a group by reading the list.
#
# Seen with scim2-filter-parser 0.7.0 and scim2-models 0.12.3 (PyPI), scimmy 1.3.5 and scim2-parse-filter 0.2.10 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock scimmy@1.3.5 scim2-parse-filter@0.2.10
python3 -m venv python
python/bin/pip install --quiet scim2-filter-parser==0.7.0 scim2-models==0.12.3
cat >names.json <<'JSON'
["The A team", "The \"A\" team", "CORP\\Admins"]
JSON
cat >find.mjs <<'JS'
import fs from "node:fs";
import { filter, parse } from "scim2-parse-filter";
import SCIMMY from "scimmy";

const names = JSON.parse(fs.readFileSync("names.json"));
const groups = names.map((displayName) => ({ displayName }));
const parsers = {
  "scim2-parse-filter": (text) => groups.filter(filter(parse(text))),
  scimmy: (text) => new SCIMMY.Types.Filter(text).match(groups),
};
for (const [parser, find] of Object.entries(parsers)) {
  for (const name of names) {
    let said;
    try {
      said = find(`displayName eq ${JSON.stringify(name)}`).map(({ displayName }) => displayName).join(" ") || "nobody";
    } catch {
      said = "refused";
    }
    console.log(`${parser}, ${name}: ${said}`);
  }
}
JS
cat >find.py <<'PY'
import json
import sqlite3

from scim2_filter_parser.parser import SCIMParserError
from scim2_filter_parser.queries import SQLQuery
from scim2_models import Group, ScimFilter

names = json.load(open("names.json"))
database = sqlite3.connect(":memory:")
database.execute("CREATE TABLE groups (name TEXT)")
database.executemany("INSERT INTO groups VALUES (?)", [(name,) for name in names])


def by_query(text):
    query = SQLQuery(text, "groups", {("displayName", None, None): "name"})
    where = query.where_sql.format(**{name: f":{name}" for name in query.params_dict})
    return [name for (name,) in database.execute(f"SELECT name FROM groups WHERE {where}", query.params_dict)]


def by_model(text):
    return [name for name in names if ScimFilter[Group](text).match(Group(display_name=name))]


for parser, find in [("scim2-filter-parser", by_query), ("scim2-models", by_model)]:
    for name in names:
        try:
            said = " ".join(find(f"displayName eq {json.dumps(name)}")) or "nobody"
        except SCIMParserError:
            said = "refused"
        print(f"{parser}, {name}: {said}")
PY
{
  node find.mjs
  python/bin/python find.py
} | tee seen
diff seen - <<'TEXT'
scim2-parse-filter, The A team: The A team
scim2-parse-filter, The "A" team: The "A" team
scim2-parse-filter, CORP\Admins: nobody
scimmy, The A team: The A team
scimmy, The "A" team: refused
scimmy, CORP\Admins: nobody
scim2-filter-parser, The A team: The A team
scim2-filter-parser, The "A" team: refused
scim2-filter-parser, CORP\Admins: nobody
scim2-models, The A team: The A team
scim2-models, The "A" team: The "A" team
scim2-models, CORP\Admins: CORP\Admins
TEXT
echo "still so"

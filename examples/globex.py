#!/usr/bin/env python3
"""Globex: a company of a real size to try Portico with: 2,000 people, 300 accounts, on standard output as a seed file.

    examples/globex.py | portico init --seed - --data-dir DIR

The same company each time. Everybody is invented; addresses are of example.com's kind. Ada Okafor leads the platform team and reaches everything;
her password is 'correct horse battery staple'.
"""
import json
import random
import sys

PEOPLE, ACCOUNTS = 2_000, 300
GIVEN = """Ada Amara Anders Aoife Arjun Astrid Bao Beatriz Björn Chidi Chloé Dana Diego Elif Emre Esther Fatima Felix Freya Goran Hana Henrik Ingrid
Isla Ivan Jana Jonas Kaito Katarzyna Kwame Lars Leila Liam Lucía Magnus Mai Malik Marta Mateo Mei Mila Nadia Nils Noor Olga Omar Priya Rafael Ravi
Renata Rosa Samir Sanna Sofia Soren Tariq Tomás Uma Viktor Wanjiru Yara Yusuf Zoë""".split()
FAMILY = """Abe Adeyemi Andersson Bauer Becker Brandt Castillo Chen Costa Dahl Demir Dubois Eriksen Fernández Fischer Friedrich García Haddad
Hansen Hoffmann Ivanov Jansen Jovanović Kaya Keller Khan Kim Kowalski Kumar Larsen Lehmann Li Lindqvist López Martin Mbeki Meyer Moreau Nakamura
Nguyen Novák Nyberg Okafor Okonkwo Olsen Patel Pereira Petrov Reyes Rossi Sato Schneider Silva Singh Sørensen Tanaka Torres Vogel Wagner Weber Wójcik
Yamamoto Zhang Ziegler""".split()
# A team, what it owns, and the stages that each of these has.
TEAMS = {
    "payments": "checkout ledger payouts fraud invoicing", "logistics": "routing fleet warehouse customs returns", "storefront": "catalogue search basket reviews",
    "mobile": "ios-backend android-backend push", "data": "lake warehouse streams reporting experiments", "machine-learning": "training serving features",
    "identity": "directory sign-in", "platform": "network build artifacts observability secrets", "security": "log-archive audit forensics scanning",
    "finance": "erp treasury tax", "people": "payroll recruiting", "marketing": "campaigns website newsletter", "support": "tickets telephony knowledge",
    "research": "simulation notebooks", "partners": "portal feeds sandbox",
}
STAGES = {"prod": "Workloads/Production", "staging": "Workloads/Staging", "dev": "Workloads/Development", "test": "Workloads/Development", "dr": "Workloads/Production"}
SETS = [
    ("AdministratorAccess", "Everything, for the few who set accounts up", "PT1H", ["AdministratorAccess"]),
    ("PowerUserAccess", "Build and run, without changing who may what", "PT8H", ["PowerUserAccess"]),
    ("ReadOnlyAccess", "Look, change nothing", "PT12H", ["ReadOnlyAccess"]),
    ("Billing", "Invoices and budgets", "PT4H", ["job-function/Billing"]),
    ("SecurityAudit", "Settings and logs, for who checks them", "PT8H", ["SecurityAudit"]),
    ("DatabaseAdministrator", "Databases, for who is on call for them", "PT2H", ["job-function/DatabaseAdministrator"]),
    ("NetworkAdministrator", "Networks", "PT4H", ["job-function/NetworkAdministrator"]),
    ("DataScientist", "Notebooks and queries", "PT12H", ["job-function/DataScientist"]),
    ("SupportUser", "Open a case, look at what it is about", "PT8H", ["job-function/SupportUser"]),
    ("ViewOnlyAccess", "Names of things, not what is in them", "PT12H", ["job-function/ViewOnlyAccess"]),
]
OF_TEAM = [("PowerUserAccess", ("dev", "test", "staging")), ("ReadOnlyAccess", ("prod", "dr"))]


def people(dice):
    seen, made = {}, []
    for number in range(PEOPLE):
        given, family = (GIVEN[0], "Okafor") if number == 0 else (dice.choice(GIVEN), dice.choice(FAMILY))
        plain = f"{given}.{family}".lower().translate(str.maketrans("éëíöøáóúćčñć", "eeiooaouccnc"))
        seen[plain] = seen.get(plain, 0) + 1
        name = plain if seen[plain] == 1 else f"{plain}{seen[plain]}"
        made.append({"userName": name, "displayName": f"{given} {family}", "name": {"givenName": given, "familyName": family},
                     "emails": [{"value": f"{name}@globex.example", "primary": True}]})
    made[0]["password"] = {"plain": "correct horse battery staple"}
    return made


def accounts(dice):
    services = [(team, service) for team, owned in TEAMS.items() for service in owned.split()]
    wanted = [(team, service, stage) for stage in STAGES for team, service in services]
    wanted += [(team, f"sandbox-{number}", "dev") for number in range(1, 20) for team in TEAMS]
    made = {}
    for number, (team, service, stage) in enumerate(wanted[:ACCOUNTS]):
        name = f"{team}-{service}-{stage}"
        made[name] = (team, stage, {"id": f"{300_000_000_000 + number * 1_048_583 + dice.randrange(1_000_000)}", "name": name, "email": f"aws+{name}@globex.example"})
    return made


def main():
    dice = random.Random(20_261_128)
    everybody, places = people(dice), accounts(dice)
    teams = list(TEAMS)
    members = {team: [] for team in teams}
    for person in everybody[1:]:
        members[dice.choice(teams)].append(person["userName"])
    lead = everybody[0]["userName"]
    members["platform"].insert(0, lead)
    groups = [{"displayName": team, "description": f"Everybody of {team}", "members": names} for team, names in members.items()]
    groups += [
        {"displayName": "on-call-databases", "description": "Who answers at night", "members": sorted(dice.sample([name for names in members.values() for name in names], 12))},
        {"displayName": "auditors", "description": "Who checks", "members": sorted(dice.sample(members["security"] + members["finance"], 15))},
        {"displayName": "account-vending", "description": "Who sets accounts up", "members": [lead, *sorted(dice.sample(members["platform"], 5))]},
        {"displayName": "everybody", "description": "The whole company", "members": [person["userName"] for person in everybody]},
    ]
    of = lambda keep: [name for name, (team, stage, _) in places.items() if keep(team, stage)]
    assignments = [
        {"group": team, "permissionSet": role, "accounts": owned}
        for team in teams for role, stages in OF_TEAM if (owned := of(lambda its, stage: its == team and stage in stages))
    ]
    assignments += [
        {"group": "account-vending", "permissionSet": "AdministratorAccess", "accounts": list(places)},
        {"group": "auditors", "permissionSet": "SecurityAudit", "accounts": list(places)},
        {"group": "on-call-databases", "permissionSet": "DatabaseAdministrator", "accounts": of(lambda team, stage: stage == "prod" and team in ("payments", "data", "logistics"))},
        {"group": "finance", "permissionSet": "Billing", "accounts": of(lambda team, stage: stage == "prod")},
        {"group": "support", "permissionSet": "SupportUser", "accounts": of(lambda team, stage: stage == "prod")},
        {"group": "research", "permissionSet": "DataScientist", "accounts": of(lambda team, stage: team in ("data", "machine-learning", "research"))},
        {"group": "everybody", "permissionSet": "ViewOnlyAccess", "accounts": of(lambda team, stage: team == "platform" and stage == "dev")},
        {"user": lead, "permissionSet": "NetworkAdministrator", "accounts": of(lambda team, stage: team == "platform")},
    ]
    sets = [
        {"name": name, "description": what, "sessionDuration": time, "managedPolicies": [f"arn:aws:iam::aws:policy/{policy}" for policy in policies]}
        for name, what, time, policies in SETS
    ]
    seed = {"accounts": [account for _, _, account in places.values()], "users": everybody, "groups": groups, "permissionSets": sets, "assignments": assignments}
    # JSON is YAML.
    json.dump(seed, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()

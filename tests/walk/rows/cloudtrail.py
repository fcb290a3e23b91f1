"""cloudtrail."""
from rows import Row

ROWS = {
    "LookupEvents": Row(
        more=lambda w: {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}], "StartTime": 1_600_000_000, "EndTime": 4_000_000_000},
        without={"NextToken": "pages.py follows tokens"}, refused={"EventCategory": "EventCategory"}),
}

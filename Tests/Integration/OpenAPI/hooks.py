"""What schemathesis does wrong with requests to the service."""

import schemathesis
from hypothesis import strategies
from schemathesis.core import NOT_SET

TAGS = strategies.sampled_from(["*", '""', 'W/"4"', '"2", "3"', ',"5",', '"\u00e9"'])

schemathesis.openapi.format("entity-tags", TAGS | strategies.from_regex(r'\A"[!#-~]{0,8}"\Z'))


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """In its coverage phase it makes header fields of letters and digits only, and takes 0 for an entity tag."""
    for name, parameter in raw_schema["components"]["parameters"].items():
        if name.startswith(("If-Match", "If-None-Match")):
            parameter["schema"]["format"] = "entity-tags"


@schemathesis.hook
def before_call(context, case, kwargs):
    """It sends the content of PUT with DELETE, to see that refused, where content is what would be refused; and among the texts that it
    makes fields of is the one by which its own library is told to leave a field out."""
    if case.method.upper() in ("GET", "DELETE"):
        case.body = NOT_SET
    for name in [name for name, value in (case.headers or {}).items() if "@@@SKIP_HEADER@@@" in str(value)]:
        del case.headers[name]

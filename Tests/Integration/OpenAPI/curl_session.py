"""The manual's session with curl (UsingCurl.md), with the client that openapi-python-client has made.

Argument: the URL of a fresh exporter of the example's models.
"""

import sys

import httpx
from myosin_client import Client
from myosin_client.api.default import describe_user, get_health, get_landing_page, get_metrics, get_open_api, get_readiness
from myosin_client.api.default import get_schemas, get_state, patch_state
from myosin_client.api.system import get_system_online
from myosin_client.api.telemetry import get_telemetry, get_telemetry_temperature, patch_telemetry, replace_telemetry
from myosin_client.api.telemetry import replace_telemetry_humidity, replace_telemetry_temperature
from myosin_client.api.user import get_user, patch_user, replace_user_name, reset_user
from myosin_client.models import AllModels, AllModelsPatch, ChangedModels, Problem, SystemPatch, Telemetry, TelemetryPatch, User
from myosin_client.models import UserPatch
from myosin_client.types import Unset

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True, timeout=httpx.Timeout(300))


def problem(answer: object, status: int, detail: str) -> Problem:
    assert isinstance(answer, Problem) and answer.status == status and answer.detail.startswith(detail), answer
    return answer


# Read
everything = get_state.sync(client=client)
assert isinstance(everything, AllModels) and everything.user.name == "chris" and everything.system.online is False
telemetry = get_telemetry.sync(client=client)
assert isinstance(telemetry, Telemetry) and (telemetry.temperature, telemetry.humidity) == (21.5, 40)
assert get_telemetry_temperature.sync(client=client) == 21.5
user = get_user.sync_detailed(client=client)
tag = user.headers["ETag"]
assert user.status_code == 200 and tag == '"' + user.headers["State-Revision"] + '"'
same = get_user.sync_detailed(client=client, if_none_match=tag)
assert same.status_code == 304 and same.headers["ETag"] == tag and same.content == b""

# Replace
replaced = replace_telemetry.sync(client=client, body=Telemetry(temperature=21, humidity=40))
assert isinstance(replaced, Telemetry) and replaced.temperature == 21 and replaced.id == telemetry.id
assert replace_telemetry_temperature.sync(client=client, body=22) == 22
incomplete = httpx.put(sys.argv[1] + "/state/Telemetry", json={"temperature": 21}, timeout=300)
missing = problem(Problem.from_dict(incomplete.json()), 422, "Telemetry was not changed: /humidity is missing.")
assert missing.errors and missing.errors[0].to_dict() == {"pointer": "/humidity", "detail": "is missing", "code": "missing"}

# Change in part
patched = patch_telemetry.sync(client=client, body=TelemetryPatch(temperature=20.5))
assert isinstance(patched, Telemetry) and (patched.temperature, patched.humidity) == (20.5, 40)
changed = patch_state.sync(client=client, body=AllModelsPatch(user=UserPatch(name="cS"), system=SystemPatch(online=True)))
assert isinstance(changed, ChangedModels) and isinstance(changed.user, User) and changed.user.name == "cS"
assert isinstance(changed.telemetry, Unset) and get_system_online.sync(client=client) is True
reset = reset_user.sync(client=client)
assert isinstance(reset, User) and reset.name == "chris"
minimal = replace_user_name.sync_detailed(client=client, body="cS", prefer="return=minimal")
assert minimal.status_code == 204 and minimal.headers["Preference-Applied"] == "return=minimal" and minimal.parsed is None

# Change what you have read
tag = '"' + minimal.headers["State-Revision"] + '"'
mike = patch_user.sync_detailed(client=client, if_match=tag, body=UserPatch(name="mike"))
assert mike.status_code == 200 and isinstance(mike.parsed, User) and mike.parsed.name == "mike"
problem(patch_user.sync(client=client, if_match=tag, body=UserPatch(name="anna")), 412, "User is at revision ")
revision = mike.headers["State-Revision"]
unquoted = patch_user.sync(client=client, if_match=revision, body=UserPatch(name="anna"))
problem(unquoted, 400, f"If-Match: {revision} is not an entity tag")

# Watch
later = get_user.sync_detailed(client=client, if_none_match=f'"{revision}"', prefer="wait=1")
assert later.status_code == 304 and later.headers["Preference-Applied"] == "wait=1"

# When something is wrong
faulty = patch_telemetry.sync(client=client, body=TelemetryPatch(humidity=140))
range_fault = problem(faulty, 422, "Telemetry was not changed: /humidity must be at most 100, got 140.")
assert range_fault.errors and [(fault.pointer, fault.code) for fault in range_fault.errors] == [("/humidity", "range")]
refusing = client.with_headers({"Accept": "text/html"})
problem(get_state.sync(client=refusing), 406, "The answer is application/json, which Accept: text/html does not take.")
elsewhere = Client(base_url=sys.argv[1], headers={"Host": "evil.example"})
problem(get_state.sync(client=elsewhere), 421, "This server does not answer for the host evil.example.")
foreign = Client(base_url=sys.argv[1], headers={"Origin": "http://evil.example"})
problem(replace_telemetry_humidity.sync(client=foreign, body=1), 403, "Web pages of other sites may not change the state")

# Ask how it is
assert get_health.sync(client=Client(base_url=sys.argv[1])) == "ok\n"
readiness = get_readiness.sync(client=Client(base_url=sys.argv[1]))
assert readiness and not isinstance(readiness, Problem) and readiness.ready and readiness.reasons == []
client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)
schema = describe_user.sync(client=client)
assert schema and not isinstance(schema, Problem) and schema["required"] == ["name", "email"]
schemas = get_schemas.sync(client=client)
assert schemas and not isinstance(schemas, Problem) and schemas.user == "schema/User"
document = get_open_api.sync(client=client)
assert document and not isinstance(document, Problem) and document["openapi"] == "3.1.0"
assert 'myosin_state_telemetry_humidity_percent 40' in str(get_metrics.sync(client=client))
assert "<html" in str(get_landing_page.sync(client=client))

"""Microsoft's own types of what Teams sends and is sent: read an activity, or a message of ours.

take SECRET HEADERS BODY     prints {"text"}; what an activity is signed with these types do not know
read MESSAGE                 prints {"text", "links"}
"""

import json
import sys

from microsoft_agents.activity import Activity, ActivityTypes


def take(_secret, _headers, body):
    activity = Activity.model_validate_json(body)
    assert activity.type == ActivityTypes.message and activity.service_url, activity
    return {"text": activity.text}


def read(message):
    activity = Activity.model_validate_json(message)
    assert activity.type == ActivityTypes.message, activity
    entities = [entity.model_dump(by_alias=True) for entity in activity.entities]
    claims = [claim for entity in entities for claim in entity.get("citation") or []]
    return {"text": activity.text, "links": [claim["appearance"]["url"] for claim in claims]}


action, *arguments = sys.argv[1:]
print(json.dumps({"take": take, "read": read}[action](*arguments)))

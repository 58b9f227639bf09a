"""Discord's own client: checks the signature of an interaction, or reads a message of ours.

take PUBLIC_KEY HEADERS BODY     prints {"text"}, or {"refused"} where the client does not take it
read MESSAGE                     prints {"text", "links"}
"""

import contextlib
import json
import re
import sys

from discord_interactions import InteractionType, verify_key


def take(key, headers, body):
    headers = json.loads(headers)
    signature, timestamp = headers["x-signature-ed25519"], headers["x-signature-timestamp"]
    # It complains on standard output, where the result goes.
    with contextlib.redirect_stdout(sys.stderr):
        taken = verify_key(body.encode(), signature, timestamp, key)
    if not taken:
        return {"refused": "signature"}
    interaction = json.loads(body)
    assert interaction["type"] == InteractionType.APPLICATION_COMMAND, interaction
    return {"text": interaction["data"]["options"][0]["value"]}


def read(message):
    text = json.loads(message)["content"]
    return {"text": text, "links": re.findall(r"\]\(<?(http[^)>]+)", text)}


action, *arguments = sys.argv[1:]
print(json.dumps({"take": take, "read": read}[action](*arguments)))

"""Feishu's own client: checks and opens a request of an event, or reads a message of ours.

take SECRET HEADERS BODY     prints {"text"}, or {"refused"} where the client does not take it
read MESSAGE                 prints {"text", "links"}
"""

import json
import sys

from lark_oapi import EventDispatcherHandler
from lark_oapi.api.im.v1 import ReplyMessageRequestBody
from lark_oapi.core.json import JSON
from lark_oapi.core.log import logger
from lark_oapi.core.model import RawRequest

# It complains on standard output, where the result goes.
logger.disabled = True


def take(secret, headers, body):
    taken = []
    handler = EventDispatcherHandler.builder(secret, "a-verify-token")
    handler = handler.register_p2_im_message_receive_v1(taken.append).build()
    request = RawRequest()
    request.uri, request.body = "/channels/feishu/events", body.encode()
    request.headers = {name.title(): value for name, value in json.loads(headers).items()}
    response = handler.do(request)
    if response.status_code != 200:
        return {"refused": response.content.decode()}
    return {"text": json.loads(taken[0].event.message.content)["text"]}


def read(message):
    sent = JSON.unmarshal(message, ReplyMessageRequestBody)
    assert sent.msg_type == "post", sent.msg_type
    lines = json.loads(sent.content)["en_us"]["content"]
    return {
        "text": "\n".join("".join(element["text"] for element in line) for line in lines),
        "links": [element["href"] for line in lines for element in line if element["tag"] == "a"],
    }


action, *arguments = sys.argv[1:]
print(json.dumps({"take": take, "read": read}[action](*arguments)))

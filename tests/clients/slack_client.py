"""Slack's own client: signs and posts an event, or reads a message of ours.

post URL SECRET EVENT     prints {"status"}
read MESSAGE              prints {"text", "links", "buttons"}
"""

import json
import sys
import time
import urllib.error
import urllib.request

from slack_sdk.models.blocks import ActionsBlock, Block, RichTextBlock
from slack_sdk.signature import SignatureVerifier


def post(url, secret, event):
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": SignatureVerifier(secret).generate_signature(timestamp=stamp, body=event),
    }
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, event.encode(), headers)) as response:
            return {"status": response.status}
    except urllib.error.HTTPError as error:
        return {"status": error.code}


def read(message):
    blocks = Block.parse_all(json.loads(message)["blocks"])
    elements = []
    buttons = []
    for block in blocks:
        block.validate_json()
        if isinstance(block, RichTextBlock):
            for section in block.to_dict()["elements"]:
                elements.extend(section["elements"])
        elif isinstance(block, ActionsBlock):
            buttons.extend(element.value for element in block.elements)
        else:
            raise SystemExit(f"an unknown block: {block}")
    return {
        "text": "".join(element["text"] for element in elements),
        "links": [element["url"] for element in elements if element["type"] == "link"],
        "buttons": buttons,
    }


action, *arguments = sys.argv[1:]
print(json.dumps({"post": post, "read": read}[action](*arguments)))

"""LINE's own client: checks its signature of an event and posts it, or reads a request of ours.

post URL SECRET EVENT     prints {"status"}
read REQUEST              prints {"text", "links", "buttons"}
"""

import base64
import hashlib
import hmac
import json
import sys
import urllib.error
import urllib.request

from linebot.v3.messaging import ReplyMessageRequest
from linebot.v3.webhook import WebhookParser
from linebot.v3.webhooks import MessageEvent, TextMessageContent


def post(url, secret, event):
    signature = base64.b64encode(hmac.new(secret.encode(), event.encode(), hashlib.sha256).digest()).decode()
    # The client itself would take what we are sent.
    (parsed,) = WebhookParser(secret).parse(event, signature)
    assert isinstance(parsed, MessageEvent) and isinstance(parsed.message, TextMessageContent), parsed
    headers = {"Content-Type": "application/json", "X-Line-Signature": signature}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, event.encode(), headers)) as response:
            return {"status": response.status}
    except urllib.error.HTTPError as error:
        return {"status": error.code}


def read(request):
    messages = ReplyMessageRequest.from_json(request).messages
    text = "\n".join(message.text for message in messages)
    return {
        "text": text,
        "links": [word for word in text.split() if word.startswith("http")],
        "buttons": [item.action.data for item in messages[-1].quick_reply.items],
    }


action, *arguments = sys.argv[1:]
print(json.dumps({"post": post, "read": read}[action](*arguments)))

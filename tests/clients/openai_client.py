"""Asks conversations through OpenAI's Python client and prints what it understood, as JSON.

    openai_client.py BASE_URL CONVERSATIONS     (a list of lists of messages, as JSON)
"""

import json
import sys

import openai

base, conversations = sys.argv[1], json.loads(sys.argv[2])
client = openai.OpenAI(base_url=f"{base}/v1", api_key="none", max_retries=0)


def plain(messages):
    completion = client.chat.completions.create(model="dialogdesk", messages=messages)
    choice = completion.choices[0]
    annotations = [a.model_dump() for a in choice.message.annotations or []]
    return {
        "content": choice.message.content,
        "annotations": annotations,
        # As this language counts characters.
        "pointed": [choice.message.content[a["url_citation"]["start_index"]:a["url_citation"]["end_index"]] for a in annotations],
        "finish_reason": choice.finish_reason,
        "total_tokens": completion.usage.total_tokens,
    }


def streamed(messages):
    content, annotations, roles, finish, usage, ids = "", [], [], [], None, set()
    stream = client.chat.completions.create(
        model="dialogdesk", messages=messages, stream=True, stream_options={"include_usage": True})
    for chunk in stream:
        ids.add(chunk.id)
        if chunk.usage:
            usage = chunk.usage.total_tokens
        for choice in chunk.choices:
            content += choice.delta.content or ""
            annotations += (choice.delta.model_extra or {}).get("annotations", [])
            roles += [choice.delta.role] if choice.delta.role else []
            finish += [choice.finish_reason] if choice.finish_reason else []
    return {"content": content, "annotations": annotations, "roles": roles, "finish": finish, "usage": usage, "ids": len(ids)}


def refused(call):
    try:
        call()
    except openai.APIStatusError as error:
        return {"class": type(error).__name__, "status": error.status_code, "code": error.code, "param": error.param, "type": error.type}
    return None


print(json.dumps({
    "models": [model.id for model in client.models.list()],
    "plain": [plain(messages) for messages in conversations],
    "streamed": [streamed(messages) for messages in conversations],
    "errors": [
        refused(lambda: client.chat.completions.create(model="dialogdesk", messages=[])),
        refused(lambda: client.chat.completions.create(model="dialogdesk", messages=[], stream=True)),
        refused(lambda: client.models.retrieve("another")),
        refused(lambda: client.embeddings.create(model="dialogdesk", input="x")),
    ],
}))

"""What Schemathesis holds the server to beside its own checks.

Its check that valid data is accepted knows only statuses. A description cannot say everything: that
a slug is served, how many word pieces a text has, what a message of a protocol means. Here a 400
for valid data is right only when it says one of these.
"""

import schemathesis

# Kinds of problems that depend on more than the form of a request.
MEANING = {
    "urn:dialogdesk:problem:unknown-document",
    "urn:dialogdesk:problem:question-too-long",
    "urn:dialogdesk:problem:empty-question",
}


@schemathesis.check
def valid_data_is_taken(ctx, response, case):
    if response.status_code != 400 or not case.meta or not case.meta.generation.mode.is_positive:
        return
    problem = response.json()
    if case.path == "/mcp":
        means_something = problem.get("jsonrpc") == "2.0" if isinstance(problem, dict) else True
    elif case.path.startswith("/v1/"):
        # That one of the messages is a question.
        means_something = problem["error"]["param"] == "messages"
    else:
        means_something = problem["type"] in MEANING
    assert means_something, f"valid data was refused: {response.text}"

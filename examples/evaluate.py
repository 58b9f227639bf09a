#!/usr/bin/env python3
"""Asks a running Dialogdesk the questions of a question set and says how many it answers rightly.

Needs Python 3.9 or newer and nothing else. What counts as right is what `dialogdesk eval` counts:
an answerable question is answered, every `must` is found in the answer, the quotes or their
speakers, no `must_not` is, the evidence stands in a cited passage, and where `relevant` names
anchors one of them is cited; an unanswerable question is refused.

Exit codes: 0 done, 1 below a limit that was asked for or a question failed, 2 wrong usage.
"""

import argparse
import http.client
import json
import re
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

KEYS = {"id", "category", "question", "history", "documents", "answerable", "must", "must_not", "evidence",
        "evidence_all", "relevant", "note", "turn", "correction_evidence"}
LISTS = ("history", "documents", "must", "must_not", "evidence", "evidence_all", "relevant")
# A busy server is asked again as often as this before a question counts as failed.
ATTEMPTS = 8


class Unusable(Exception):
    """What was asked for makes no sense; the message says what to change."""


def main():
    arguments = parse_arguments()
    try:
        served = documents(arguments)
        questions = [question for file in arguments.files for question in read(file, served)]
        if not questions:
            raise Unusable("there are no questions in " + ", ".join(arguments.files))
        with ThreadPoolExecutor(arguments.jobs) as pool:
            verdicts = list(pool.map(lambda question: judge(question, ask(arguments, question)), questions))
        if arguments.json:
            write(arguments.json, {"figures": figures(verdicts), "questions": verdicts})
    except Unusable as problem:
        print(f"evaluate.py: {problem}", file=sys.stderr)
        return 2
    report(verdicts, arguments.failures)
    return 0 if passes(figures(verdicts), arguments) else 1


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Example:\n  python3 examples/evaluate.py tests/collections/nanning/questions.jsonl --min-accuracy 0.7")
    parser.add_argument("files", nargs="+", metavar="QUESTIONS.jsonl", help="question sets, JSON Lines")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="where the server listens [default: %(default)s]")
    parser.add_argument("--key", help="sent as `Authorization: Bearer KEY`")
    parser.add_argument("--jobs", type=positive, default=2, metavar="N", help="questions asked at a time [default: %(default)s]")
    parser.add_argument("--timeout", type=positive, default=60, metavar="SECONDS", help="longest wait for a reply [default: %(default)s]")
    parser.add_argument("--failures", type=int, default=10, metavar="N", help="how many failures to list [default: %(default)s]")
    parser.add_argument("--json", metavar="FILE", help="write all figures and verdicts")
    parser.add_argument("--min-accuracy", type=share, metavar="0..1", help="exit with 1 when fewer answerable questions are answered rightly")
    parser.add_argument("--min-refused", type=share, metavar="0..1", help="exit with 1 when fewer unanswerable questions are refused")
    return parser.parse_args()


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def share(text):
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return number


# ---- the question set ------------------------------------------------------------------------------


def read(file, served):
    """The questions of a file. Every line that is wrong is named."""
    try:
        with open(file, encoding="utf-8-sig") as opened:
            lines = opened.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{file} cannot be read: {error}") from None
    questions, problems, seen = [], [], {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = parse(line, served)
            if question["id"] in seen:
                raise ValueError(f"the id {question['id']!r} stands on line {seen[question['id']]} already")
            seen[question["id"]] = number
            questions.append(question)
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise Unusable(f"{file} has {len(problems)} problem(s):\n  " + "\n  ".join(problems))
    return questions


def parse(line, served):
    given = json.loads(line)
    if not isinstance(given, dict):
        raise ValueError("a line must be a JSON object")
    if unknown := sorted(set(given) - KEYS):
        raise ValueError(f"unknown field {', '.join(map(repr, unknown))}; there are {', '.join(sorted(KEYS))}")
    question = {key: given.get(key) or [] for key in LISTS}
    for key, kind, name in (("id", str, "a string"), ("question", str, "a string"), ("answerable", bool, "true or false")):
        if not isinstance(given.get(key), kind):
            raise ValueError(f"`{key}` must be {name}")
        question[key] = given[key]
    for key in LISTS:
        inner = list if key == "evidence_all" else str
        if not isinstance(question[key], list) or not all(isinstance(item, inner) for item in question[key]):
            raise ValueError(f"`{key}` must be a list of {'lists' if inner is list else 'strings'}")
    if not question["question"].strip():
        raise ValueError("the question is empty")
    if not all(group and all(isinstance(snippet, str) for snippet in group) for group in question["evidence_all"]):
        raise ValueError("`evidence_all` must hold lists of strings that are not empty")
    if missing := [slug for slug in question["documents"] if slug not in served]:
        raise ValueError(f"there is no document {missing[0]!r}; served are {', '.join(served)}")
    for key in ("must", "must_not"):
        question[key] = [(pattern, compiled(pattern)) for pattern in question[key]]
    question["evidence"] = [one_space(snippet) for snippet in question["evidence"]]
    question["evidence_all"] = [[one_space(snippet) for snippet in group] for group in question["evidence_all"]]
    question["relevant"] = [full_anchor(anchor, question["documents"] or served) for anchor in question["relevant"]]
    return question


def compiled(pattern):
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None


def full_anchor(anchor, documents):
    if "#" in anchor:
        return anchor
    if len(documents) != 1:
        raise ValueError(f"the anchor {anchor!r} needs its document (\"slug#{anchor}\"), or exactly one in documents or served")
    return f"{documents[0]}#{anchor}"


def one_space(text):
    return " ".join(text.split())


# ---- the server ------------------------------------------------------------------------------------


def documents(arguments):
    """The slugs that are served."""
    reply = send(arguments, "/api/v1/documents", None)
    if "documents" not in reply:
        raise Unusable(f"{arguments.url} does not answer like Dialogdesk: {failure(reply)}")
    return [document["slug"] for document in reply["documents"]]


def ask(arguments, question):
    body = {
        "question": question["question"],
        "history": [{"role": "user", "content": content} for content in question["history"]],
        "documents": question["documents"],
        "explain": True,
    }
    return send(arguments, "/api/v1/ask", body)


def send(arguments, path, body):
    """The JSON of a reply or of a problem. A busy server is asked again when it says."""
    headers = {"Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if arguments.key:
        headers["Authorization"] = f"Bearer {arguments.key}"
    url = arguments.url.rstrip("/") + path
    for attempt in range(1, ATTEMPTS + 1):
        try:
            request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, headers)
            with urllib.request.urlopen(request, timeout=arguments.timeout) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code == 429 and attempt < ATTEMPTS:
                time.sleep(waiting(error))
                continue
            try:
                return json.load(error)
            except ValueError:
                return {"detail": f"HTTP {error.code} without a problem"}
        except ValueError as error:
            raise Unusable(f"{url} does not answer with JSON, or is no address: {error}") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise Unusable(f"{url} cannot be reached ({reason}); start it with `dialogdesk serve` or name it with --url") from None


def waiting(error):
    try:
        return min(float(error.headers.get("Retry-After", "1")), 30)
    except ValueError:
        return 1


def failure(reply):
    return reply.get("detail") or json.dumps(reply)[:200]


# ---- what is right ---------------------------------------------------------------------------------


def judge(question, reply):
    verdict = {"id": question["id"], "answerable": question["answerable"], "answered": False, "failed": False,
               "confidence": reply.get("confidence"), "answer": reply.get("answer", ""),
               "citation_precision": None, "citation_recall": None}
    citations = reply.get("citations", [])
    if "outcome" not in reply:
        verdict.update(failed=True, faults=[f"failed: {failure(reply)}"])
    else:
        verdict["answered"] = reply["outcome"] == "answered"
        verdict["faults"] = faults(question, reply, citations)
    verdict["right"] = not verdict["faults"]
    if question["answerable"]:
        verdict["citation_recall"] = recall(question, citations)
        if verdict["answered"]:
            verdict["citation_precision"] = precision(question, citations)
    return verdict


def faults(question, reply, citations):
    answered = reply["outcome"] == "answered"
    if not question["answerable"]:
        return ["answered though unanswerable"] if answered else []
    if not answered:
        reason = (reply.get("trace") or {}).get("reason") or "no reason given"
        return [f"not answered ({reason})"]
    said = [one_space(reply["answer"])]
    said += [one_space(text) for citation in citations for text in (citation["quote_text"], citation["speaker"]) if text]
    found = lambda pattern: any(pattern.search(text) for text in said)
    wrong = [f"wrong quote: must /{text}/ not found" for text, pattern in question["must"] if not found(pattern)]
    wrong += [f"wrong quote: must_not /{text}/ found" for text, pattern in question["must_not"] if found(pattern)]
    missing = [group for group in groups(question) if not any(holds(citation, group) for citation in citations)]
    wrong += [f"evidence missing: {json.dumps(' | '.join(group), ensure_ascii=False)}" for group in missing]
    if question["relevant"] and not any(is_relevant(question, citation) for citation in citations):
        wrong.append("none of the relevant blocks cited")
    return wrong


def groups(question):
    """Lists of snippets of each of which one must be cited."""
    return ([question["evidence"]] if question["evidence"] else []) + question["evidence_all"]


def holds(citation, snippets):
    passage = one_space(citation["passage"])
    return any(snippet in passage for snippet in snippets)


def is_relevant(question, citation):
    return f"{citation['document']}#{citation['anchor']}" in question["relevant"]


def precision(question, citations):
    snippets = [snippet for group in groups(question) for snippet in group]
    if not citations or not (snippets or question["relevant"]):
        return None
    fits = [holds(c, snippets) if snippets else is_relevant(question, c) for c in citations]
    return sum(fits) / len(fits)


def recall(question, citations):
    if wanted := groups(question):
        return sum(any(holds(c, group) for c in citations) for group in wanted) / len(wanted)
    if question["relevant"]:
        cited = {f"{c['document']}#{c['anchor']}" for c in citations}
        relevant = set(question["relevant"])
        return len(relevant & cited) / len(relevant)
    return None


# ---- figures ---------------------------------------------------------------------------------------


def figures(verdicts):
    answerable = [v for v in verdicts if v["answerable"]]
    unanswerable = [v for v in verdicts if not v["answerable"]]
    refused = lambda v: not v["answered"] and not v["failed"]
    return {
        "questions": len(verdicts),
        "answerable": len(answerable),
        "unanswerable": len(unanswerable),
        "failed": sum(v["failed"] for v in verdicts),
        "right": mean(v["right"] for v in verdicts),
        "answer_accuracy": mean(v["right"] for v in answerable),
        "citation_precision": mean(v["citation_precision"] for v in verdicts),
        "citation_recall": mean(v["citation_recall"] for v in verdicts),
        "unanswerable_refused": mean(refused(v) for v in unanswerable),
        "answerable_refused": mean(refused(v) for v in answerable),
    }


def mean(values):
    values = [float(value) for value in values if value is not None]
    return sum(values) / len(values) if values else None


def report(verdicts, shown):
    for name, value in figures(verdicts).items():
        text = "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
        print(f"{name.replace('_', ' '):<22} {text:>7}")
    wrong = [verdict for verdict in verdicts if not verdict["right"]]
    for verdict in wrong[:shown]:
        print(f"\n{verdict['id']}: {'; '.join(verdict['faults'])}")
        print(f"  {one_space(verdict['answer'])[:200]}")
    if len(wrong) > shown:
        print(f"\n{len(wrong) - shown} more failures; --failures lists more")


def passes(found, arguments):
    wanted = [("answer_accuracy", arguments.min_accuracy), ("unanswerable_refused", arguments.min_refused)]
    low = [(name, found[name], least) for name, least in wanted
           if least is not None and found[name] is not None and found[name] < least]
    for name, value, least in low:
        print(f"{name.replace('_', ' ')} is {value:.3f}, below {least:.3f}", file=sys.stderr)
    return not low and not found["failed"]


def write(file, value):
    try:
        with open(file, "w", encoding="utf-8") as opened:
            json.dump(value, opened, ensure_ascii=False, indent=2)
    except OSError as error:
        raise Unusable(f"{file} cannot be written: {error}") from None


if __name__ == "__main__":
    sys.exit(main())

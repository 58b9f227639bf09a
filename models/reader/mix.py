#!/usr/bin/env python3
"""Puts pairs of several sources together for one training, in random order.

    python3 mix.py 4:pairs-news.jsonl 3:pairs-cities.jsonl sample:7000:pairs-1.jsonl.gz --out train.jsonl

`N:FILE` takes every question of a file with at most two passages that answer it and N that do not,
the first ones: those that search puts first are the hardest, and with fewer of them an hour of
training sees more questions. `sample:N:FILE` takes questions by chance, whole, until there are N
pairs. Reads and writes the format of train.py.
"""

import argparse
import gzip
import json
import random

MOST_ANSWERS = 2


def questions(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def trimmed(question, most):
    answers = [p for p in question["passages"] if p["answerable"]][:MOST_ANSWERS]
    others = [p for p in question["passages"] if not p["answerable"]][:most]
    return {**question, "passages": answers + others}


def taken(source):
    kind, rest = source.split(":", 1)
    if kind != "sample":
        return [trimmed(question, int(kind)) for question in questions(rest)]
    most, path = rest.split(":", 1)
    found, pairs = questions(path), 0
    random.shuffle(found)
    for count, question in enumerate(found):
        if pairs >= int(most):
            return found[:count]
        pairs += len(question["passages"])
    return found


def main():
    parser = argparse.ArgumentParser(description="Puts pairs of several sources together.")
    parser.add_argument("sources", nargs="+", help="N:FILE or sample:N:FILE")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    mixed = [question for source in arguments.sources for question in taken(source)]
    random.shuffle(mixed)
    with open(arguments.out, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(question, ensure_ascii=False) + "\n" for question in mixed)
    print(f"{len(mixed)} questions, {sum(len(q['passages']) for q in mixed)} pairs")


if __name__ == "__main__":
    main()

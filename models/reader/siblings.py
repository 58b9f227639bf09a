#!/usr/bin/env python3
"""Asks the questions of one document of another that does not answer them.

    python3 siblings.py dialogs/* --out DIR

Each folder has `questions.jsonl` and `knowledge/`, where every question names one document. For each
document so many answerable questions of its neighbours are chosen by chance, of those without a
capital behind the first word, since a name of another document gives the answer away: "How was the
grant spent?" sounds as if it could be answered anywhere, and search finds something for it. Writes a
folder of the same name with the same documents and the new questions; `dialogdesk eval --pairs` makes
pairs of them. All are taken to be unanswerable, which is seldom wrong and is not checked.
"""

import argparse
import json
import random
import re
import shutil
from pathlib import Path

# Short questions with these words are about whatever was spoken of before.
POINTS = re.compile(r"\b(she|he|her|his|they|it|this|that|article|interview|document|text)\b", re.I)
SHORT = 6


def names(text):
    """A capital behind the first word names somebody or something, so that the question is no riddle."""
    return any(word.strip("“”\"'(")[:1].isupper() for word in text.split()[1:] if word != "I")


def riddle(question):
    text = question["question"]
    points = POINTS.search(text) and len(text.split()) < SHORT
    return question["answerable"] and not names(text) and not points


def crossed(questions, most):
    """Questions of the other documents, so many for each."""
    of = {}
    for question in filter(riddle, questions):
        of.setdefault(question["documents"][0], []).append(question)
    number = 0
    for document in sorted({question["documents"][0] for question in questions}):
        others = [q for name, found in of.items() if name != document for q in found]
        random.shuffle(others)
        for question in others[:most]:
            number += 1
            yield {"id": f"sibling-{document}-{number}", "category": "sibling", "question": question["question"],
                   "documents": [document], "answerable": False, "evidence": []}


def main():
    parser = argparse.ArgumentParser(description="Asks the questions of one document of another.")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--most", type=int, default=14, help="questions for each document")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    for folder in arguments.folders:
        lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
        made = list(crossed([json.loads(line) for line in lines], arguments.most))
        out = arguments.out / folder.name
        shutil.copytree(folder / "knowledge", out / "knowledge", dirs_exist_ok=True)
        (out / "questions.jsonl").write_text(
            "".join(json.dumps(question, ensure_ascii=False) + "\n" for question in made), encoding="utf-8")
        print(f"{out}: {len(made)} questions")


if __name__ == "__main__":
    main()

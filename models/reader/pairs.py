#!/usr/bin/env python3
"""Makes training pairs harder, and keeps whole documents aside to measure on.

    python3 pairs.py pairs-1.jsonl.gz pairs-2.jsonl.gz --out DIR

Reads and writes the format of train.py. Writes `train.jsonl.gz`, and `aside.jsonl.gz` with the
questions of the documents that were kept aside, as they were.

The pairs name no documents. Two questions belong to one document when their passages share eight
words in a row, and so on; that recovers articles and dialogs. To the questions of the others it adds

- *found*: passages of the same document, or of the same source, that BM25 ranks high for the
  question, and which hold no answer: what a search would wrongly quote;
- *sentences*: the sentence with the answer, against its neighbour that looks most like the question;
- *cut*: the passage without the sentences that hold the answer;
- *windows*: of a long passage, the sentences around the answer, as the product reads them;
- *turns*: a speaker before the passage, and before that perhaps the question of an interviewer;
- *swaps*: a question for which the passage lacks the detail: another year or number, another name,
  another question word.
"""

import argparse
import gzip
import json
import random
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

SHINGLE = 8
# Phrases that name the documents kept aside, beside every so-manieth dialog of DIALOGS.
ASIDE = {"squad2_halfA": ["French and Indian War", "Scottish Parliament"]}
DIALOGS, EVERY = ("friends_dev", "qmsum_train"), 8
# Sources whose passages are about one thing, so that a passage found for a question says something.
SEARCHED = ("shifts_wiki", "squad2_train_part", "squad_vanilla_800", "selqa", "squad2_halfA", "qmsum_train",
            "friends_dev")
# What part of a source's questions is kept: much of what is adversarial, spoken or about few articles,
# little of what the others have plenty of.
SHARES = {"shifts_wiki": 0.16, "shifts_reddit": 0.08, "shifts_amazon": 0.08, "squad2_train_part": 0.25,
          "squad1_train_part": 0.25, "squad_vanilla_800": 0.16, "policyqa": 0.2, "covidqa": 0.2, "molweni": 0.2,
          "multispanqa": 0.3, "selqa": 0.25, "xquad_en": 0.4, "friends_dev": 0.7, "qmsum_train": 0.4}
SWAPPED_SHARE = 0.12
# Sources whose paragraphs can be put together again, since one of the windows holds each.
WHOLE = ("squad2_halfA", "squad2_train_part")
# Words of a passage that are read: what the product reads, and less.
READ_WORDS = (100, 100, 75, 50, 30)
NAMES = ("Anna Berg,Tom Okafor,Mayor Lindqvist,Dr. Alvarez,Priya Nair,Host,Interviewer,Guest,Chair,Kenji Mori,Elena "
         "Rossi,Councillor Hughes,Sam,Ruth Adeyemi,Professor Lang,Moderator,Maria Costa,David,Olga Petrova,Minister "
         "Haddad,Speaker 2,Joe Marsh,Coach Daniels,Lin Wei,Fatima Zahra,Marketing,Captain Reyes").split(",")
CAUSES = re.compile(r"\b(because|due|since|as|so|owing|thanks|reason|cause[sd]?|why|therefore|led|result\w*|order|for|to)\b", re.I)
TIMES = re.compile(r"\d|\b(january|february|march|april|may|june|july|august|september|october|november|december|"
                   r"century|year|years|day|days|week|month|after|before|when|during|until|since|today|now)\b", re.I)
PLACES = re.compile(r"\b(in|at|from|near|to|on|of|across|outside|into)\s+(the\s+)?[A-Z]|\bwhere\b|\bthere\b")
WORD = re.compile(r"\w+")
STOP = set("a an and are as at be but by did do does for from had has have how in into is it its of on or that the "
           "their this to was were what when where which who why with".split())


def words(text):
    return WORD.findall(text.lower())


def content(text):
    return [w for w in words(text) if w not in STOP]


def spelled(text):
    return f" {' '.join(words(text))} "


def questions(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def family(question):
    return question["source"].removesuffix("_swap")


# --- documents -------------------------------------------------------------------------------


def documents(found):
    """A number per question; those of one document share it."""
    parent = {}

    def root(x):
        while parent.setdefault(x, x) != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for at, question in enumerate(found):
        for passage in question["passages"]:
            row = words(passage["text"])
            for start in range(len(row) - SHINGLE + 1):
                parent[root((family(question), *row[start:start + SHINGLE]))] = root(at)
    return [root(at) for at in range(len(found))]


def kept_aside(found, document):
    """The documents to measure on."""
    aside = set()
    for source, phrases in ASIDE.items():
        for phrase in phrases:
            hits = Counter(document[at] for at, q in enumerate(found) if q["source"] == source
                           and any(phrase in p["text"] for p in q["passages"]))
            aside.update(d for d, _ in hits.most_common(1))
    for source in DIALOGS:
        of = list(dict.fromkeys(document[at] for at, q in enumerate(found) if q["source"] == source))
        aside.update(of[::EVERY])
    return aside


def whole(found):
    """Gives the windows of SQuAD 2.0 back their paragraphs. Questions without an answer came with whole
    paragraphs and those with one mostly with a part: a reader learns that long passages do not answer."""
    for source in WHOLE:
        passages = [p for q in found if q["source"] == source for p in q["passages"]]
        longest = {}
        for text in sorted({p["text"] for p in passages}, key=lambda text: (len(text), text)):
            longest.update(dict.fromkeys(shingles(text), text))
        for passage in passages:
            text = passage["text"]
            paragraph = longest[min(shingles(text))]
            at = paragraph.find(text)
            if at >= 0:
                passage["text"] = paragraph
                passage["span"] = [edge + at for edge in passage["span"]] if passage["span"] else None


# --- passages that a search would find ---------------------------------------------------------


class Lexical:
    """BM25 over a list of texts."""

    def __init__(self, texts, k=1.2, b=0.75):
        rows = [Counter(content(text)) for text in texts]
        lengths = np.array([sum(row.values()) for row in rows], np.float32)
        norm = k * (1 - b + b * lengths / max(1.0, lengths.mean()))
        postings = defaultdict(list)
        for at, row in enumerate(rows):
            for word, count in row.items():
                postings[word].append((at, count))
        self.size, self.postings = len(texts), {}
        for word, hits in postings.items():
            at = np.array([a for a, _ in hits])
            count = np.array([c for _, c in hits], np.float32)
            idf = np.log(1 + (self.size - len(at) + 0.5) / (len(at) + 0.5))
            self.postings[word] = at, idf * count * (k + 1) / (count + norm[at])

    def __call__(self, question):
        scores = np.zeros(self.size, np.float32)
        for word in content(question):
            if word in self.postings:
                at, value = self.postings[word]
                scores[at] += value
        return scores


def shingles(text):
    row = words(text)
    return {tuple(row[at:at + SHINGLE]) for at in range(max(1, len(row) - SHINGLE + 1))}


def answers(question):
    return [spelled(p["text"][p["span"][0]:p["span"][1]]) for p in question["passages"] if p["span"]]


def found_passages(chosen, pool, dice):
    """Gives each of the chosen questions a passage of the same source that ranks high for it, shares
    no words in a row with its own, and does not hold its answer."""
    texts = list(dict.fromkeys(p["text"] for q in pool for p in q["passages"] if len(p["text"]) > 40))
    lexical = Lexical(texts)
    for question in chosen:
        own = set().union(*(shingles(p["text"]) for p in question["passages"]))
        held, good = answers(question), []
        for at in np.argsort(-lexical(question["question"]))[:20]:
            plain = spelled(texts[at])
            if not shingles(texts[at]) & own and not any(answer in plain for answer in held):
                good.append(texts[at])
        if good:
            question["passages"].append(negative(dice.choice(good[:3])))


# --- pieces of a passage -------------------------------------------------------------------------


def sentences(text):
    starts = [0] + [m.end() for m in re.finditer(r"(?<=[.!?”\"])\s+(?=[A-Z“\"0-9])", text)]
    cuts = [s for at, s in enumerate(starts) if at == 0 or s - starts[at - 1] > 15]
    return [(a, len(text[a:b].rstrip()) + a) for a, b in zip(cuts, cuts[1:] + [len(text)])]


def negative(text):
    return {"text": text, "answerable": False, "span": None, "no_answer": True}


def pieces(question, dice, alone=0.3, cut=0.3):
    """Adds, to the first passage with an answer, its sentence and its rest. Of a lone passage without an
    answer the sentence most like the question is left as often, so that length tells nothing."""
    asked = set(content(question["question"]))

    def likeness(text, part):
        return len(asked & set(content(text[slice(*part)])))

    passage = next((p for p in question["passages"] if p["span"]), None)
    if passage is None:
        only = question["passages"][0]
        if not only["answerable"] and len(question["passages"]) == 1 and dice.random() < alone:
            near = max(sentences(only["text"]), key=lambda part: likeness(only["text"], part))
            question["passages"] = [negative(only["text"][slice(*near)])]
        return
    text, (start, end) = passage["text"], passage["span"]
    parts = sentences(text)
    holding = [p for p in parts if p[0] <= start and end <= p[1]]
    held = spelled(text[start:end])
    others = [p for p in parts if held not in spelled(text[p[0]:p[1]]) and not (p[0] < end and start < p[1])]
    if holding and others and dice.random() < alone:
        a, b = holding[0]
        near = max(others, key=lambda part: likeness(text, part))
        passage = {"text": text[a:b], "answerable": True, "span": [start - a, end - a], "no_answer": False}
        kept = [p for p in question["passages"] if not p["answerable"]]
        question["passages"] = [passage, negative(text[near[0]:near[1]]), *kept]
    elif others and dice.random() < cut:
        question["passages"].append(negative(" ".join(text[a:b] for a, b in others)))


def around(passage, asked, most):
    """The passage as the product reads it: the sentence with the answer, or the one most like the
    question, and as many whole sentences after and before it as so many words allow."""
    text, span = passage["text"], passage["span"]
    if len(text.split()) <= most:
        return passage
    parts = sentences(text)
    counts = [len(text[a:b].split()) for a, b in parts]
    if span:
        first = max(at for at, (a, _) in enumerate(parts) if a <= span[0])
        last = max(first, max(at for at, (a, _) in enumerate(parts) if a < span[1]))
    else:
        first = last = max(range(len(parts)), key=lambda at: len(asked & set(content(text[slice(*parts[at])]))))
    left = most - sum(counts[first:last + 1])
    while True:
        if last + 1 < len(parts) and counts[last + 1] <= left:
            last += 1
            left -= counts[last]
        elif first > 0 and counts[first - 1] <= left:
            first -= 1
            left -= counts[first]
        else:
            break
    start = parts[first][0]
    return {**passage, "text": text[start:parts[last][1]], "span": [at - start for at in span] if span else None}


def as_turns(question, near, dice):
    """Puts speakers before the passages, and before some the end of another question on them."""
    for passage in question["passages"]:
        prefix = f"{dice.choice(NAMES)}: "
        if near and dice.random() < 0.4:
            prefix = f"{' '.join(dice.choice(near).split()[-24:])}\n{prefix}"
        passage["text"] = prefix + passage["text"]
        if passage["span"]:
            passage["span"] = [at + len(prefix) for at in passage["span"]]


# --- questions that the passage does not answer -------------------------------------------------


def another_number(question, passage, dice):
    found = list(re.finditer(r"\b\d[\d,.]*\d\b|\b\d\b", question))
    if not found:
        return None
    match = dice.choice(found)
    text = match.group()
    if re.fullmatch(r"1\d{3}|20\d\d", text):
        other = str(int(text) + dice.choice([-20, -10, -7, -5, -3, -2, -1, 1, 2, 3, 5, 7, 10, 20]))
    else:
        others = [n for n in re.findall(r"\b\d[\d,.]*\d\b|\b\d\b", passage) if n != text]
        if not others:
            return None
        other = dice.choice(others)
    return question[:match.start()] + other + question[match.end():]


def another_name(question, names, answer, dice):
    found = [m for m in re.finditer(r"\b[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)*", question) if m.start() > 0]
    names = [n for n in names if n not in question and spelled(n) not in answer]
    if not found or not names:
        return None
    match = dice.choice(found)
    return question[:match.start()] + dice.choice(names) + question[match.end():]


def another_word(question, passage, dice):
    """The question for a reason, a time or a place instead, if the passage seems to give none."""
    match = re.match(r"(when|where|why|how|in what year|what year|in which year) (did|was|were|is|are|does|do|has|have) ",
                     question, re.I)
    if not match:
        return None
    asked, rest = match.group(1).lower(), question[match.end(1):]
    free = [w for w, cue in (("Why", CAUSES), ("When", TIMES), ("Where", PLACES))
            if w.lower() != asked and not (w == "When" and "year" in asked) and not cue.search(passage)]
    return dice.choice(free) + rest if free else None


def swapped(question, names, dice):
    passage = next((p for p in question["passages"] if p["span"]), None)
    if passage is None:
        return None
    answer = spelled(passage["text"][slice(*passage["span"])])
    ways = [lambda: another_number(question["question"], passage["text"], dice),
            lambda: another_word(question["question"], passage["text"], dice),
            lambda: another_name(question["question"], names, answer, dice)]
    first = ways[:2]
    dice.shuffle(first)
    for way in (*first, ways[2]):
        other = way()
        if other:
            return {"question": other, "source": f"{family(question)}_swap", "passages": [negative(passage["text"])]}
    return None


def capitals(text):
    return [m.group() for m in re.finditer(r"\b[A-Z][\w'-]{2,}(?:\s+[A-Z][\w'-]+)*", text) if m.start() > 0]


# --- all of it -------------------------------------------------------------------------------------


def harder(found, document, dice):
    """The questions with what is added to them, and those made of them."""
    near, names = defaultdict(list), defaultdict(list)
    for at, question in enumerate(found):
        near[document[at]].append(question["question"])
        if len(names[document[at]]) < 300:
            names[document[at]] += capitals(question["passages"][0]["text"])
    for source in SEARCHED:
        pool = [q for q in found if family(q) == source]
        chosen = [q for q in pool if any(p["answerable"] for p in q["passages"])
                  and dice.random() < (1 if source == "squad2_halfA" else 0.4)]
        found_passages(chosen, pool, dice)
    made = []
    for at, question in enumerate(found):
        if question["source"] not in DIALOGS and dice.random() < 0.22:
            other = swapped(question, names[document[at]], dice)
            if other:
                made.append((at, other))
        pieces(question, dice)
    for at, question in [*enumerate(found), *made]:
        asked, most = set(content(question["question"])), dice.choice(READ_WORDS)
        question["passages"] = [around(p, asked, most) for p in question["passages"]]
        if question["source"] not in (*DIALOGS, "molweni") and dice.random() < 0.35:
            others = near[document[at]] if len(near[document[at]]) > 1 else []
            as_turns(question, dice.sample(others, min(8, len(others))), dice)
    return found + [question for _, question in made]


def share(question):
    if question["source"].endswith("_swap"):
        return SWAPPED_SHARE
    # People wrote those of SQuAD 2.0 that nothing answers: all are kept.
    if question["source"] == "squad2_train_part" and not any(p["answerable"] for p in question["passages"]):
        return 1.0
    return SHARES.get(question["source"], 1.0)


def write(path, found):
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for question in found:
            out.write(json.dumps(question, ensure_ascii=False) + "\n")
    print(f"{path}: {len(found)} questions, {sum(len(q['passages']) for q in found)} passages, "
          f"{sum(p['answerable'] for q in found for p in q['passages'])} of them answer", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Makes training pairs harder, and keeps documents aside.")
    parser.add_argument("data", nargs="+", type=Path, help="pairs, gzipped JSON Lines")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    dice = random.Random(arguments.seed)
    found = [question for path in arguments.data for question in questions(path)]
    document = documents(found)
    whole(found)
    aside = kept_aside(found, document)
    arguments.out.mkdir(parents=True, exist_ok=True)
    write(arguments.out / "aside.jsonl.gz", [q for q, d in zip(found, document) if d in aside])
    kept = [(q, d) for q, d in zip(found, document) if d not in aside]
    chosen = [(q, d) for q, d in kept if dice.random() < share(q)]
    made = harder([q for q, _ in chosen], [d for _, d in chosen], dice)
    write(arguments.out / "train.jsonl.gz", made)


if __name__ == "__main__":
    main()

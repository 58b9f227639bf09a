#!/usr/bin/env python3
"""Checks the question sets of tests/collections: format, ids, regexes, snippets, anchors.

usage: check.py COLLECTION [DOCUMENT]
COLLECTION is a folder here; every question set in it is checked (dev.jsonl and test.jsonl only for
being the parts of questions.jsonl). DOCUMENT, where the collection has no knowledge/ of its own,
is the Markdown file or the plain source text it asks about. Exit status 1 on any error."""
import collections, json, pathlib, re, sys

KEYS = ["id", "category", "question", "history", "documents", "answerable", "must", "must_not",
        "evidence", "evidence_all", "relevant", "note"]
OPTIONAL = ["correction_evidence"]  # last, where present: not scored
PARTS = ("dev", "test")
UNANSWERABLE = {"near-miss", "far-off", "false-premise"}
PLAIN_HEADINGS = ("Initiatives and Projects Discussed", "Strengthening China-ASEAN urban", "Economic and Cultural Synergy",
                  "Urban Governance Innovation", "Openness as a Catalyst", "Actionable Takeaways for", "urban Development:",
                  "The Power of openness", "How Can Your City", "What were the key takeaways from", "Interview with Dr")
STOP = set("""a an the of in on at to for from by with and or but is are was were be been being do does did done has have had it its
this that these those what which who whom whose when where why how there here as if than then so not no nor any some all each
i you he she we they me him her us them my your his our their can could would should may might will shall must about into over
between out up down say says said tell told please kindly know give let also just only more most other such same s t""".split())


def norm(text):
    return re.sub(r"\s+", " ", text).strip()


def plain(text):
    """Markdown inline as a reader sees it, for the little Markdown these files use."""
    return norm(re.sub(r"(\*\*|__|`)", "", text))


def blocks(path):
    """[(anchor or 'heading' or 'about', text)] in source order."""
    text = path.read_text(encoding="utf-8")
    out, p, turn, in_turn = [], 0, 0, False
    if path.suffix == ".txt":
        for line in filter(str.strip, text.split("\n")):
            if line.startswith(PLAIN_HEADINGS):
                out.append(("heading", norm(line)))
            elif m := re.match(r"(Archyde News|Dr\. ?Mei Lin): ?", line, re.I):
                turn += 1
                out.append((f"turn-{turn}", norm(line[m.end():])))
            else:
                p += 1
                out.append((f"p-{p}", norm(re.sub(r"^- (\d+\. )?", "", line))))
        return out
    if text.startswith("---\n"):
        front, text = text[4:].split("\n---\n", 1)
        out.append(("about", norm(front)))
    for chunk in re.split(r"\n\s*\n", text):
        if not chunk.strip():
            continue
        chunk = chunk.strip("\n")
        if re.fullmatch(r"([-*_] *){3,}", chunk):
            in_turn = False
        elif chunk.startswith("#"):
            in_turn = False
            out.append(("heading", norm(re.sub(r"\{#[^}]*\}", "", chunk).lstrip("# "))))
        elif m := re.match(r"\*\*[^*]+(:\*\*|\*\*:) ?", chunk):
            turn, in_turn = turn + 1, True
            out.append((f"turn-{turn}", plain(chunk[m.end():])))
        else:
            items = re.split(r"\n(?=\s*(?:[-*]|\d+\.) )|\n(?=\|)", chunk)
            for item in items:
                if re.fullmatch(r"\|[-:| ]+\|", item.strip()):
                    continue  # the rule under a table's head
                if item.startswith("|"):
                    item = " ".join(cell.strip() for cell in item.strip("| ").split("|"))
                item = plain(re.sub(r"^\s*(?:[-*]|\d+\.) (\d+\. )?", "", item))
                if in_turn:
                    out[-1] = (out[-1][0], out[-1][1] + " " + item)
                else:
                    p += 1
                    out.append((f"p-{p}", item))
    return out


def words(text):
    found = re.findall(r"[a-z0-9]+", text.lower().replace("’", "'").replace("'s", ""))
    return {re.sub(r"(ing|ed|es|s|ly)$", "", w) if len(w) > 4 else w for w in found if w not in STOP}


def overlap(question, text):
    """share of the question's content words (roughly stemmed) that the text holds"""
    q = words(question)
    return len(q & words(text)) / len(q) if q else 0.0


def main():
    folder = pathlib.Path(__file__).parent / sys.argv[1]
    docs = [pathlib.Path(sys.argv[2])] if len(sys.argv) > 2 else sorted((folder / "knowledge").glob("*.md"))
    by_doc = {d.stem: blocks(d) for d in docs}
    errors, seen, texts = [], {}, {}
    for path in sorted(folder.glob("*.jsonl")):
        if path.stem not in PARTS:
            check_set(path, by_doc, errors, seen, texts)
    whole = folder / "questions.jsonl"
    for part in PARTS:
        if (folder / f"{part}.jsonl").exists():
            lines = (folder / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
            want = [l for l in whole.read_text(encoding="utf-8").splitlines() if f"-{part}-" in json.loads(l)["id"]]
            if lines != want: errors.append(f"{part}.jsonl is not the {part} part of questions.jsonl")
    hard = [e for e in errors if not e.startswith("note:")]
    print("\n".join(errors))
    print("ok" if not hard else f"{len(hard)} errors")
    sys.exit(bool(hard))


def check_set(path, by_doc, errors, seen, texts):
    """one question set: adds what is wrong to `errors`, its ids to `seen` and its questions to `texts`"""
    anchors = {f"{slug}#{a}": t for slug, bs in by_doc.items() for a, t in bs if a != "heading"}
    everything = [t for bs in by_doc.values() for _, t in bs]
    only = next(iter(by_doc)) if len(by_doc) == 1 else None
    count, share = collections.Counter(), []
    rows = [(n, json.loads(l)) for n, l in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)]
    for n, q in rows:
        bad = lambda why: errors.append(f"{path.name}:{n} {q.get('id')}: {why}")
        note = lambda why: errors.append(f"note: {q.get('id')}: {why}")
        if [k for k in q if k not in OPTIONAL] != KEYS or list(q)[:len(KEYS)] != KEYS: bad(f"keys {list(q)}")
        if q["id"] in seen: bad(f"id twice, also in {seen[q['id']]}")
        seen[q["id"]] = path.name
        key = (q["question"].lower(), tuple(q["history"]), tuple(q["documents"]))
        if key in texts:
            twice = f"same question as {texts[key]}"
            bad(twice) if seen[texts[key]] == path.name else note(twice)
        texts[key] = q["id"]
        count[q["category"]] += 1
        if q["answerable"] == (q["category"] in UNANSWERABLE): bad("category and answerable disagree")
        for r in q["must"] + q["must_not"]:
            try:
                re.compile(r)
            except re.error as e:
                bad(f"regex {r}: {e}")
            if re.search(r"\(\?[=!<]|\\[1-9]", r): bad(f"regex {r}: no look-around or back-references")
        snippets = q["evidence"] + [s for inner in q["evidence_all"] for s in inner]
        if any(not inner for inner in q["evidence_all"]): bad("empty list in evidence_all")
        for s in snippets + q.get("correction_evidence", []):
            if not any(s in t for t in everything): bad(f"not in the source: {s!r}")
            if not 12 <= len(s) <= 180 and s not in everything: bad(f"{len(s)} characters: {s!r}")
        for a in q["relevant"]:
            full = a if "#" in a else f"{only}#{a}"
            if full not in anchors: bad(f"no anchor {a}")
            elif not any(s in anchors[full] for s in snippets): bad(f"{a} holds no snippet")
            if q["documents"] and full.split("#")[0] not in q["documents"]: bad(f"{a} is outside {q['documents']}")
        for d in q["documents"]:
            if d not in by_doc: bad(f"no document {d}")
        if not q["answerable"] and (snippets or q["must"] or q["must_not"] or q["relevant"]): bad("unanswerable, but scored like an answer")
        if q["answerable"] and not (snippets or q["must"]): bad("nothing to score")
        if q["answerable"] and "correction_evidence" in q: bad("a correction for an answerable question")
        if q["category"] == "follow-up" and not q["history"]: bad("no history")
        if q["answerable"]:
            # a right answer must be possible: the relevant blocks (or any block) match every must
            pool = " ".join(anchors[a] for a in q["relevant"] if a in anchors) if q["relevant"] else None
            for r in q["must"]:
                if pool is not None and not re.search(r, pool, re.I): note(f"{r!r} is not in the relevant blocks (speaker, count or template?)")
            shared = [overlap(q["question"], anchors[a]) for a in q["relevant"] if a in anchors]
            if shared: share.append(max(shared))
    print(f"{path.parent.name}/{path.name}: {len(rows)} questions, {sum(not q['answerable'] for _, q in rows)} unanswerable;",
          ", ".join(f"{c} {k}" for k, c in count.items()))
    if share:
        low = sum(s <= 0.4 for s in share)
        print(f"content words shared with the best relevant block: mean {sum(share)/len(share):.2f}; at most 0.4 in {low} of {len(share)}")


if __name__ == "__main__":
    main()

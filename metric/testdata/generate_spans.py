"""Writes seqeval.json: scores of made-up label sequences by seqeval 1.2.2 (PyPI), the known answers of TestSeqeval.

    pip install seqeval==1.2.2
    python generate_spans.py 42 > seqeval.json
"""

import json
import random
import sys
import warnings

from seqeval.metrics import accuracy_score
from seqeval.metrics.sequence_labeling import get_entities, precision_recall_fscore_support as lenient
from seqeval.metrics.v1 import precision_recall_fscore_support as strict
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES, IOE1, IOE2, Entities

warnings.simplefilter("ignore")
SCHEMES = [("", None, "BIOES"), ("iob1", IOB1, "BIO"), ("iob2", IOB2, "BIO"), ("ioe1", IOE1, "IOE"), ("ioe2", IOE2, "IOE"), ("bioes", IOBES, "BIOES"), ("bilou", BILOU, "BILOU")]


def sequence(rng, prefixes, types, length):
    out, kind = [], types[0]
    for _ in range(length):
        prefix = rng.choice(prefixes)
        if rng.random() < 0.3:
            kind = rng.choice(types)
        out.append("O" if prefix == "O" else prefix + kind)
    return out


def case(rng, name, scheme, prefixes):
    types = rng.choice([["-A", "-B"], ["-A", "-B", "-C-D"], [""], ["-A", ""]])
    gold, predicted = [], []
    for _ in range(rng.randint(1, 4)):
        length = rng.randint(1, 9)
        want = sequence(rng, prefixes, types, length)
        other = sequence(rng, prefixes, types, length)
        gold.append(want)
        predicted.append([g if rng.random() < 0.7 else p for g, p in zip(want, other)])
    if scheme is None:
        names = sorted({t for t, _, _ in get_entities(gold) + get_entities(predicted)})
        score = lambda average: lenient(gold, predicted, average=average)
    else:
        names = sorted(Entities(gold, scheme).unique_tags | Entities(predicted, scheme).unique_tags)
        score = lambda average: strict(gold, predicted, average=average, scheme=scheme)
    if not names:
        return None  # seqeval has no averages of nothing
    p, r, f, s = score(None)
    types = {n: [float(p[i]), float(r[i]), float(f[i]), int(s[i])] for i, n in enumerate(names)}
    averages = {a: [float(x) for x in score(a)[:3]] for a in ["micro", "macro", "weighted"]}
    return {"scheme": name, "gold": [" ".join(x) for x in gold], "predicted": [" ".join(x) for x in predicted], "types": types, "accuracy": accuracy_score(gold, predicted), **averages}


def main():
    rng, cases = random.Random(1), []
    while len(cases) < int(sys.argv[1]):
        c = case(rng, *SCHEMES[len(cases) % len(SCHEMES)])
        if c:
            cases.append(c)
    print("[" + ",\n".join(json.dumps(c) for c in cases) + "]")


main()

#!/usr/bin/env python3
"""Known answers of sacreBLEU for made-up sentences, as JSON on standard output.

    python3 generate.py --cases 60 --seed 1 > sacrebleu.json

Needs sacrebleu (2.6.0 made the file here).
"""
import argparse
import json
import random

import numpy
import sacrebleu
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest

WORDS = """
the a of and red green house river stone walks sings 7 12 3.14 1,000 2024-05-06 12-inch don't it's John's n't well-known
Über straße ÉTÉ naïve Ærø ΟΔΟΣ ΣΑΣ Σ İstanbul IĞDIR ﬁn ǅ ᾳ हिन्दी สวัสดี שלום مرحبا ١٢٣ ½ x² Ⅳ
天 气 很好 今天 我们 東京 ひらがな カタカナ 한국어 「引用」 、 。 ！ ？ （ ） Ｆｕｌｌ　ｗｉｄｔｈ ・ ㍿ ㈱ ㆞ 〇 𠀋 🙂 👩‍👩‍👧 €5 £3.50 ±2 → “so” ‘it’
— – … « » ¿ ¡ & &amp; &quot;x&quot; &lt;b&gt; <skipped> <s> a/b a.b 1.5. .5 5. ,5 5, 3-4 -3 3- 'tis 's dogs' [x] {y} (z) #1 @me 50% $9 ~ ^ ` | \\ _ = + * " '
""".split() + ["\u3000", "\u00a0x", "y\u2028z", "p\x1cq", "line-\nbreak", "two\nlines", "new\n-line", "e\u0301", "\u200b", "\ufeff"]
PUNCTUATION = [".", ",", "!", "?", ";", ":", "...", ",,", ".,", " ."]


def sentence(rng, limit):
    out = ""
    for _ in range(rng.randrange(limit + 1)):
        out += rng.choice(WORDS[: rng.choice((12, len(WORDS)))])
        if rng.random() < 0.2:
            out += rng.choice(PUNCTUATION)
        if rng.random() < 0.9:
            out += rng.choice((" ", " ", " ", " ", "  ", "\t"))
    return out


def garble(rng, text):
    """Moves, drops, doubles and replaces words, as a system that gets much of it right."""
    words = text.split(" ")
    for _ in range(rng.randrange(4)):
        i = rng.randrange(len(words))
        kind = rng.randrange(5)
        if kind == 0:
            words[i] = rng.choice(WORDS)
        elif kind == 1 and len(words) > 1:
            del words[i]
        elif kind == 2:
            words.insert(i, rng.choice(words))
        elif kind == 3:
            j = min(len(words), i + rng.randrange(1, 4))
            moved = words[i:j]
            del words[i:j]
            k = rng.randrange(len(words) + 1)
            words[k:k] = moved
        else:
            words[i] = words[i].swapcase()
        words = words or [""]
    return " ".join(words)


def bleu(rng):
    opts, spec = {}, []
    if rng.random() < 0.8:
        opts["tokenize"] = rng.choice(("13a", "intl", "zh", "char", "none"))
        spec.append("tok=" + opts["tokenize"])
    if rng.random() < 0.7:
        opts["smooth_method"] = rng.choice(("exp", "floor", "add-k", "none"))
        spec.append("smooth=" + opts["smooth_method"])
        if opts["smooth_method"] in ("floor", "add-k") and rng.random() < 0.5:
            opts["smooth_value"] = rng.choice((0.01, 0.5, 1, 2))
            spec.append(f"value={opts['smooth_value']}")
    if rng.random() < 0.4:
        opts["max_ngram_order"] = rng.randrange(1, 8)
        spec.append(f"order={opts['max_ngram_order']}")
    if rng.random() < 0.5:
        opts["effective_order"] = True
        spec.append("eff=yes")
    if rng.random() < 0.4:
        opts["lowercase"] = True
        spec.append("case=lc")
    return BLEU(**opts), "bleu", spec


def chrf(rng):
    opts, spec, name = {}, [], "chrf"
    if rng.random() < 0.4:
        name, opts["word_order"] = "chrf++", 2
    if rng.random() < 0.3:
        opts["char_order"] = rng.randrange(1, 9)
        spec.append(f"nc={opts['char_order']}")
    if rng.random() < 0.3:
        name, opts["word_order"] = "chrf", rng.randrange(1, 5)
        spec.append(f"nw={opts['word_order']}")
    if rng.random() < 0.3:
        opts["beta"] = rng.randrange(1, 5)
        spec.append(f"beta={opts['beta']}")
    if rng.random() < 0.3:
        opts["lowercase"] = True
        spec.append("case=lc")
    if rng.random() < 0.3:
        opts["whitespace"] = True
        spec.append("space=yes")
    if rng.random() < 0.3:
        opts["eps_smoothing"] = True
        spec.append("eff=no")
    return CHRF(**opts), name, spec


def ter(rng):
    opts, spec = {}, []
    if rng.random() < 0.5:
        opts["normalized"] = True
        spec.append("norm=yes")
    if rng.random() < 0.4:
        opts["no_punct"] = True
        spec.append("punct=no")
    if rng.random() < 0.4:
        opts["asian_support"] = True
        spec.append("asian=yes")
    if rng.random() < 0.4:
        opts["case_sensitive"] = True
        spec.append("case=mixed")
    return TER(**opts), "ter", spec


def case(rng, metrics):
    metric, name, spec = rng.choice(metrics)(rng)
    limit = rng.choice((4, 12, 12, 30, 90 if name == "ter" else 30))
    nrefs = rng.choice((1, 1, 2, 3))
    lines = rng.randrange(1, 5)
    refs = [[sentence(rng, limit) for _ in range(lines)] for _ in range(nrefs)]
    hyps = [garble(rng, rng.choice(refs)[i]) if rng.random() < 0.9 else sentence(rng, limit) for i in range(lines)]
    score = metric.corpus_score(hyps, refs)
    signature = str(metric.get_signature())
    return {
        "metric": name + (":" + ",".join(spec) if spec else ""),
        "hyps": hyps,
        "refs": [list(r) for r in zip(*refs)],
        "name": score.name,
        "score": score.score,
        "signature": signature[: signature.rindex("|version:")],
        "line": score.format(),
        "sentences": [metric.sentence_score(h, [r[i] for r in refs]).score for i, h in enumerate(hyps)],
    }


def significance(rng, spec, metric, sentences=12, samples=80):
    """Both paired tests on two systems, with the random numbers that sacreBLEU draws from its seed, 12345."""
    refs = [sentence(rng, 12) + " the" for _ in range(sentences)]
    baseline, system = ([garble(rng, garble(rng, r)) for r in refs] for _ in range(2))
    out = {
        "metric": spec,
        "refs": refs,
        "baseline": baseline,
        "system": system,
        "resamples": numpy.random.default_rng(12345).choice(sentences, size=(samples, sentences), replace=True).tolist(),
        "exchanges": numpy.random.default_rng(12345).integers(2, size=(samples, sentences), dtype=bool).astype(int).tolist(),
    }
    for kind in ("bs", "ar"):
        test = PairedTest([("baseline", baseline), ("system", system)], {"m": metric}, [refs], kind, samples)
        (name,) = [k for k in test()[1] if k != "System"]
        results = test()[1][name]
        out[kind] = [{k: None if v is None else float(v) for k, v in r.__dict__.items()} for r in results]
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("bleu", "chrf", "ter"))
    args = parser.parse_args()
    rng = random.Random(args.seed)
    kinds = {"bleu": bleu, "chrf": chrf, "ter": ter}
    metrics = [kinds[args.only]] if args.only else list(kinds.values())
    cases = [case(rng, metrics) for _ in range(args.cases)]
    tests = [
        significance(rng, "bleu", BLEU()),
        significance(rng, "chrf", CHRF()),
        significance(rng, "ter", TER()),
    ]
    # One case a line.
    print('{"sacrebleu": "%s", "cases": [' % sacrebleu.__version__)
    print(",\n".join(json.dumps(c) for c in cases))
    print('], "significance": [')
    print(",\n".join(json.dumps(c) for c in tests))
    print("]}")


if __name__ == "__main__":
    import logging

    logging.getLogger("sacrebleu").setLevel(logging.ERROR)
    main()

#!/usr/bin/env python3
"""Verdicts on configurations with one mistake in each: ours against the real Collector's.

    mutate.py WEIR                       compares with the verdicts kept in mutated.jsonl: 100 of them, all with --long
    mutate.py WEIR --record OTELCOL      writes mutated.jsonl anew (1,000 mutations) with the real Collector's verdicts
    mutate.py WEIR --against OTELCOL --seed N    1,000 fresh mutations, both programs asked

A mutation takes a configuration that the recorded Collector accepts (WEIR_DATA, folder otelcol-golden/config-accepts)
and changes one thing: a typo in a key, a wrong type, a bad number, a dangling reference. A line of mutated.jsonl holds
the name of that case, the path of what was changed, the change and the verdict. Fails below 99 % agreement.
"""
import argparse
import copy
import glob
import json
import os
import random
import subprocess
import sys
import tempfile

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(HERE, "mutated.jsonl")
DATA = os.environ.get("WEIR_DATA") or os.path.join(HERE, "..", "..", "..", "shared", "data")
CASES = os.path.join(DATA, "otelcol-golden", "config-accepts")
WRONG = [True, 7, -3, "loud", [1], {"nope": 1}, None, 1.5, "12", ""]


def load_case(name):
    with open(os.path.join(CASES, name + ".yaml"), encoding="utf-8") as file:
        return yaml.safe_load(file)


def base_names():
    for path in sorted(glob.glob(os.path.join(CASES, "*.yaml"))):
        name = os.path.basename(path)[:-len(".yaml")]
        case = load_case(name)
        if case["args"] == ["--config=config.yaml"] and not case.get("env"):
            yield name


def base(name):
    return yaml.safe_load(load_case(name)["files"]["config.yaml"])


def paths(node, prefix=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield prefix + (key,)
            yield from paths(value, prefix + (key,))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield prefix + (index,)
            yield from paths(value, prefix + (index,))


def parent_of(root, path):
    for key in path[:-1]:
        root = root[key]
    return root


def typo(text, rng):
    at = rng.randrange(len(text))
    return rng.choice([text[:at] + text[at + 1:], text[:at] + "x" + text[at:], text.upper()])


def mutation(root, rng):
    """What to change: {"path", and "key" (a new name) or "value"}."""
    path = rng.choice(list(paths(root)))
    parent, key = parent_of(root, path), path[-1]
    if rng.random() < 0.5 and isinstance(parent, dict) and isinstance(key, str):
        return {"path": list(path), "key": typo(key, rng) or "x"}
    if isinstance(parent[key], str) and rng.random() < 0.5:
        return {"path": list(path), "value": typo(parent[key], rng) if parent[key] else "x"}
    return {"path": list(path), "value": rng.choice(WRONG)}


def mutated(root, change):
    root = copy.deepcopy(root)
    parent, key = parent_of(root, change["path"]), change["path"][-1]
    if "key" in change:
        parent[change["key"]] = parent.pop(key)
    else:
        parent[key] = change["value"]
    return yaml.safe_dump(root, allow_unicode=True)


class Folder:
    """Asks programs for their verdict: 0, 1, or "crash N"."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()

    def verdict(self, program, text):
        with open(os.path.join(self.folder.name, "config.yaml"), "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([program, "validate", "--config=config.yaml"], cwd=self.folder.name, timeout=60,
                              capture_output=True, text=True, check=False)
        code = done.returncode if done.returncode in (0, 1) else f"crash {done.returncode}"
        return code, done.stderr


def fresh(accepting, otelcol, count, seed):
    """(case name, change, text, the Collector's verdict) of new mutations of cases that the `accepting` accept."""
    folder, rng = Folder(), random.Random(seed)
    names = [name for name in base_names()
             if all(folder.verdict(p, load_case(name)["files"]["config.yaml"])[0] == 0 for p in accepting)]
    for _ in range(count):
        name = rng.choice(names)
        root = base(name)
        change = mutation(root, rng)
        text = mutated(root, change)
        yield name, change, text, folder.verdict(otelcol, text)[0]


def kept(count):
    with open(KEPT, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    for line in lines[::max(1, len(lines) // count)]:
        yield line["case"], line, mutated(base(line["case"]), line), line["verdict"]


def record(otelcol):
    with open(KEPT, "w", encoding="utf-8") as file:
        for name, change, _, verdict in fresh([otelcol], otelcol, 1000, 1):
            file.write(json.dumps({"case": name, **change, "verdict": verdict}, ensure_ascii=False) + "\n")


def compare(weir, mutations):
    folder, total, agreed = Folder(), 0, 0
    for name, _, text, theirs in mutations:
        ours, words = folder.verdict(weir, text)
        total += 1
        agreed += ours == theirs
        if ours != theirs:
            print(f"--- {name}: ours {ours}, the Collector's {theirs}\n{text}\nours: {words}")
    print(f"{agreed} of {total} verdicts agree")
    return 0 if total and agreed >= 0.99 * total else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weir")
    parser.add_argument("--record", metavar="OTELCOL")
    parser.add_argument("--against", metavar="OTELCOL")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--long", action="store_true", default=bool(os.environ.get("WEIR_TESTS_LONG")))
    options = parser.parse_args()
    weir = os.path.abspath(options.weir)
    if not os.path.isdir(CASES):
        print("skipped 1: the recorded configurations are not there; WEIR_DATA names their folder")
        return 77
    if options.record:
        return record(options.record)
    if options.against:
        return compare(weir, fresh([weir, options.against], options.against, 1000, options.seed))
    return compare(weir, kept(1000 if options.long else 100))


if __name__ == "__main__":
    sys.exit(main())

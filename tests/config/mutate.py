#!/usr/bin/env python3
"""Compares verdicts of Weir and a real Collector on mutated configurations.

usage: mutate.py WEIR [--long] [--seed N]

Takes the configurations of the recorded Collector that pass (WEIR_DATA, folder
otelcol-golden/config-accepts), changes one thing in each (a typo in a key, a wrong type, a bad
number, a dangling reference) and asks both programs to `validate`. WEIR_OTELCOL names the real one;
without it ~/.cache/weir/peers/bin/otelcol. Only configurations that both accept unchanged are
mutated. 100 mutations, 1000 with --long; fails below 99 % agreement.
"""
import copy
import glob
import os
import random
import subprocess
import sys
import tempfile

import yaml

WRONG = [True, 7, -3, "loud", [1], {"nope": 1}, None, 1.5, "12", ""]


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


def mutate(root, rng):
    root = copy.deepcopy(root)
    path = rng.choice(list(paths(root)))
    parent, key = parent_of(root, path), path[-1]
    if rng.random() < 0.5 and isinstance(parent, dict) and isinstance(key, str):
        parent[typo(key, rng) or "x"] = parent.pop(key)
    elif isinstance(parent[key], str) and rng.random() < 0.5:
        parent[key] = typo(parent[key], rng) if parent[key] else "x"
    else:
        parent[key] = rng.choice(WRONG)
    return root


def verdict(program, text, folder):
    path = os.path.join(folder, "config.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    done = subprocess.run([program, "validate", "--config=config.yaml"], cwd=folder, timeout=60,
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        return f"crash {done.returncode}", done.stderr
    return done.returncode, done.stderr


def seeds(weir, otelcol, folder):
    data = os.environ.get("WEIR_DATA") or os.path.join(
        os.path.dirname(__file__), "..", "..", "..", "shared", "data")
    for path in sorted(glob.glob(os.path.join(data, "otelcol-golden/config-accepts/*.yaml"))):
        with open(path, encoding="utf-8") as file:
            case = yaml.safe_load(file)
        if case["args"] != ["--config=config.yaml"] or case.get("env"):
            continue
        text = case["files"]["config.yaml"]
        if verdict(weir, text, folder)[0] == 0 and verdict(otelcol, text, folder)[0] == 0:
            yield yaml.safe_load(text)


def main():
    weir = os.path.abspath(sys.argv[1])
    otelcol = os.environ.get("WEIR_OTELCOL") or os.path.expanduser(
        "~/.cache/weir/peers/bin/otelcol")
    if not os.path.exists(otelcol):
        print("no real Collector; set WEIR_OTELCOL")
        return 0
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 1
    count = 1000 if "--long" in sys.argv else 100
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        bases = list(seeds(weir, otelcol, folder))
        if not bases:
            print("no configuration that both accept")
            return 1
        agreed = 0
        for _ in range(count):
            text = yaml.safe_dump(mutate(rng.choice(bases), rng), allow_unicode=True)
            ours, ours_text = verdict(weir, text, folder)
            theirs, theirs_text = verdict(otelcol, text, folder)
            if ours == theirs:
                agreed += 1
            else:
                print(f"--- ours {ours}, theirs {theirs}\n{text}\nours: {ours_text}\n"
                      f"theirs: {theirs_text}")
    print(f"{len(bases)} configurations, {count} mutations, {agreed} agreements (seed {seed})")
    return 0 if agreed >= 0.99 * count else 1


if __name__ == "__main__":
    sys.exit(main())

"""Compares the lines that no test runs with those of which unreachable.txt says why.

Arguments: the project's folder, and gcovr's report in JSON. Lines are told by their text, so that
others may come and go; where the same text stands in a file several times, so must its reason. A
line may be run all the same if its reason begins with "Not always".
"""
import collections
import json
import pathlib
import sys


def explained(path):
    """The reasons in the file, by source file and text."""
    reasons = collections.defaultdict(list)
    source = reason = None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            reason.append(line.strip())
        elif line and not line.startswith("#"):
            source, text = line.split(": ", 1)
            reason = []
            reasons[source, text].append(reason)
    return reasons


def main(root, report):
    root = pathlib.Path(root)
    reasons = explained(root / "tests/proofs/coverage/unreachable.txt")
    unexplained = 0
    print("\nLines that no test runs:")
    for file in sorted(json.loads(pathlib.Path(report).read_text())["files"],
                       key=lambda file: file["file"]):
        source = (root / file["file"]).read_text(encoding="utf-8").splitlines()
        for line in file["lines"]:
            if line["count"] > 0 or line.get("gcovr/noncode"):
                continue
            text = source[line["line_number"] - 1].strip()
            known = reasons[file["file"], text]
            reason = " ".join(known.pop(0)) if known else "NOT EXPLAINED"
            unexplained += reason == "NOT EXPLAINED"
            print(f"{file['file']}:{line['line_number']}: {text}\n    {reason}")
    for (name, text), left in reasons.items():
        for reason in left:
            if not reason[0].startswith("Not always"):
                unexplained += 1
                print(f"{name}: {text}\n    EXPLAINED, BUT RUN")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

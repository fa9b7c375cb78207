import { fileNotice } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { resolverAddress } from "./resolver.ts";

/**
 * A socketmap (socketmap_table(5)) that answers `dane-only` for a domain whose MX hosts all have usable, validated TLSA
 * records, `dane` when only some have or it cannot be known, and nothing for every other domain. `dane-only` rather than
 * `dane`, so that a Postfix which for any reason asks another resolver keeps the mail instead of sending it unverified.
 * With --check it says whether the resolver answers and validates.
 */
export const danePoliciesProgram = `#!/usr/bin/python3
${fileNotice}import os
import secrets
import socket
import socketserver
import struct
import sys
import threading

RESOLVER = ("${resolverAddress}", 53)
SOCKET = "${stackPaths.danePoliciesSocket}"
A, NS, MX, AAAA, TLSA = 1, 2, 15, 28, 52
NAMES_MAX = 32


class NoAnswer(Exception):
    pass


class Answer:
    """What the resolver said: records as (type, data), and whether it has validated that."""

    def __init__(self, message, question_id):
        if len(message) < 12:
            raise NoAnswer("the resolver sent half a message")
        found_id, flags, questions, answers = struct.unpack("!4H", message[:8])
        if found_id != question_id:
            raise NoAnswer("the resolver answered another question")
        self.code = flags & 15
        self.is_cut = bool(flags & 0x0200)
        self.is_validated = bool(flags & 0x0020)
        self.records = []
        at = 12
        for _ in range(questions):
            at = read_name(message, at)[1] + 4
        for _ in range(answers):
            at = read_name(message, at)[1]
            kind, _, _, length = struct.unpack("!HHIH", message[at : at + 10])
            at += 10
            data = message[at : at + length]
            self.records.append((kind, read_name(message, at + 2)[0] if kind == MX else data))
            at += length

    def of(self, kind):
        return [data for found, data in self.records if found == kind]


def read_name(message, at):
    labels, end, jumps = [], None, 0
    while True:
        length = message[at]
        if length >= 192:
            end = end or at + 2
            at = (length & 63) << 8 | message[at + 1]
            jumps += 1
            if jumps > 64:
                raise NoAnswer("the resolver sent a name without an end")
            continue
        at += 1
        if length == 0:
            return ".".join(labels), end or at
        labels.append(message[at : at + length].decode("ascii", "replace").lower())
        at += length


def write_name(name):
    labels = [label.encode("idna" if not label.isascii() else "ascii") for label in name.split(".") if label]
    if any(len(label) > 63 for label in labels) or sum(len(label) + 1 for label in labels) > 254:
        raise ValueError("not a domain name")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\\0"


def ask(name, kind):
    question_id = secrets.randbits(16)
    # AD in a question asks for AD in the answer (RFC 6840 5.7).
    header = struct.pack("!6H", question_id, 0x0120, 1, 0, 0, 1)
    message = header + write_name(name) + struct.pack("!HH", kind, 1) + struct.pack("!BHHIH", 0, 41, 1232, 0, 0)
    try:
        answer = Answer(over_udp(message), question_id)
        return Answer(over_tcp(message), question_id) if answer.is_cut else answer
    except (OSError, IndexError, struct.error) as problem:
        raise NoAnswer(f"the resolver at {RESOLVER[0]} does not answer: {problem}") from problem


def over_udp(message):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(RESOLVER)
        client.settimeout(12)
        client.send(message)
        return client.recv(65535)


def over_tcp(message):
    with socket.create_connection(RESOLVER, timeout=12) as client:
        client.sendall(struct.pack("!H", len(message)) + message)
        with client.makefile("rb") as reader:
            (length,) = struct.unpack("!H", reader.read(2))
            return reader.read(length)


def policy_of(domain):
    """RFC 7672 2.2: only validated MX records and addresses lead to DANE."""
    exchanges = ask(domain, MX)
    if not exchanges.is_validated or exchanges.code != 0:
        return None
    hosts = set(exchanges.of(MX)) or {domain}
    if hosts == {""}:
        return None
    found = [has_dane(host) for host in sorted(hosts)[:NAMES_MAX]]
    if all(found) and len(hosts) <= NAMES_MAX:
        return "dane-only"
    return "dane" if any(one is not False for one in found) else None


def has_dane(host):
    """True, False, or None where it cannot be known; then Postfix, which asks again, keeps the mail."""
    addresses = [ask(host, A), ask(host, AAAA)]
    secure = [one for one in addresses if one.is_validated and (one.of(A) or one.of(AAAA))]
    if not secure:
        return False
    keys = ask(f"_25._tcp.{host}", TLSA)
    if keys.code not in (0, 3):
        return None
    if not keys.is_validated:
        return False
    return any(is_usable(data) for data in keys.of(TLSA)) or (None if keys.of(TLSA) else False)


def is_usable(data):
    # RFC 7672 3.1: DANE-TA and DANE-EE, of a whole certificate or its key, as such or by SHA-2.
    return len(data) > 3 and data[0] in (2, 3) and data[1] in (0, 1) and data[2] in (0, 1, 2)


def reply_to(request):
    _, _, hop = request.decode("utf-8").partition(" ")
    # A host in brackets is no mail domain, and what begins with a dot only Postfix's walk to the parents.
    if hop.startswith(("[", ".")):
        return "NOTFOUND "
    try:
        policy = policy_of(hop.partition(":")[0])
    except ValueError:
        return "NOTFOUND "
    except NoAnswer as problem:
        return f"TEMP {problem}"
    return "NOTFOUND " if policy is None else f"OK {policy}"


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        while (request := read_netstring(self.rfile)) is not None:
            reply = reply_to(request).encode("utf-8")
            self.wfile.write(b"%d:%s," % (len(reply), reply))


def read_netstring(stream):
    length = b""
    while (byte := stream.read(1)) != b":":
        if not byte.isdigit() or len(length) > 4:
            return None
        length += byte
    text = stream.read(int(length or b"0"))
    return text if stream.read(1) == b"," else None


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        print(f"a lookup ended: {sys.exc_info()[1]!r}", file=sys.stderr, flush=True)


def serve():
    threading.stack_size(256 * 1024)
    if os.path.exists(SOCKET):
        os.unlink(SOCKET)
    with Server(SOCKET, Session) as server:
        os.chmod(SOCKET, 0o666)
        told = os.environ.get("NOTIFY_SOCKET")
        if told:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.connect("\\0" + told[1:] if told.startswith("@") else told)
                manager.send(b"READY=1")
        server.serve_forever()


def check():
    """A name that nobody has asked for, so that the answer comes from the root's servers and not out of a cache."""
    try:
        answer = ask(f"mailstead-{secrets.token_hex(8)}", NS)
    except NoAnswer as problem:
        return str(problem)
    if answer.code not in (0, 3):
        return (
            "the resolver gets no valid answer from the name servers of the world. "
            "The network of this host blocks port 53 outward, changes what DNS servers say, or the clock is wrong. "
            "Allow port 53 over UDP and TCP, or name resolvers that may be asked in "
            "the settings of this server"
        )
    return None if answer.is_validated else "the resolver answers and does not validate"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        problem = check()
        print(problem or "the resolver answers and validates", file=sys.stderr)
        sys.exit(1 if problem else 0)
    serve()
`;

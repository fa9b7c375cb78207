import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createSecureContext, TLSSocket } from "node:tls";
import { dkimKeyMapPath, stackPaths } from "@mailstead/core/mail-flow";
import type { ListResolver } from "../block-lists/list-resolver.ts";
import { openDatabase } from "../platform/sqlite.ts";
import type { FakeHost } from "../testing/fake-host.ts";
import type { MailDoors } from "./mail-doors.ts";

/** What a mail host does wrong; nothing where it is empty. */
export interface MailFaults {
  takesAnyPassword?: boolean;
  refusesRightPassword?: boolean;
  isDirectoryAway?: boolean;
  greetsAs?: string;
  hidesStartTls?: boolean;
  refusesAfterText?: string;
  losesLetters?: boolean;
  altersLetters?: boolean;
  signsNothing?: boolean;
  filesInto?: string;
}

export interface FakeMailHost {
  readonly doors: MailDoors;
  readonly resolver: ListResolver;
  readonly faults: MailFaults;
  readonly handedIn: { from: string; recipient: string }[];
  /** What is in the mailbox now. */
  letters: { folder: string; text: string }[];
  /** What the mail queue holds, as postqueue tells it. */
  readonly queue: object[];
  mailboxFolders(): string[];
  makeMailbox(address: string): void;
  closeDoor(door: "imaps"): Promise<void>;
  close(): Promise<void>;
}

const selector = "s1";

/**
 * A double of Postfix, Rspamd and Dovecot on real sockets: it asks the host's directory who may sign in, signs, and delivers
 * into one mailbox.
 */
export async function openFakeMailHost(
  host: FakeHost,
  { hostname, domain }: { hostname: string; domain: string },
): Promise<FakeMailHost> {
  const key = generateKeyPairSync("ed25519");
  const faults: MailFaults = {};
  const handedIn: FakeMailHost["handedIn"] = [];
  const files = await makeCertificate(host, hostname);
  const secureContext = createSecureContext(files);
  const secured = (socket: Socket) => new TLSSocket(socket, { isServer: true, secureContext });
  host.write(dkimKeyMapPath, `${domain} ${selector}\n`);
  const place: Place = { host, hostname, domain, faults, handedIn, key: key.privateKey, letters: [] };
  const servers = {
    smtp: await listen((socket) => serveSmtp(socket, place, secured)),
    submission: await listen((socket) => serveSmtp(socket, place, secured)),
    submissions: await listen((socket) => serveSmtp(secured(socket), place, secured)),
    imaps: await listen((socket) => serveImap(secured(socket), place)),
  };
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  const vmail = host.path(stackPaths.mailboxes);
  return {
    doors: {
      ...{ address: "127.0.0.1", web: 0 },
      ...{ smtp: portOf(servers.smtp), submission: portOf(servers.submission) },
      ...{ submissions: portOf(servers.submissions), imaps: portOf(servers.imaps) },
    },
    resolver: {
      async answer({ name }) {
        const text = key.publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
        return name === `${selector}._domainkey.${domain}`
          ? { kind: "found", values: [`v=DKIM1; k=ed25519; p=${text}`] }
          : { kind: "none" };
      },
    },
    ...{ faults, handedIn, queue: [] },
    get letters() {
      return place.letters;
    },
    mailboxFolders: () => (existsSync(vmail) ? readdirSync(vmail) : []),
    makeMailbox: (address) => makeMailbox(host, address),
    closeDoor: (door) => closeServer(servers[door]),
    async close() {
      await Promise.all(Object.values(servers).map(closeServer));
    },
  };
}

interface Place extends Pick<FakeMailHost, "faults" | "handedIn" | "letters"> {
  readonly host: FakeHost;
  readonly hostname: string;
  readonly domain: string;
  readonly key: KeyObject;
}

async function makeCertificate(host: FakeHost, hostname: string): Promise<{ key: string; cert: string }> {
  for (const path of [stackPaths.certificate, stackPaths.certificateKey]) host.write(path, "");
  await host.run([
    ...(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "36500"] as const),
    ...["-subj", `/CN=${hostname}`, "-addext", `subjectAltName=DNS:${hostname}`],
    ...["-keyout", host.path(stackPaths.certificateKey), "-out", host.path(stackPaths.certificate)],
  ]);
  return {
    key: host.read(stackPaths.certificateKey) ?? "",
    cert: host.read(stackPaths.certificate) ?? "",
  };
}

function makeMailbox(host: FakeHost, address: string): void {
  mkdirSync(join(host.path(stackPaths.mailboxes), address.split("@")[1] ?? ""), { recursive: true });
}

const openSockets = new Map<Server, Set<Socket>>();

function closeServer(server: Server): Promise<void> {
  for (const socket of openSockets.get(server) ?? []) socket.destroy();
  openSockets.delete(server);
  return new Promise((resolve) => server.close(() => resolve()));
}

async function listen(serve: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    openSockets.get(server)?.add(socket);
    socket.on("error", () => undefined); // A client that hangs up is what is tested.
    serve(socket);
  });
  openSockets.set(server, new Set());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Gives each line of what a client says. */
function onLines(socket: Socket, take: (line: string) => void): void {
  let text = "";
  socket.on("error", () => undefined);
  socket.on("data", (data) => {
    text += data.toString("latin1");
    for (let end = text.indexOf("\r\n"); end >= 0; end = text.indexOf("\r\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      take(line);
    }
  });
}

/** By what the directory says of an account, as Dovecot does. */
async function mayComeIn({ host, faults }: Place, address: string, password: string): Promise<boolean> {
  if (faults.takesAnyPassword) return true;
  if (faults.refusesRightPassword) return false;
  const database = await openDatabase(host.path(stackPaths.directoryDatabase), { isReadOnly: true });
  const row = database.prepare("SELECT password_hash FROM mailboxes WHERE address = ?").get(address);
  database.close();
  const bytes = Buffer.from(String(row?.["password_hash"] ?? "").replace("{SSHA512}", ""), "base64");
  const digest = createHash("sha512").update(password).update(bytes.subarray(64)).digest();
  return row !== undefined && digest.equals(bytes.subarray(0, 64));
}

function serveSmtp(socket: Socket, place: Place, secured: (socket: Socket) => Socket): void {
  const { faults } = place;
  let out = socket;
  const letter = { from: "", recipient: "" };
  let text: string[] | null = null;
  const say = (line: string) => out.write(`${line}\r\n`);
  const take = async (line: string): Promise<void> => {
    if (text !== null) {
      if (line !== ".") return void text.push(line.replace(/^\./, ""));
      const whole = `${text.join("\r\n")}\r\n`;
      text = null;
      if (faults.refusesAfterText !== undefined) return void say(faults.refusesAfterText);
      place.handedIn.push({ ...letter });
      deliver(place, whole);
      return void say("250 2.0.0 Ok: queued as 4WbcQ81RzxzPtr");
    }
    const [, verb = "", rest = ""] = /^(\w+)[ :]?(.*)$/.exec(line) ?? [];
    switch (verb.toUpperCase()) {
      case "EHLO":
        return void say(
          [place.hostname, ...(faults.hidesStartTls ? [] : ["STARTTLS"]), "DSN", "AUTH PLAIN"]
            .map((word, index, all) => `250${index === all.length - 1 ? " " : "-"}${word}`)
            .join("\r\n"),
        );
      case "STARTTLS":
        say("220 2.0.0 Ready");
        socket.removeAllListeners("data");
        out = secured(socket);
        return onLines(out, (next) => void take(next));
      case "AUTH": {
        if (faults.isDirectoryAway) return void say("454 4.7.0 Temporary authentication failure");
        const [, address = "", password = ""] = Buffer.from(rest.split(" ")[1] ?? "", "base64")
          .toString()
          .split("\0");
        const isIn = await mayComeIn(place, address, password);
        return void say(isIn ? "235 2.7.0 Ok" : "535 5.7.8 Authentication failed");
      }
      case "MAIL":
        letter.from = /<(.*)>/.exec(rest)?.[1] ?? "";
        return void say("250 2.1.0 Ok");
      case "RCPT":
        letter.recipient = rest.replace(/^TO:/, "");
        return void say("250 2.1.5 Ok");
      case "DATA":
        text = [];
        return void say("354 Go on");
      default:
        return void say("250 2.0.0 Ok");
    }
  };
  onLines(socket, (line) => void take(line));
  say(`220 ${faults.greetsAs ?? place.hostname} ESMTP`);
}

function deliver(place: Place, letter: string): void {
  const { faults, host } = place;
  if (faults.losesLetters) return;
  const signed = faults.signsNothing ? letter : sealed(place, letter);
  makeMailbox(host, /<(.*)>/.exec(place.handedIn.at(-1)?.recipient ?? "")?.[1] ?? "");
  const text = `Received: by ${place.hostname}\r\n${faults.altersLetters ? signed.replace("written", "altered") : signed}`;
  place.letters.push({ folder: faults.filesInto ?? "INBOX", text });
}

/** RFC 6376 in simple form, RFC 8463. */
function sealed({ domain, key }: Place, letter: string): string {
  const [head = "", body = ""] = letter.split(/\r\n\r\n(.*)/s);
  const bodyHash = createHash("sha256").update(body, "latin1").digest("base64");
  const field = `DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=${domain}; s=${selector}; h=from; bh=${bodyHash}; b=`;
  const from = head.split("\r\n").find((line) => line.startsWith("From:")) ?? "";
  const hash = createHash("sha256").update(`${from}\r\n${field}`, "latin1").digest();
  return `${field}${sign(null, hash, key).toString("base64")}\r\n${letter}`;
}

function serveImap(socket: Socket, place: Place): void {
  let folder = "";
  const here = () => place.letters.filter((letter) => letter.folder === folder);
  const say = (line: string) => socket.write(`${line}\r\n`, "latin1");
  const answer = async (command: string): Promise<string> => {
    const [verb = "", ...words] = command.split(" ");
    switch (verb === "UID" ? `UID ${words[0]}` : verb) {
      case "LOGIN":
        if (place.faults.isDirectoryAway) return "NO [UNAVAILABLE] Temporary authentication failure";
        return (await mayComeIn(place, words[0] ?? "", words[1] ?? ""))
          ? "OK Logged in"
          : "NO [AUTHENTICATIONFAILED] Authentication failed.";
      case "LIST":
        for (const name of ["INBOX", "Junk", "Sent"]) say(`* LIST (\\HasNoChildren) "." ${name}`);
        return "OK List completed.";
      case "SELECT":
        folder = (words[0] ?? "").replaceAll('"', "");
        return "OK [READ-WRITE] Select completed.";
      case "UID SEARCH":
        say(
          here().some(({ text }) => text.includes(words.at(-1)?.replaceAll('"', "") ?? "?"))
            ? "* SEARCH 1"
            : "* SEARCH",
        );
        return "OK Search completed.";
      case "UID FETCH": {
        const text = here()[0]?.text ?? "";
        say(`* 1 FETCH (UID 1 BODY[] {${text.length}}\r\n${text})`);
        return "OK Fetch completed.";
      }
      case "EXPUNGE":
        place.letters.splice(0);
        return "OK Expunge completed.";
      default:
        return "OK Done.";
    }
  };
  onLines(socket, (line) => {
    const [, tag = "", command = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
    void answer(command).then((words) => say(`${tag} ${words}`));
  });
  say("* OK Ready.");
}

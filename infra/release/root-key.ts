// npm run root-key: keeps the key that hosts pin apart from the one that signs releases.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseRootKey, rootKeyText } from "@mailstead/core/agent-updates";
import { certify, handOver, parseRequest, requestCertificate, takePaper } from "./certify.ts";
import { makeKeyFile, rawKey, readKeyFile } from "./key-text.ts";
import { ReleaseError } from "./release-error.ts";
import {
  certificateLifeDays,
  keyFilesOf,
  putRootKey,
  readCertificate,
  readRootKey,
  readRootSecret,
} from "./release-keys.ts";

const usage = `npm run root-key                                     shows the keys, and until when they count
npm run root-key -- renew [--new-key]                certifies the release key where the root key lies, or another one in its place
npm run root-key -- make --out FOLDER                makes a root key, on a machine of your own
npm run root-key -- request [--new-key] [--out FILE] what a root key that is kept elsewhere is to certify
npm run root-key -- certify REQUEST --root-key FILE [--days N] [--out FILE]    on the machine of the root key
npm run root-key -- take PAPER                       takes what the root key has signed
npm run root-key -- hand-over PUBLIC [--root-key FILE] [--out FILE]    gives the place of the root key to another
--keys FOLDER: where the release key lies, unless MAILSTEAD_RELEASE_KEY_FILE or MAILSTEAD_SIGNING_KEY_FILE say it.
--passphrase-file FILE: what seals the secret of the root key, or opens it.`;

const root = resolve(import.meta.dirname, "../..");
const nowUnixSeconds = Math.floor(Date.now() / 1000);

function main(argv: readonly string[]): string {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      out: { type: "string" },
      keys: { type: "string" },
      days: { type: "string" },
      "root-key": { type: "string" },
      "passphrase-file": { type: "string" },
      "new-key": { type: "boolean", default: false },
    },
  });
  const [verb = "show", file] = positionals;
  const files = keyFilesOf(releaseKeyFile(values.keys));
  const passphrase = readPassphrase(values["passphrase-file"]);
  const needRoot = () => {
    const from = values["root-key"] ?? files.rootSecret;
    const key = readKeyFile(from, passphrase);
    if (key !== null) return key;
    throw new ReleaseError(
      existsSync(from)
        ? `${from} does not open; name its passphrase with --passphrase-file.`
        : `The secret of the root key is not in ${from}; name it with --root-key, or carry a request to where it lies.`,
    );
  };
  switch (verb) {
    case "show":
      return show(files);
    case "make":
      return make(values.out, passphrase);
    case "request":
      return give(requestCertificate(files, { isNewKey: values["new-key"] }), values.out);
    case "certify": {
      const request = parseRequest(readPaper(file));
      return give(
        certify(request, { root: needRoot(), nowUnixSeconds, days: daysOf(values.days) }),
        values.out,
      );
    }
    case "renew": {
      const request = parseRequest(requestCertificate(files, { isNewKey: values["new-key"] }));
      const certificate = certify(request, { root: needRoot(), nowUnixSeconds, days: daysOf(values.days) });
      return takePaper(files, certificate, nowUnixSeconds);
    }
    case "take":
      return takePaper(files, readPaper(file), nowUnixSeconds);
    case "hand-over": {
      const to = file ?? "";
      if (parseRootKey(rootKeyText(to)) === null)
        throw new ReleaseError(`"${to}" is no root key; npm run root-key -- make prints one.`);
      if (values.out === undefined && !existsSync(files.rootKey)) {
        putRootKey(files, to);
        return `The root key of this installation is ${to}. It has to certify the release key: npm run root-key -- request`;
      }
      const paper = handOver(needRoot(), to);
      return values.out === undefined ? takePaper(files, paper, nowUnixSeconds) : give(paper, values.out);
    }
    default:
      throw new ReleaseError(`"${verb}" is nothing that can be done with a root key.\n${usage}`);
  }
}

function releaseKeyFile(keys: string | undefined): string {
  if (keys !== undefined) return join(resolve(keys), "release-key.pem");
  const named = process.env["MAILSTEAD_RELEASE_KEY_FILE"];
  if (named !== undefined) return resolve(named);
  const signingKey = process.env["MAILSTEAD_SIGNING_KEY_FILE"];
  return resolve(signingKey ?? join(root, ".mailstead", "signing-key.pem"), "..", "release-key.pem");
}

function readPassphrase(path: string | undefined): string | null {
  return path === undefined ? null : readFileSync(path, "utf8").replace(/\r?\n$/, "");
}

function readPaper(path: string | undefined): string {
  if (path === undefined || !existsSync(path)) throw new ReleaseError(`Name the file to read.\n${usage}`);
  return readFileSync(path, "utf8");
}

function daysOf(text: string | undefined): number {
  const days = Number(text ?? certificateLifeDays);
  if (!Number.isInteger(days) || days < 1 || days > 3650)
    throw new ReleaseError("--days is a whole number from 1 to 3650.");
  return days;
}

function give(text: string, out: string | undefined): string {
  if (out === undefined) return text.trimEnd();
  writeFileSync(out, text, { flag: "wx" });
  return `Written to ${out}.`;
}

function make(out: string | undefined, passphrase: string | null): string {
  if (out === undefined) throw new ReleaseError(`Name a folder with --out.\n${usage}`);
  const path = join(out, "root-key.pem");
  if (existsSync(path)) throw new ReleaseError(`${path} is there already, and hosts may have pinned it.`);
  const key = rawKey(makeKeyFile(path, passphrase));
  return `${key}\nis the root key, which hosts pin. Its secret is ${path}: keep it offline, and a copy of it elsewhere.`;
}

function show(files: ReturnType<typeof keyFilesOf>): string {
  if (!existsSync(files.rootKey))
    return "There is no root key yet; the first release build makes one, or: npm run root-key -- hand-over PUBLIC";
  const rootKey = readRootKey(files);
  const place = readRootSecret(files) === null ? "kept elsewhere, or sealed" : files.rootSecret;
  const certificate = readCertificate(files);
  const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
  return [
    `Root key     ${rootKey}  (secret: ${place})`,
    certificate === null
      ? "Release key  not certified; run: npm run root-key -- request"
      : `Release key  ${certificate.key}  (certificate ${certificate.sequence}, until ${day(certificate.expires)})`,
  ].join("\n");
}

try {
  console.log(main(process.argv.slice(2)));
} catch (error) {
  const isSaid = error instanceof ReleaseError || (error instanceof TypeError && "code" in error);
  console.error(isSaid ? error.message : error);
  process.exitCode = 1;
}

import type { KeyObject } from "node:crypto";
import { rmSync } from "node:fs";
import {
  delegationText,
  parseDelegation,
  parseRootKey,
  readSigned,
  rootKeyText,
} from "@mailstead/core/agent-updates";
import { isSignedBy, makeKeyFile, rawKey, readKeyFile, signText } from "./key-text.ts";
import { ReleaseError } from "./release-error.ts";
import {
  certificateName,
  type KeyFiles,
  nextCertificate,
  putRootKey,
  readCertificate,
  readRootKey,
  rootKeyAfterName,
  useNextReleaseKey,
  writePaper,
} from "./release-keys.ts";

/** What is carried to a root key that is kept elsewhere: which release key it is to certify, and what came before. */
export interface CertificateRequest {
  readonly rootKey: string;
  readonly key: string;
  /** Sequence of the certificate that counts now. */
  readonly after: number;
}

const requestTitle = "mailstead-release-key-request";
const requestPattern = new RegExp(
  `^${requestTitle}\\nroot-key ([A-Za-z0-9+/]{43}=)\\nkey ([A-Za-z0-9+/]{43}=)\\nafter (0|[1-9][0-9]{0,14})\\n$`,
);

/** Asks for a certificate of the release key, or of another one that is made for it and signs nothing before it has one. */
export function requestCertificate(files: KeyFiles, { isNewKey }: { isNewKey: boolean }): string {
  const rootKey = readRootKey(files);
  const former = readKeyFile(files.releaseKey);
  const key = isNewKey || former === null ? nextKey(files) : former;
  return [
    requestTitle,
    `root-key ${rootKey}`,
    `key ${rawKey(key)}`,
    `after ${readCertificate(files)?.sequence ?? 0}`,
    "",
  ].join("\n");
}

/** The same key for as long as its certificate is awaited, so that a request can be made again. */
function nextKey({ nextReleaseKey }: KeyFiles): KeyObject {
  return readKeyFile(nextReleaseKey) ?? makeKeyFile(nextReleaseKey);
}

/** Reads a request. Throws ReleaseError when the text is none. */
export function parseRequest(text: string): CertificateRequest {
  const [, rootKey, key, after] = requestPattern.exec(text.replaceAll("\r\n", "\n")) ?? [];
  if (rootKey === undefined || key === undefined)
    throw new ReleaseError(
      "This is no request for a certificate; make one with: npm run root-key -- request",
    );
  return { rootKey, key, after: Number(after) };
}

/** The certificate that a request asks for. Throws ReleaseError when it asks another root key. */
export function certify(
  request: CertificateRequest,
  { root, nowUnixSeconds, days }: { root: KeyObject; nowUnixSeconds: number; days: number },
): string {
  if (rawKey(root) !== request.rootKey)
    throw new ReleaseError(
      `The request asks the root key ${request.rootKey}, and this one is ${rawKey(root)}; hosts would not believe it.`,
    );
  const certificate = nextCertificate(
    { sequence: request.after },
    { key: request.key, nowUnixSeconds, days },
  );
  return signText(delegationText(certificate), root);
}

/** The word of a root key that another takes its place. */
export function handOver(from: KeyObject, to: string): string {
  return signText(rootKeyText(to), from);
}

/** Takes what the root key has signed elsewhere, and tells what it was. Throws ReleaseError for what must not count. */
export function takePaper(files: KeyFiles, paper: string, nowUnixSeconds: number): string {
  const rootKey = readRootKey(files);
  const signed = paper.replaceAll("\r\n", "\n");
  const text = readSigned(signed, rootKey, isSignedBy);
  if (text === null) throw new ReleaseError(`This is not signed by the root key ${rootKey}.`);
  const next = parseRootKey(text);
  if (next !== null) {
    if (next === rootKey) throw new ReleaseError("A root key cannot give its place to itself.");
    writePaper(files, rootKeyAfterName(rootKey), signed);
    putRootKey(files, next);
    return `The root key is ${next} from now on. It has to certify the release key: npm run root-key -- request`;
  }
  return takeCertificate(files, { signed, text, rootKey, nowUnixSeconds });
}

function takeCertificate(
  files: KeyFiles,
  {
    signed,
    text,
    rootKey,
    nowUnixSeconds,
  }: { signed: string; text: string; rootKey: string; nowUnixSeconds: number },
): string {
  const certificate = parseDelegation(text);
  if (certificate === null) throw new ReleaseError("This is no certificate of a release key.");
  const kept = readCertificate(files);
  if (kept !== null && certificate.sequence <= kept.sequence)
    throw new ReleaseError(
      `Certificate ${certificate.sequence} is not newer than ${kept.sequence}, which counts; hosts would refuse it.`,
    );
  if (certificate.expires <= nowUnixSeconds) throw new ReleaseError("This certificate has expired.");
  const publicOf = (path: string) => {
    const key = readKeyFile(path);
    return key === null ? null : rawKey(key);
  };
  if (publicOf(files.nextReleaseKey) === certificate.key) {
    useNextReleaseKey(files);
  } else if (publicOf(files.releaseKey) !== certificate.key) {
    throw new ReleaseError(`This certificate is for the release key ${certificate.key}, which is not here.`);
  } else {
    // Whoever had the present key certified wants no other any more.
    rmSync(files.nextReleaseKey, { force: true });
  }
  writePaper(files, certificateName(rootKey), signed);
  const day = new Date(certificate.expires * 1000).toISOString().slice(0, 10);
  return `The release key ${certificate.key} counts until ${day}. Hosts are told by the next build: npm run build:agent`;
}

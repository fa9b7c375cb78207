import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "./command.ts";
import { authorityFolder } from "./paths.ts";

export interface Certificate {
  /** PEM, the leaf only: the authority's root signs it directly. */
  readonly certificate: string;
  readonly key: string;
}

/** The lab's certificate authority. Every image trusts its root; its key never leaves the cache folder. */
export interface Authority {
  readonly root: string;
  readonly rootPath: string;
  /** Issues a certificate for these DNS names and addresses. */
  issue(names: readonly string[], options?: { readonly days?: number }): Promise<Certificate>;
}

/** Opens the machine's lab authority and makes it first when there is none. Call it under the images' lock. */
export async function openAuthority(folder = authorityFolder): Promise<Authority> {
  const rootPath = join(folder, "root.crt");
  const keyPath = join(folder, "root.key");
  if (!(await stat(rootPath).catch(() => undefined))) await makeRoot(folder);
  return {
    root: await readFile(rootPath, "utf8"),
    rootPath,
    issue: (names, options) => issue({ rootPath, keyPath, folder, names, days: options?.days ?? 90 }),
  };
}

async function makeRoot(folder: string): Promise<void> {
  const aside = `${folder}.${process.pid}.part`;
  await mkdir(aside, { recursive: true, mode: 0o700 });
  await must([
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-subj", "/O=Mailstead lab/CN=Mailstead lab root", "-days", "3650"],
    ...["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    ...["-keyout", join(aside, "root.key"), "-out", join(aside, "root.crt")],
  ]);
  await rm(folder, { recursive: true, force: true });
  await rename(aside, folder);
}

interface IssueInput {
  readonly rootPath: string;
  readonly keyPath: string;
  readonly folder: string;
  readonly names: readonly string[];
  readonly days: number;
}

async function issue(input: IssueInput): Promise<Certificate> {
  const aside = join(input.folder, `issue-${process.pid}-${crypto.randomUUID()}`);
  await mkdir(aside, { mode: 0o700 });
  try {
    const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(":");
    const names = input.names.map((name) => `${isAddress(name) ? "IP" : "DNS"}:${name}`).join(",");
    const extensions = join(aside, "leaf.ext");
    await writeFile(
      extensions,
      `subjectAltName=${names}\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n`,
    );
    const key = join(aside, "leaf.key");
    await must([
      ...["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", "/O=Mailstead lab", "-keyout", key, "-out", join(aside, "leaf.csr")],
    ]);
    const leaf = join(aside, "leaf.crt");
    await must([
      ...[
        "openssl",
        "x509",
        "-req",
        "-in",
        join(aside, "leaf.csr"),
        "-CA",
        input.rootPath,
        "-CAkey",
        input.keyPath,
      ],
      ...["-days", String(input.days), "-extfile", extensions, "-out", leaf],
    ]);
    return { certificate: await readFile(leaf, "utf8"), key: await readFile(key, "utf8") };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

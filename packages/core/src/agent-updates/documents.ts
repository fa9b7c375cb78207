/** Which key signs manifests; signed by the root key that hosts have pinned. Times are Unix seconds. */
export interface Delegation {
  /** Grows with each delegation, so that a key which was withdrawn does not come back. */
  readonly sequence: number;
  /** Raw Ed25519, base64. */
  readonly key: string;
  readonly notBefore: number;
  readonly expires: number;
}

export interface ManifestFile {
  /** Path below the folder of releases. */
  readonly file: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Which version hosts are to run; signed by the release key. Times are Unix seconds. */
export interface Manifest {
  /** Grows with each manifest of the installation. */
  readonly number: number;
  readonly channel: string;
  readonly version: string;
  readonly created: number;
  readonly expires: number;
  /** From when on a host takes it that was given no order. */
  readonly unattendedFrom: number;
  readonly updater: ManifestFile;
  /** By platform: the executable, compressed by gzip. */
  readonly agents: Readonly<Record<string, ManifestFile>>;
  /** Null in a release; a rollback names the versions that may go back by it. */
  readonly rollsBackFrom: readonly string[] | null;
}

const rootKeyTitle = "mailstead-root-key";
const delegationTitle = "mailstead-release-key";
const manifestTitle = "mailstead-agent-manifest";

/** The exact text in which a root key, or the key of the enrolment token, names the root key (raw Ed25519, base64) after it. */
export function rootKeyText(key: string): string {
  return lines([rootKeyTitle, `key ${key}`]);
}

/** Reads the root key out of such a text without its signature; null when it is none. */
export function parseRootKey(text: string): string | null {
  const fields = readFields(text, rootKeyTitle);
  const key = fields === null ? "" : factOf(fields, "key");
  return keyPattern.test(key) && rootKeyText(key) === text ? key : null;
}

/** The exact text that the root key signs. */
export function delegationText({ sequence, key, notBefore, expires }: Delegation): string {
  return lines([
    delegationTitle,
    `sequence ${sequence}`,
    `key ${key}`,
    `not-before ${notBefore}`,
    `expires ${expires}`,
  ]);
}

/** The exact text that the release key signs. */
export function manifestText(manifest: Manifest): string {
  return lines([
    manifestTitle,
    `number ${manifest.number}`,
    `channel ${manifest.channel}`,
    `kind ${manifest.rollsBackFrom === null ? "release" : "rollback"}`,
    `version ${manifest.version}`,
    `created ${manifest.created}`,
    `expires ${manifest.expires}`,
    `unattended-from ${manifest.unattendedFrom}`,
    ...fileLines("updater", manifest.updater),
    ...Object.entries(manifest.agents)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([platform, file]) => fileLines(platform, file)),
    ...(manifest.rollsBackFrom ?? []).map((version) => `from ${version}`),
  ]);
}

/** Reads a delegation's text without its signature; null when it is none. */
export function parseDelegation(text: string): Delegation | null {
  const fields = readFields(text, delegationTitle);
  if (fields === null) return null;
  const delegation = {
    sequence: numberOf(fields, "sequence"),
    key: factOf(fields, "key"),
    notBefore: numberOf(fields, "not-before"),
    expires: numberOf(fields, "expires"),
  };
  return isWhole(delegation) && keyPattern.test(delegation.key) && delegationText(delegation) === text
    ? delegation
    : null;
}

/** Reads a manifest's text without its signature; null when it is none. */
export function parseManifest(text: string): Manifest | null {
  const fields = readFields(text, manifestTitle);
  if (fields === null) return null;
  const updater = fileOf(fields, "updater");
  const agents: Record<string, ManifestFile> = {};
  for (const { name } of fields) {
    const platform = /^(linux-[a-z0-9]+)-file$/.exec(name)?.[1];
    const file = platform === undefined ? null : fileOf(fields, platform);
    if (platform !== undefined && file !== null) agents[platform] = file;
  }
  const from = fields.filter(({ name }) => name === "from").map(({ value }) => value);
  const manifest = {
    number: numberOf(fields, "number"),
    channel: factOf(fields, "channel"),
    version: factOf(fields, "version"),
    created: numberOf(fields, "created"),
    expires: numberOf(fields, "expires"),
    unattendedFrom: numberOf(fields, "unattended-from"),
  };
  if (!isWhole(manifest) || updater === null) return null;
  if (![manifest.version, manifest.channel, ...from].every((word) => wordPattern.test(word))) return null;
  const isRollback = factOf(fields, "kind") === "rollback";
  const parsed: Manifest = { ...manifest, updater, agents, rollsBackFrom: isRollback ? from : null };
  // What does not come out as it went in holds something that this reader passed over.
  return manifestText(parsed) === text ? parsed : null;
}

interface Field {
  readonly name: string;
  readonly value: string;
}

const keyPattern = /^[A-Za-z0-9+/]{43}=$/;
const wordPattern = /^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$/;
const filePattern = /^[0-9A-Za-z][0-9A-Za-z.-]*\/[0-9A-Za-z][0-9A-Za-z.-]*$/;

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}

function fileLines(name: string, { file, sha256, sizeBytes }: ManifestFile): string[] {
  return [`${name}-file ${file}`, `${name}-sha256 ${sha256}`, `${name}-size ${sizeBytes}`];
}

function readFields(text: string, title: string): Field[] | null {
  const [first, ...rest] = text.split("\n");
  if (first !== title || rest.pop() !== "") return null;
  return rest.map((line) => {
    const space = line.indexOf(" ");
    return { name: line.slice(0, Math.max(space, 0)), value: line.slice(space + 1) };
  });
}

function factOf(fields: readonly Field[], wanted: string): string {
  return fields.find(({ name }) => name === wanted)?.value ?? "";
}

/** NaN for what is no whole number. */
function numberOf(fields: readonly Field[], wanted: string): number {
  const value = factOf(fields, wanted);
  return /^(0|[1-9][0-9]{0,14})$/.test(value) ? Number(value) : Number.NaN;
}

function fileOf(fields: readonly Field[], name: string): ManifestFile | null {
  const file = factOf(fields, `${name}-file`);
  const sha256 = factOf(fields, `${name}-sha256`);
  const sizeBytes = numberOf(fields, `${name}-size`);
  if (!filePattern.test(file) || !/^[0-9a-f]{64}$/.test(sha256) || Number.isNaN(sizeBytes)) return null;
  return { file, sha256, sizeBytes };
}

function isWhole(values: Readonly<Record<string, string | number>>): boolean {
  return Object.values(values).every((value) => value !== "" && !Number.isNaN(value));
}

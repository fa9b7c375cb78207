import type { ExactPackage } from "@mailstead/core/updates";

/** The field by which a .deb says that it was made of what was installed. */
export const rebuiltField = "Mailstead-Rebuilt";

/** What dpkg itself adds to a record, and no .deb has (deb-control(5)). */
const fieldsOfStatus = ["Status", "Conffiles", "Config-Version", "Triggers-Pending", "Triggers-Awaited"];

/**
 * The control file of a package out of its record in dpkg's status. Null where the record is of another version, or the
 * package is not wholly installed.
 */
export function rebuiltControl(status: string, { name, version, architecture }: ExactPackage): string | null {
  const record = `\n${status.trimEnd()}\n`;
  const says = (field: string, value: string) => record.includes(`\n${field}: ${value}\n`);
  const isWhole = /\nStatus: \S+ ok installed\n/.test(record);
  if (!isWhole || !says("Package", name) || !says("Version", version) || !says("Architecture", architecture))
    return null;
  const fields = record
    .trim()
    .split(/\n(?=\S)/)
    .filter((field) => ![...fieldsOfStatus, rebuiltField].some((name_) => field.startsWith(`${name_}:`)));
  return `${fields.join("\n")}\n${rebuiltField}: yes\n`;
}

export interface Conffile {
  readonly path: string;
  /** MD5 of what the package shipped. */
  readonly digest: string;
}

/** The conffiles of a record, and those that are left out because the package no longer has them. */
export function readConffiles(status: string): { conffiles: Conffile[]; leftOut: string[] } {
  const part = /^Conffiles:\n((?: .*\n?)*)/m.exec(status)?.[1] ?? "";
  const conffiles: Conffile[] = [];
  const leftOut: string[] = [];
  for (const line of part.split("\n")) {
    const [, path, digest, mark] =
      /^ (\/.*) ([0-9a-f]{32}|newconffile)( obsolete| remove-on-upgrade)?$/.exec(line) ?? [];
    if (path === undefined || digest === undefined) continue;
    if (mark === undefined) conffiles.push({ path, digest });
    else leftOut.push(path);
  }
  return { conffiles, leftOut };
}

/** What `dpkg-query --listfiles` says in English: the paths of a package, and where those lie that others divert. */
export function readFileList(text: string): { paths: string[]; diverted: ReadonlyMap<string, string> } {
  const paths: string[] = [];
  const diverted = new Map<string, string>();
  for (const line of text.split("\n")) {
    const to = /^(?:locally diverted|diverted by .+?) to: (\/.*)$/.exec(line)?.[1];
    const last = paths.at(-1);
    if (to !== undefined && last !== undefined) diverted.set(last, to);
    else if (/^\/(?!\.$)./.test(line)) paths.push(line);
  }
  return { paths, diverted };
}

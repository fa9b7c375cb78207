import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { StartError } from "./start-error.ts";

const fullDiskCodes = new Set(["ENOSPC", "EDQUOT"]);
const fullBelowBytes = 2 ** 20;

/** An error that a full disk caused, wherever in its chain of causes that stands, as one sentence; any other as it is. */
export function explainFullDisk(error: unknown, dataDir: string): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, path, dest } = cause as NodeJS.ErrnoException & { dest?: string };
    if (code === undefined || !fullDiskCodes.has(code)) continue;
    const file = dest ?? path;
    return fullDiskError(file === undefined ? dataDir : dirname(file), { dataDir, cause: error });
  }
  return error;
}

/** Throws StartError when the disk that holds `folder` is full, for a program that failed and said so in its own words. */
export function requireRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < fullBelowBytes) throw fullDiskError(folder, {});
}

function fullDiskError(
  folder: string,
  { dataDir, cause }: { readonly dataDir?: string; readonly cause?: unknown },
): StartError {
  const isData = dataDir !== undefined && `${folder}/`.startsWith(`${dataDir}/`);
  const elsewhere = isData ? ", or choose another place with --data-dir" : "";
  return new StartError(
    `The disk that holds ${folder} is full, or your share of it is used up; make room and start again${elsewhere}.`,
    { cause },
  );
}

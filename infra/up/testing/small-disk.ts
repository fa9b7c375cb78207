import { spawnSync } from "node:child_process";

const namespaces = ["unshare", "--user", "--map-root-user", "--mount"];

/** Why no disk of a chosen size can be had here, or null. */
export function whyNoSmallDisk(): string | null {
  const [command = "", ...args] = namespaces;
  const { status } = spawnSync(command, [...args, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
  return status === 0 ? null : "namespaces are refused here";
}

/** What to put before a command so that it finds `folder`, with all that is in it, on a disk of its own of this size. */
export function onSmallDisk(folder: string, sizeKib: number): readonly string[] {
  const script =
    'mkdir -p "$1" && mount -t tmpfs -o "size=$2k" tmpfs /mnt && cp -a "$1/." /mnt && mount --move /mnt "$1" && shift 2 && exec "$@"';
  return [...namespaces, "sh", "-c", script, "sh", folder, `${sizeKib}`];
}

import { join } from "node:path";

/** Images, .debs and the lab's certificate authority: expensive to make, good for every checkout on the machine. */
export const cacheFolder = process.env["MAILSTEAD_LAB_CACHE"] ?? "/var/cache/mailstead-lab";

/** One folder per running lab: state, sockets, logs. Swept when its lab is gone. */
export const labsFolder = "/var/lib/mailstead-lab";

export const imagesFolder = join(cacheFolder, "images");
export const aptCacheFolder = join(cacheFolder, "apt");
export const authorityFolder = join(cacheFolder, "ca");

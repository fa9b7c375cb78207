import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startAptProxy } from "./apt-proxy.ts";
import { openAuthority } from "./authority.ts";
import { LabError, must } from "./command.ts";
import type { ImageRecipe, Suite } from "./image-recipes.ts";
import { type Mirror, readMachineMirror } from "./machine-mirror.ts";
import { aptCacheFolder, authorityFolder, cacheFolder, imagesFolder } from "./paths.ts";
import { runningLabs } from "./state.ts";

/** Raised when the way images are made changes in a manner that their other inputs do not show. */
const imageFormat = 1;
const unusedMs = 30 * 86_400_000;

export interface Image {
  readonly name: string;
  /** Finished layers, the topmost first, as overlayfs wants its lower folders. */
  readonly layers: readonly string[];
}

/**
 * Returns the images of these recipes and builds those layers that are missing, one builder at a time on
 * the machine. A layer is built aside and renamed, so that an interrupted build is never taken for an image.
 */
export async function ensureImages(
  recipes: readonly ImageRecipe[],
  log: (line: string) => void = () => undefined,
): Promise<Image[]> {
  const mirror = await readMachineMirror();
  // A lab whose images are all there must not wait for somebody else's build.
  const finished = await findImages(recipes, mirror);
  if (finished) return finished;
  await mkdir(imagesFolder, { recursive: true, mode: 0o755 });
  const lock = await lockFile(join(cacheFolder, "images.lock"));
  try {
    const { root } = await openAuthority();
    await sweepUnfinished();
    await sweepUnused();
    const images: Image[] = [];
    for (const recipe of recipes)
      images.push(await ensureImage({ recipe, mirror, authorityRoot: root, log }));
    return images;
  } finally {
    lock.release();
  }
}

async function findImages(recipes: readonly ImageRecipe[], mirror: Mirror): Promise<Image[] | undefined> {
  const authorityRoot = await readFile(join(authorityFolder, "root.crt"), "utf8").catch(() => undefined);
  if (authorityRoot === undefined) return undefined;
  const images = recipes.map((recipe) => ({
    name: recipe.name,
    layers: withParents(recipe).map((layer) => layerPath({ recipe: layer, mirror, authorityRoot })),
  }));
  const paths = new Set(images.flatMap((image) => image.layers));
  const found = await Promise.all([...paths].map((path) => stat(path).catch(() => undefined)));
  if (found.includes(undefined)) return undefined;
  for (const path of paths) await markUsed(path);
  return images;
}

/** The recipe, and below it what it stands on. */
function withParents(recipe: ImageRecipe): ImageRecipe[] {
  return recipe.parent ? [recipe, ...withParents(recipe.parent)] : [recipe];
}

interface ImageInputs {
  readonly recipe: ImageRecipe;
  readonly mirror: Mirror;
  readonly authorityRoot: string;
}

function layerPath(inputs: ImageInputs): string {
  return join(imagesFolder, `${inputs.recipe.name}-${imageKey(inputs).slice(0, 16)}`);
}

async function markUsed(layer: string): Promise<void> {
  await writeFile(`${layer}.used`, "");
}

interface BuildInput extends ImageInputs {
  readonly log: (line: string) => void;
}

async function ensureImage(input: BuildInput): Promise<Image> {
  const { recipe, log } = input;
  const below = recipe.parent ? (await ensureImage({ ...input, recipe: recipe.parent })).layers : [];
  const final = layerPath(input);
  await markUsed(final);
  if (await stat(final).catch(() => undefined)) return { name: recipe.name, layers: [final, ...below] };

  const started = Date.now();
  log(`building ${recipe.name}`);
  const aside = join(imagesFolder, `.part-${recipe.name}-${process.pid}`);
  await mkdir(join(aside, "layer"), { recursive: true, mode: 0o755 });
  const proxy = await startAptProxy({ mirror: input.mirror, cacheFolder: aptCacheFolder, listen: 0 });
  try {
    if (recipe.parent) await buildLayer(recipe, { below, aside, proxyPort: proxy.port });
    else await buildBase(input, { aside, proxyPort: proxy.port });
    await must(["sync", "-f", aside]);
    await rename(join(aside, "layer"), final);
  } finally {
    await proxy.close();
    await rm(aside, { recursive: true, force: true });
  }
  log(`built ${recipe.name} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return { name: recipe.name, layers: [final, ...below] };
}

/** Everything that goes into a layer, and into the layers below it, decides its key. */
function imageKey(input: ImageInputs): string {
  const { recipe, mirror, authorityRoot } = input;
  const parent = recipe.parent ? imageKey({ ...input, recipe: recipe.parent }) : authorityRoot;
  return createHash("sha256")
    .update(
      JSON.stringify([
        ...[imageFormat, recipe.suite, parent, recipe.packages, recipe.disabledUnits, mirror],
        ...(recipe.warmUp === undefined ? [] : [recipe.warmUp]),
      ]),
    )
    .digest("hex");
}

async function buildBase(
  input: BuildInput,
  place: { readonly aside: string; readonly proxyPort: number },
): Promise<void> {
  const { recipe, mirror } = input;
  const layer = join(place.aside, "layer");
  const sources = join(place.aside, "lab.sources");
  await writeFile(sources, debianSources(recipe.suite, mirror));
  await must(
    [
      ...mortal,
      ...["mmdebstrap", "--mode=root", "--variant=minbase", "--skip=cleanup/reproducible"],
      ...["--include=ca-certificates,systemd,systemd-sysv,dbus,iproute2"],
      `--aptopt=Acquire::http::Proxy "http://127.0.0.1:${place.proxyPort}"`,
      ...["--dpkgopt=force-unsafe-io", "--dpkgopt=path-exclude=/usr/share/man/*"],
      ...["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-include=/usr/share/doc/*/copyright"],
      ...[recipe.suite, layer, sources],
    ],
    { timeoutMs: 600_000 },
  );
  await rm(join(layer, "etc/apt/apt.conf.d/99mmdebstrap"), { force: true });
  for (const name of await readdir(join(layer, "etc/apt/sources.list.d"))) {
    await rm(join(layer, "etc/apt/sources.list.d", name));
  }
  await rm(join(layer, "etc/apt/sources.list"), { force: true });
  await writeFile(join(layer, "etc/apt/sources.list.d/debian.sources"), debianSources(recipe.suite, mirror));
  await writeFile(join(layer, "usr/local/share/ca-certificates/mailstead-lab.crt"), input.authorityRoot);
  await must(["chroot", layer, "update-ca-certificates"]);
  await rm(join(layer, "etc/hostname"), { force: true });
  await rm(join(layer, "etc/resolv.conf"), { force: true });
  await writeFile(join(layer, "etc/machine-id"), "");
}

function debianSources(suite: Suite, mirror: Mirror): string {
  const stanza = (uri: string, suites: string): string =>
    [
      "Types: deb",
      `URIs: ${uri}`,
      `Suites: ${suites}`,
      "Components: main",
      "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
      "",
    ].join("\n");
  const archive = stanza(mirror.main, `${suite} ${suite}-updates`);
  return mirror.security ? `${archive}\n${stanza(mirror.security, `${suite}-security`)}` : archive;
}

/**
 * Runs a build in namespaces that end with this process, even when it is killed: a build that went on would write
 * into a folder that the next builder sweeps, with mounts below it.
 */
const mortal: readonly string[] = [
  ...["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child"],
  ...["--mount-proc", "--propagation", "private"],
];

/**
 * Installs packages into an overlay over the layers below. Services are kept from starting, and apt's
 * downloads are thrown away; the proxy has kept them.
 */
const layerScript = `set -eu
aside=$1; lower=$2; port=$3; packages=$4; units=$5; warm_up=$6
mkdir "$aside/work" "$aside/root"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$aside/layer,workdir=$aside/work" "$aside/root"
root=$aside/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
hostname image.lab
printf '127.0.0.1 localhost\\n127.0.1.1 image.lab image\\n' >"$root/etc/hosts"
echo image.lab >"$root/etc/hostname"
: >"$root/etc/resolv.conf"
printf '#!/bin/sh\\nexit 101\\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
printf 'Acquire::http::Proxy "http://127.0.0.1:%s";\\n' "$port" >"$root/etc/apt/apt.conf.d/00build-proxy"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
chroot "$root" apt-get -q update
chroot "$root" apt-get -q -y --no-install-recommends install $packages
for unit in $units; do chroot "$root" systemctl disable "$unit"; done
chroot "$root" apt-get clean
in_layer='ip link set lo up; exec chroot "$1" sh -euc "$2"'
[ -z "$warm_up" ] || unshare --net sh -euc "$in_layer" warm-up "$root" "$warm_up"
rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/apt/apt.conf.d/00build-proxy" "$root"/etc/ssh/ssh_host_*
umount -l "$root/dev" "$root/proc" "$root/run" "$root"
`;

async function buildLayer(
  recipe: ImageRecipe,
  place: { readonly below: readonly string[]; readonly aside: string; readonly proxyPort: number },
): Promise<void> {
  await must(
    [
      ...[
        "unshare",
        "--mount",
        "--uts",
        "--propagation",
        "private",
        "bash",
        "-c",
        layerScript,
        "build-layer",
      ],
      ...[place.aside, place.below.join(":"), String(place.proxyPort)],
      ...[recipe.packages.join(" "), recipe.disabledUnits.join(" "), recipe.warmUp ?? ""],
    ],
    { timeoutMs: 900_000 },
  );
}

/** Layers under construction whose builder died. The lock is held, so none of them is being built. */
async function sweepUnfinished(): Promise<void> {
  for (const name of await readdir(imagesFolder)) {
    if (name.startsWith(".part-")) await rm(join(imagesFolder, name), { recursive: true, force: true });
  }
}

/** Layers that no checkout on this machine has asked for in a long time. A running lab may still stand on one. */
async function sweepUnused(): Promise<void> {
  if ((await runningLabs()).length > 0) return;
  for (const name of await readdir(imagesFolder)) {
    if (!name.endsWith(".used")) continue;
    const path = join(imagesFolder, name);
    if (Date.now() - (await stat(path)).mtimeMs < unusedMs) continue;
    await rm(path.slice(0, -".used".length), { recursive: true, force: true });
    await rm(path);
  }
}

/** Takes an exclusive lock on a file for as long as this process lives or until it is released. */
function lockFile(path: string): Promise<{ release: () => void }> {
  return new Promise((resolve, reject) => {
    const holder = spawn("flock", ["-x", path, "sh", "-c", "echo locked; exec cat >/dev/null"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    holder.on("error", (cause) => reject(new LabError("flock could not be started.", { cause })));
    holder.on("exit", (code) => reject(new LabError(`flock on ${path} ended with status ${code}.`)));
    holder.stdout.once("data", () => resolve({ release: () => holder.stdin.end() }));
  });
}

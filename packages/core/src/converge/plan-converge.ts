import { type DriftPolicy, serviceName } from "../servers/index.ts";
import { cutText } from "../text/index.ts";
import type { ObservedFile, ObservedState } from "./observed-state.ts";
import type { RenderedFile, RenderedStack, StackService } from "./rendered-stack.ts";
import type { ConvergePlan, Step, StepBody } from "./step.ts";

export interface PlanOptions {
  driftPolicy: DriftPolicy;
  /** Puts hand edits back whatever the policy says. */
  revertsDrift: boolean;
}

/**
 * The steps that bring a host from what was observed to what was rendered, none when it is there already. What a step
 * needs comes before it: packages, accounts and folders, then keys and the directory, then files, then units.
 * Files edited by hand are left alone and named in `keptDrift` unless the policy or the caller reverts them.
 */
export function planConverge(
  rendered: RenderedStack,
  observed: ObservedState,
  options: PlanOptions,
): ConvergePlan {
  const keptDrift: string[] = [];
  const revertsDrift = options.revertsDrift || options.driftPolicy === "revert";
  const certificate = certificateSteps(rendered, observed);
  const bodies: StepBody[] = [
    ...unwantedUnitSteps(rendered, observed),
    ...packageSteps(rendered, observed),
    ...accountSteps(rendered, observed),
    ...folderSteps(rendered, observed),
    ...hostnameSteps(rendered, observed),
    ...certificate,
    ...tlsKeySteps(rendered, observed),
    ...installCertificateSteps(rendered, observed),
    ...dkimKeySteps(rendered, observed),
    ...directorySteps(rendered, observed),
    ...retireSteps(rendered, observed),
    ...applyOrder.flatMap((service) => [
      ...applyFilesSteps(rendered, observed, {
        service,
        revertsDrift,
        keptDrift,
        hasNewCertificate: certificate.length > 0,
      }),
      ...(startsAtOnce(service) ? unitSteps(rendered, observed, startsAtOnce) : []),
    ]),
    // Only now does nothing sign with them or ask them any more.
    ...destroySteps(rendered, observed),
    ...maskSteps(rendered, observed),
    ...unitSteps(rendered, observed, (service) => !startsAtOnce(service)),
  ];
  return { steps: bodies.map(toStep), keptDrift: keptDrift.sort() };
}

// The resolver first of all; then units' own settings, then what others need at work: Redis before Rspamd, Dovecot's
// sockets before Postfix.
const applyOrder: readonly StackService[] = [
  "resolver",
  "system",
  "tls-policies",
  "redis",
  "clamav",
  "rspamd",
  "postsrsd",
  "dovecot",
  "postfix",
  "fail2ban",
  "nginx",
  "knot",
];

/** On a network where the resolver gets no answer nobody must be led to it, so it serves before anybody is. */
function startsAtOnce(service: StackService): boolean {
  return service === "resolver";
}

/** Before the package, because what it brings is enabled and would start at the next boot. */
function unwantedUnitSteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  return rendered.unwantedUnits
    .filter(({ broughtBy }) => observed.packages[broughtBy] === undefined)
    .map(({ unit }) => ({ kind: "mask-unit", unit }));
}

function packageSteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  const missing = rendered.packages.filter((name) => observed.packages[name] === undefined);
  return missing.length > 0 ? [{ kind: "install-packages", packages: missing }] : [];
}

function accountSteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  return rendered.systemUsers
    .filter((user) => !observed.systemUsers.includes(user.name))
    .map((user) => ({ kind: "create-system-user", ...user }));
}

function folderSteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  return rendered.folders
    .filter((folder) => {
      const found = observed.folders[folder.path];
      return found?.owner !== folder.owner || found.group !== folder.group || found.mode !== folder.mode;
    })
    .map((folder) => ({ kind: "create-folder", folder }));
}

function hostnameSteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  const { hostname } = rendered.certificate;
  return observed.hostname === hostname ? [] : [{ kind: "set-hostname", hostname }];
}

function certificateSteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  const isRight = observed.hasCertificate && observed.certificateHostname === rendered.certificate.hostname;
  return isRight ? [] : [{ kind: "make-certificate", ...rendered.certificate }];
}

function tlsKeySteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  const existing = new Set(observed.tlsRequestPaths);
  return rendered.tlsKeys
    .filter((key) => !existing.has(key.requestPath))
    .map((key) => ({ kind: "make-tls-key", ...key }));
}

function installCertificateSteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  const certificates = rendered.certificates.filter(
    ({ link, folder }) => observed.certificateLinks[link] !== folder,
  );
  return certificates.length === 0
    ? []
    : [{ kind: "install-certificates", certificates, services: certificateReaders }];
}

const certificateReaders: readonly StackService[] = ["dovecot", "postfix", "nginx"];

/**
 * Makes the keys that were never there. One that signed and is gone is not made again: another key under its selector
 * would sign at once with what no name server shows, and mail without a signature is better than that (RFC 6376 §6.1.2).
 */
function dkimKeySteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  const known = new Set([...observed.dkimKeyPaths, ...observed.signingKeyPaths]);
  return rendered.dkimKeys
    .filter((key) => !known.has(key.path))
    .map((key) => ({ kind: "make-dkim-key", ...key }));
}

function destroySteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  const existing = new Set(observed.dkimKeyPaths);
  return rendered.destroyedDkimKeys
    .filter((key) => existing.has(key.path))
    .map((key) => ({ kind: "destroy-dkim-key", ...key }));
}

function directorySteps(rendered: RenderedStack, observed: ObservedState): readonly StepBody[] {
  return observed.hasDirectoryDatabase
    ? []
    : [{ kind: "create-directory-database", ...rendered.directoryDatabase }];
}

interface ServiceFiles {
  service: StackService;
  revertsDrift: boolean;
  keptDrift: string[];
  hasNewCertificate: boolean;
}

function applyFilesSteps(
  rendered: RenderedStack,
  observed: ObservedState,
  { service, revertsDrift, keptDrift, hasNewCertificate }: ServiceFiles,
): readonly StepBody[] {
  const files = rendered.files.filter((file) => file.service === service);
  const writes = files.filter((file) => {
    const found = observed.files[file.path];
    if (found === undefined) return true;
    if (isAsRendered(file, found)) return false;
    if (revertsDrift || !isEditedByHand(found)) return true;
    keptDrift.push(file.path);
    return false;
  });
  const removes = obsoletePaths(rendered, observed, { service, revertsDrift, keptDrift });
  const readsCertificate = certificateReaders.includes(service) && (service !== "nginx" || files.length > 0);
  if (writes.length === 0 && removes.length === 0 && !(hasNewCertificate && readsCertificate)) return [];
  return [
    {
      kind: "apply-files",
      service,
      writes,
      removes,
      activation: activationOf(service, { rendered, observed, writes }),
    },
  ];
}

function isAsRendered(file: RenderedFile, found: ObservedFile): boolean {
  return (
    found.content === file.content &&
    found.owner === file.owner &&
    found.group === file.group &&
    found.mode === file.mode
  );
}

function isEditedByHand(found: ObservedFile): boolean {
  return found.lastAppliedDigest !== null && found.digest !== found.lastAppliedDigest;
}

/** Files that Mailstead wrote for this service once and that nothing renders any more. */
function obsoletePaths(
  rendered: RenderedStack,
  observed: ObservedState,
  { service, revertsDrift, keptDrift }: Omit<ServiceFiles, "hasNewCertificate">,
): readonly string[] {
  const renderedPaths = new Set(rendered.files.map((file) => file.path));
  return Object.entries(observed.files)
    .filter(
      ([path, found]) =>
        found.lastAppliedDigest !== null && !renderedPaths.has(path) && serviceOfPath(path) === service,
    )
    .filter(([path, found]) => {
      if (revertsDrift || !isEditedByHand(found)) return true;
      keptDrift.push(path);
      return false;
    })
    .map(([path]) => path);
}

// A file that is no longer rendered has no service of its own, so its folder tells who read it.
const serviceFolders: readonly (readonly [folder: string, service: StackService])[] = [
  ["/etc/postfix/", "postfix"],
  ["/etc/dovecot/", "dovecot"],
  ["/usr/local/lib/mailstead/", "dovecot"],
  ["/etc/rspamd/", "rspamd"],
  ["/etc/redis/", "redis"],
  ["/etc/fail2ban/", "fail2ban"],
  ["/etc/clamav/", "clamav"],
  ["/etc/nginx/", "nginx"],
  ["/etc/knot/", "knot"],
  ["/etc/unbound/", "resolver"],
];

function serviceOfPath(path: string): StackService {
  return serviceFolders.find(([folder]) => path.startsWith(folder))?.[1] ?? "system";
}

interface Activation {
  rendered: RenderedStack;
  observed: ObservedState;
  writes: readonly RenderedFile[];
}

function activationOf(
  service: StackService,
  { rendered, observed, writes }: Activation,
): "reload" | "restart" {
  if (service === "system") return "reload";
  const isRunning = rendered.units.some(
    ({ unit, service: owner }) => owner === service && observed.units[unit]?.isActive === true,
  );
  if (!isRunning) return "restart";
  if (cannotReload.includes(service)) return "restart";
  const needsRestart = writes.some((file) => hasNewStartSetting(file, observed.files[file.path]));
  return needsRestart ? "restart" : "reload";
}

const cannotReload: readonly StackService[] = ["redis", "postsrsd", "clamav", "resolver", "tls-policies"];

// Postfix, Dovecot and Knot bind their sockets when they start, and Postfix then gets its resolver; only these settings
// change that.
const startSettings =
  /^(?:(?:inet_protocols|inet_interfaces|listen|protocols|smtp_dns_support_level) = | {4}listen: ).*$/gm;

function hasNewStartSetting(file: RenderedFile, found: ObservedFile | undefined): boolean {
  const wanted = file.content.match(startSettings)?.join("\n") ?? "";
  return wanted !== "" && wanted !== (found?.content.match(startSettings)?.join("\n") ?? "");
}

/** Before its files go, which are what tells that the service was ours. */
function retireSteps({ retiredUnits }: RenderedStack, { units, files }: ObservedState): StepBody[] {
  const written = Object.keys(files).filter((path) => files[path]?.lastAppliedDigest !== null);
  const services = new Set(written.map(serviceOfPath));
  const ours = retiredUnits.filter(({ service }) => services.has(service));
  return ours.map(({ unit }) => unit).flatMap((unit) => maskStep(unit, units));
}

function maskSteps({ maskedUnits }: RenderedStack, { units }: ObservedState): StepBody[] {
  return maskedUnits.flatMap((unit) => maskStep(unit, units));
}

function maskStep(unit: string, units: ObservedState["units"]): StepBody[] {
  const isWanted = units[unit]?.isActive === true || units[unit]?.isEnabled === true;
  return isWanted ? [{ kind: "mask-unit", unit }] : [];
}

function unitSteps(
  rendered: RenderedStack,
  observed: ObservedState,
  isMeant: (service: StackService) => boolean,
): readonly StepBody[] {
  return rendered.units
    .filter(({ unit, service }) => {
      const found = observed.units[unit];
      return isMeant(service) && (!found?.isActive || !found.isEnabled);
    })
    .map(({ unit, service }) => ({ kind: "start-unit", unit, service }));
}

function toStep(body: StepBody): Step {
  const { id, title, weight } = describe(body);
  return { id: cutText(`${body.kind}:${id}`, stepIdLengthMax), title, weight, ...body };
}

// What a job's progress may carry. Only a DKIM key of a very long domain name comes near it.
const stepIdLengthMax = 200;

/** Weight is about the seconds that a step takes on a small host; the progress bar is made of it. */
function describe(body: StepBody): { id: string; title: string; weight: number } {
  switch (body.kind) {
    case "install-packages":
      return { id: "stack", title: `Install ${counted(body.packages, "package")}`, weight: 25 };
    case "create-system-user":
      return { id: body.name, title: `Create the account ${body.name}`, weight: 0.2 };
    case "create-folder":
      return { id: body.folder.path, title: `Create ${body.folder.path}`, weight: 0.05 };
    case "set-hostname":
      return { id: body.hostname, title: `Name the host ${body.hostname}`, weight: 0.1 };
    case "make-certificate":
      return { id: body.hostname, title: `Make a certificate for ${body.hostname}`, weight: 0.2 };
    case "make-tls-key":
      return { id: body.keyId, title: `Make a TLS key for ${namesTitle(body.names)}`, weight: 0.2 };
    case "install-certificates":
      return {
        id: "all",
        title: `Install ${
          body.certificates.length === 1
            ? `the certificate of ${namesTitle(body.certificates[0]?.names ?? [])}`
            : counted(body.certificates, "certificate")
        }`,
        weight: 1,
      };
    case "make-dkim-key":
      return {
        id: `${body.selector}.${body.domain}`,
        title: `Make the DKIM key ${body.selector} of ${body.domain}`,
        weight: 0.3,
      };
    case "destroy-dkim-key":
      return {
        id: `${body.selector}.${body.domain}`,
        title: `Destroy the ended DKIM key ${body.selector} of ${body.domain}`,
        weight: 0.1,
      };
    case "create-directory-database":
      return { id: body.path, title: "Create the mail directory", weight: 0.1 };
    case "mask-unit":
      return { id: body.unit, title: `Switch off ${serviceName(body.unit)}`, weight: 0.2 };
    case "apply-files":
      return { id: body.service, title: applyTitle(body), weight: 2 };
    case "start-unit":
      return { id: body.unit, title: `Start ${serviceName(body.unit)}`, weight: 1 };
  }
}

function namesTitle([first = "", ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${counted(others, "more name")}`;
}

function applyTitle(body: Extract<StepBody, { kind: "apply-files" }>): string {
  const counts = [
    body.writes.length > 0 ? `write ${counted(body.writes, "file")}` : "",
    body.removes.length > 0 ? `remove ${counted(body.removes, "file")}` : "",
  ].filter((part) => part !== "");
  const change = counts.length > 0 ? counts.join(", ") : "read the new certificate";
  const name = body.service === "system" ? "the host" : serviceName(body.service);
  return `Configure ${name}: ${change}`;
}

function counted(things: readonly unknown[], noun: string): string {
  return `${things.length} ${noun}${things.length === 1 ? "" : "s"}`;
}

import type { ObservedFile, ObservedState } from "./observed-state.ts";
import type { Step } from "./step.ts";

/** A host on which nothing of the stack is installed yet. */
export const emptyHost: ObservedState = {
  packages: {},
  systemUsers: [],
  folders: {},
  files: {},
  dkimKeyPaths: [],
  signingKeyPaths: [],
  tlsRequestPaths: [],
  certificateLinks: {},
  hasCertificate: false,
  certificateHostname: null,
  hasDirectoryDatabase: false,
  hostname: "debian",
  units: {},
};

/** A file that somebody else wrote. */
export const foreignFile: ObservedFile = {
  owner: "root",
  group: "root",
  mode: 0o644,
  content: "x",
  digest: "x",
  lastAppliedDigest: null,
};

/** The host that an executor of every step would leave behind. */
export function hostAfter(steps: readonly Step[], before: ObservedState): ObservedState {
  return steps.reduce(applied, before);
}

function applied(host: ObservedState, step: Step): ObservedState {
  switch (step.kind) {
    case "install-packages":
      return {
        ...host,
        packages: { ...host.packages, ...Object.fromEntries(step.packages.map((name) => [name, "1.0"])) },
      };
    case "create-system-user":
      return { ...host, systemUsers: [...host.systemUsers, step.name] };
    case "create-folder": {
      const { path, owner, group, mode } = step.folder;
      return { ...host, folders: { ...host.folders, [path]: { owner, group, mode } } };
    }
    case "set-hostname":
      return { ...host, hostname: step.hostname };
    case "make-certificate":
      return { ...host, hasCertificate: true, certificateHostname: step.hostname };
    case "make-tls-key":
      return { ...host, tlsRequestPaths: [...host.tlsRequestPaths, step.requestPath] };
    case "install-certificates": {
      const links = step.certificates.map(({ link, folder }) => [link, folder]);
      return { ...host, certificateLinks: { ...host.certificateLinks, ...Object.fromEntries(links) } };
    }
    case "destroy-dkim-key":
      return { ...host, dkimKeyPaths: host.dkimKeyPaths.filter((path) => path !== step.path) };
    case "make-dkim-key":
      return { ...host, dkimKeyPaths: [...host.dkimKeyPaths, step.path] };
    case "create-directory-database":
      return { ...host, hasDirectoryDatabase: true };
    case "apply-files":
      return { ...host, files: filesAfter(host.files, step) };
    case "mask-unit":
      return withUnit(host, step.unit, { isActive: false, isEnabled: false, isMasked: true });
    case "start-unit":
      return withUnit(host, step.unit, { isActive: true, isEnabled: true, isMasked: false });
  }
}

function filesAfter(
  files: ObservedState["files"],
  step: Extract<Step, { kind: "apply-files" }>,
): ObservedState["files"] {
  const next: Record<string, ObservedFile> = { ...files };
  for (const path of step.removes) delete next[path];
  for (const { path, owner, group, mode, content } of step.writes)
    next[path] = { owner, group, mode, content, digest: content, lastAppliedDigest: content };
  return next;
}

function withUnit(host: ObservedState, unit: string, state: ObservedState["units"][string]): ObservedState {
  return { ...host, units: { ...host.units, [unit]: state } };
}

/** How far a host has come on its way to serving mail. */
export type InstallStage = "new" | "running" | "unfinished" | "done";

/** Reads it from what a server's page knows. */
export function installStage(server: {
  isInstalling: boolean;
  appliedRevision: number;
  installRequestedAt: Date | null;
}): InstallStage {
  if (server.appliedRevision > 0) return "done";
  if (server.isInstalling) return "running";
  return server.installRequestedAt === null ? "new" : "unfinished";
}

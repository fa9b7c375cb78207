export { guessedPasswordPatterns } from "./host/fail2ban.ts";
export { resolverAddress, resolverUnit } from "./host/resolver.ts";
export { everyStackUnit, type StackUnit } from "./host/stack-units.ts";
export type { RenderHost } from "./host-settings.ts";
export { type ServedCertificates, servedCertificates } from "./installed-certificates.ts";
export { RenderError } from "./render-error.ts";
export { renderStack, stackPackages, virusScanPackages, webPackages } from "./render-stack.ts";
export { dkimKeyMapPath, type MappedDkimKey, readDkimKeyMap } from "./rspamd/dkim-key-map.ts";
export { certificatePaths, dkimKeyPath, mailUser, stackPaths } from "./stack-paths.ts";
export {
  type MtaStsStep,
  mtaStsModes,
  mtaStsStepProblem,
  servedMtaStsPolicy,
  webNamesOf,
} from "./web/index.ts";

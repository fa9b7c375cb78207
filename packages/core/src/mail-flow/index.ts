export type { RenderHost } from "./host-settings.ts";
export { RenderError } from "./render-error.ts";
export { renderStack, stackPackages, virusScanPackages } from "./render-stack.ts";
export { dkimKeyPath, mailUser, stackPaths } from "./stack-paths.ts";

export { makeSecretOpener, type SecretOpener, sealForWorker, storeSealingKey } from "./seal-for-worker.ts";
export { sealBox } from "./x25519-box.ts";

export { makeSecretOpener, type SecretOpener, sealForWorker, storeSealingKey } from "./seal-for-worker.ts";
export { openBox, sealBox } from "./x25519-box.ts";

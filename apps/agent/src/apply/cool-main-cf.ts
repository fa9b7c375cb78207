import { stat, utimes } from "node:fs/promises";

const mainCf = "/etc/postfix/main.cf";
// Beyond any second in which Postfix might call the file hot, whatever the two clocks' last digits are.
const coolAfterMs = 10_000;

/**
 * Dates a new main.cf back before it takes its place. Postfix reads one that was written within the last second again after
 * a pause, since somebody might still be writing it; ours comes whole. Postfix 3.10 forgets $config_directory in doing
 * so: an smtpd that starts in that second asks for tables that nobody has, dies, and master(8) keeps port 25 silent for a minute.
 */
export async function coolMainCf(path: string, writtenPath: string): Promise<void> {
  if (path !== mainCf) return;
  const { mtimeMs } = await stat(writtenPath);
  const at = (mtimeMs - coolAfterMs) / 1000;
  await utimes(writtenPath, at, at);
}

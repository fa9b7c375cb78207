/** How far the conversation had come when the other side refused: greeting, sender, recipient, or the message itself. */
export type SmtpStage = "greeting" | "sender" | "recipient" | "message";

const commands: readonly { readonly stage: SmtpStage; readonly pattern: RegExp }[] = [
  {
    stage: "message",
    pattern:
      /(?:in reply to (?:end of )?data|after (?:end of data|data|sending data)|(?:our|final) data\b|smtp command\s+data\b|\[data\]|>>> (?:data|\.|bdat))/i,
  },
  {
    stage: "recipient",
    pattern:
      /(?:in reply to rcpt|after rcpt|our rcpt to|smtp command\s+rcpt|\[rcpt_to\]|>>> rcpt|does not like recipient|smtp:rcpt|following rcpt|rejected recipient)/i,
  },
  {
    stage: "sender",
    pattern:
      /(?:in reply to mail|after mail from|our mail from|\[mail_from\]|>>> mail|does not like (?:my )?sender)/i,
  },
  {
    stage: "greeting",
    pattern:
      /(?:in reply to (?:ehlo|helo)|refused to talk to me|initial greeting|\[(?:connect|helo|ehlo)\])/i,
  },
];

/**
 * The command that a notice says was answered. A transcript holds several: the last before the first refusal counts.
 */
export function stageIn(words: string): SmtpStage | null {
  const refusal = /^\s{0,8}<<<\s[45]\d\d/m.exec(words);
  if (refusal !== null && words.includes(">>> ")) {
    const sent = [...words.slice(0, refusal.index).matchAll(/^\s{0,8}>>> [^\n]{0,200}/gm)].at(-1)?.[0] ?? "";
    return commands.find(({ pattern }) => pattern.test(sent))?.stage ?? null;
  }
  return commands.find(({ pattern }) => pattern.test(words))?.stage ?? null;
}

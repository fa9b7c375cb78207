/** A use case's name as a person reads it: `create-mailbox` is "Create mailbox". */
export function actionWords(action: string): string {
  const words = action
    .replaceAll("-", " ")
    .replace(/\bdkim\b/, "DKIM")
    .replace(/\bdns\b/, "DNS")
    .replace(/\bmta sts\b/, "MTA-STS");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

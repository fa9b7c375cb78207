/**
 * The SenderId of a customer's mail in Feedback-ID headers: the same on all its servers, another for each customer, and
 * no name of anybody. Google wants 5 to 15 characters.
 */
export function feedbackSenderId(tenantId: string): string {
  return `ms${tail(tenantId)}`;
}

/**
 * What the header says (a:b:c:SenderId, read from the right): the server, how the mail came in, that Mailstead set it, and
 * whose mail it is. Google tells the rate of complaints of each of them.
 */
export function feedbackIdOf({ serverId, senderId }: { serverId: string; senderId: string }): string {
  return `s${tail(serverId)}:submission:mailstead:${senderId}`;
}

/** The customer that an identifier of Google's is of; null when it is none of our SenderIds. */
export function senderIdOf(loopId: string): string | null {
  return /^ms[0-9a-f]{12}$/.test(loopId) ? loopId : null;
}

/** The last group of a UUID, which is chance alone in all versions that we make. */
function tail(id: string): string {
  return id.replaceAll("-", "").slice(-12);
}

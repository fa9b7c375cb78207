import type { ReplyRule } from "../../delivery/index.ts";

/** What is said of the recipient: there is no such mailbox, it is closed or full, or it does not want the message. */
export const recipientRules: readonly ReplyRule[] = [
  {
    id: "bounce-closed",
    category: "mailbox-disabled",
    text: /mailbox (?:is )?(?:frozen|blocked|closed|deactivated|not active)|disabled recipient|(?:account|user|mailbox) (?:\S+ ){0,3}(?:blocked|suspend|disabled|temporarily limited|deactivat|inactive|terminated|expired|closed|discontinued)|(?:disabled|inactive|suspended|deactivated|closed) (?:account|user|mailbox)|compte (?:\S+ ){0,3}(?:bloqu|ferm|suspend)|expirado por falta de uso|konto (?:\S+ ){0,3}(?:gesperrt|deaktiviert)/i,
    sample: "550 Mailbox is frozen.",
  },
  {
    id: "bounce-full",
    category: "mailbox-full",
    text: /(?:mailbox|account|folder|inbox|casilla|boite|postfach) (?:\S+ ){0,6}(?:full|agotado|pleine|voll|llena)|over the (?:maximum|allowed) (?:\S+ ){0,3}(?:storage|size)|no (?:more )?space left|storage (?:limit|exceeded)/i,
    sample: "Espacio en casilla de mail agotado.",
  },
  {
    id: "bounce-no-mailbox",
    category: "unknown-user",
    text: /no mailbox here by that name|address(?: couldn't be| was not| could not be) found|recipient (?:address )?rejected: unverified|not listed in (?:the )?(?:public|domino|address|name|directory)|recipient name is not recognized|no valid recipients?|invalid user address|(?:not|n't) (?:a |our )?(?:known|valid|registered|local|current) (?:user|customer|recipient|account|address|mailbox|e-?mail)|bad_?recipient|check if (?:the )?address is correct|no account by that name|(?:unknown|invalid|nonexistent|no such|bad) (?:\S+ )?(?:recipient|local|local-part|local part|user|address|account|mailbox|person|alias|e-?mail)|(?:recipient|user|address|account|mailbox|person|local part|alias)s? (?:\S+ ){0,8}(?:not exist|n't exist|not found|unknown|invalid|not recognized|not listed|no longer (?:here|available|exists|in use|active|valid|on server)|has (?:moved|changed|left))|does not have an? (?:\S+ )?account|(?:could|can) ?not be found|no (?:mailbox|user|person|account) (?:\S+ ){0,3}(?:by|with|of) th|n'existe pas|unbekannt|desconocid|inconnu|sconosciut|no existe|não existe|не существует|не найден|no longer with (?:us|the)|has moved|recipient (?:is )?undeliverable|unroutable|unrouteable|address changed/iu,
    sample: "Sorry, no mailbox here by that name.",
  },
  {
    id: "bounce-not-to-this-group",
    category: "policy",
    text: /groups\.google\.com|google[ -]?groups|(?:group|list) (?:\S+ ){0,12}(?:permission|not allowed|members? only|subscriber|moderat)|non-?member/i,
    sample: "You may not have permission to post messages to the group. https://groups.google.com/support/",
  },
];

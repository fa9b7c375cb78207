import type { ReplyRule } from "../reply-rule.ts";
import { anyOf } from "./any-of.ts";

/** What anybody says of the recipient: the mailbox is closed or full, does not exist, or does not want the message. */
export const recipientWords: readonly ReplyRule[] = [
  {
    id: "bounce-closed",
    category: "mailbox-disabled",
    text: anyOf(
      /mailbox (?:is )?(?:frozen|blocked|closed|deactivated|not active|locked)/,
      /(?:account|user|mailbox|recipient|domain|e-?mail address) (?:\S+ ){0,3}(?:blocked|suspend|disabled|retired|temporarily limited|deactivat|inactive|terminated|expired|closed|discontinued|locked|cancell?ed|not activ|on hold|removed)/,
      /(?:disabled|inactive|suspended|deactivated|closed|locked|expired|terminated|cancell?ed) (?:account|user|mailbox|recipient|domain)|suspend(?:ed|s)? the service|extended inactivity/,
      /(?:compte|bo[iî]te) (?:\S+ ){0,3}(?:bloqu|ferm|suspend|d[ée]sactiv)|cuenta (?:\S+ ){0,3}(?:desactiv|suspend|bloquead|cancelad)|expirado por falta de uso|konto (?:\S+ ){0,3}(?:gesperrt|deaktiviert)|(?:casella|account) (?:\S+ ){0,3}(?:disattivat|sospes|disabilitat)|conta (?:\S+ ){0,3}(?:desativad|suspens|inativ)/,
    ),
    sample: "550 Mailbox is frozen.",
  },
  {
    id: "bounce-full",
    category: "mailbox-full",
    text: anyOf(
      /(?:mailbox|account|folder|inbox|maildir) (?:\S+ ){0,6}full/,
      /(?:casilla|buz[oó]n|bo[iî]te|postfach|mailbox|casella|caixa|konto|postvak) (?:\S+ ){0,6}(?:agotado|pleine?|voll|llen[oa]|pien[ao]|chei[ao]|vol\b)/,
      /over the (?:maximum|allowed) (?:\S+ ){0,3}(?:storage|size)|storage (?:\S+ )?(?:limit|exceeded|full|allocation)|no (?:more )?(?:storage )?space(?: left)? (?:in|for) /,
    ),
    sample: "Espacio en casilla de mail agotado.",
  },
  {
    id: "bounce-no-mailbox",
    category: "unknown-user",
    text: anyOf(
      /(?:not|n't) have a (?:mailbox|account)|no (?:mailbox|account|user) (?:for|named|called) |no (?:mailbox|user|person|account|one) (?:\S+ ){0,3}(?:by|with|of|under|here) th|no mailbox here by that name|no account by that name/,
      /(?:find|found) (?:a |any |no |the )?(?:\S+ )?(?:mailbox|user|recipient|account|address) (?:with|by|named|called)|address(?: couldn't be| was not| could not be) found/,
      /user_?unknown|unknown_?user|no_?such_?user|recipient (?:address )?rejected: (?:unverified|undeliverable)|not listed in (?:the )?(?:public|domino|address|name|directory)|name is not recognized|no valid recipients?|user path no exist|user not (?:here|local)|not (?:our|a) customer/,
      /(?:not|n't) (?:a |an |our )?(?:known|valid|registered|local|current|existing|active) (?:\S+ )?(?:user|customer|recipient|account|address|mailbox|e-?mail)|bad_?recipient|check if (?:the )?address is correct/,
      /(?:unknown|invalid|non-?existent|no such|bad|illegal|undefined|wrong) (?:or \S+ )?(?:\S+ )?(?:recipient|local|local-part|local part|user|address|addressee|account|mailbox|person|alias|e-?mail)/,
      /(?:recipient|user|addressee|address|account|mailbox|person|local part|aliase?)s? (?:\S+ ){0,8}(?:not exist|n't exist|not (?:be )?(?:found|known|verified|recognized|listed|valid|local|located|identified|on this)|couldn't be|n't exist|doesn't exist|unknown|invalid|n't (?:be )?(?:found|known|valid)|is not here|no longer (?:here|available|exists?|in use|active|valid|on server|accept)|has (?:moved|changed|left)|cannot be verified|verification failed)/,
      /does ?n[o']t have an? (?:\S+ )?account|(?:could|can)(?:n't| ?not) be found|no longer (?:accepts? mail|works here|employed)/,
      /n'existe pas|inexist[ea]nt|(?:empf(?:ä|ae|a)nger|benutzer|adresse|postfach|mailbox) (?:\S+ ){0,4}(?:existiert nicht|unbekannt|nicht (?:gefunden|bekannt|vorhanden))|unbekannt|desconocid|desconhecid|inconnue?|sconosciut|no existe|não existe|non esiste|bestaat niet|onbekend|nie istnieje|не существует|не найден|不存在|存在しません/,
      /no longer with (?:us|the)|has moved|recipient (?:is )?undeliverable|unroutable|unrouteable|address changed|mail receiving disabled/,
    ),
    sample: "Sorry, no mailbox here by that name.",
  },
  {
    id: "bounce-not-to-this-group",
    category: "policy",
    text: anyOf(
      /groups\.google\.com|google[ -]?groups|(?:group|list) (?:\S+ ){0,12}(?:permission|not allowed|members? only|subscriber|moderat)|non-?member/,
      /closed (?:mailing )?list|(?:not (?:allowed|authorized|permitted)|permission) to (?:post|send) to (?:this|the) (?:group|list|mailing)/,
    ),
    sample: "You may not have permission to post messages to the group. https://groups.google.com/support/",
  },
];

import type { HostSettings } from "../host-settings.ts";

/**
 * Google reads one Feedback-ID, so ours goes where the sender brought another. Postfix has set it on all submitted mail
 * before, because Rspamd signs only headers that a message has when it comes.
 */
export function feedbackIdLua({ feedbackId }: HostSettings): string {
  if (feedbackId === null) return "";
  return `
local lua_mime = require "lua_mime"

rspamd_config:register_symbol({
  name = "MAILSTEAD_FEEDBACK_ID",
  type = "prefilter",
  priority = 9,
  callback = function(task)
    local headers = task:get_user() and task:get_header_full("Feedback-ID")
    if not headers or #headers < 2 then
      return
    end
    for index, header in ipairs(headers) do
      if header.value == "${feedbackId}" then
        lua_mime.modify_headers(task, { remove = { ["Feedback-ID"] = index } })
        return
      end
    end
  end,
})
`;
}

/**
 * Rspamd's own list of headers to sign, with Feedback-ID at its end: o is signed once more than it is there, so that
 * nobody adds one; x the same where there is one at all.
 */
const signedHeaders = [
  "(o)from",
  "(x)sender",
  "(o)reply-to",
  "(o)subject",
  "(x)date",
  "(x)message-id",
  "(o)to",
  "(o)cc",
  "(x)mime-version",
  "(x)content-type",
  "(x)content-transfer-encoding",
  "resent-to",
  "resent-cc",
  "resent-from",
  "resent-sender",
  "resent-message-id",
  "(x)in-reply-to",
  "(x)references",
  "list-id",
  "list-help",
  "list-owner",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "list-subscribe",
  "list-post",
  "(x)openpgp",
  "(x)autocrypt",
  "(x)feedback-id",
];

/** Has the signature cover the header, without which Google does not count by it. */
export function feedbackIdSigning({ feedbackId }: HostSettings): string {
  return feedbackId === null ? "" : `sign_headers = "${signedHeaders.join(":")}";\n`;
}
